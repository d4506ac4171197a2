//! The identifier that names a request in headers, error bodies and logs.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// Header of the identifier, in requests and responses.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest identifier taken from a client, in bytes after trimming.
const MAX_BYTES: usize = 128;

/// The client's identifier if it is usable, else a new random one: 32 lower-case hex digits.
///
/// Usable is the first `X-Request-Id` header, trimmed, of 1 to 128 visible ASCII characters with spaces allowed
/// between them: it comes back in headers, bodies and logs, so nothing longer or stranger may pass.
pub fn from_headers(headers: &HeaderMap) -> String {
    headers.get(X_REQUEST_ID).and_then(usable).unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string())
}

/// Adds the identifier to a response unless the handler already set one.
pub fn apply(request_id: &str, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.entry(X_REQUEST_ID).or_insert(value);
    }
}

fn usable(value: &HeaderValue) -> Option<String> {
    let text = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    let visible = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (visible && (1..=MAX_BYTES).contains(&text.len())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("X-Request-Id", HeaderValue::from_bytes(value).unwrap());
        }
        from_headers(&headers)
    }

    fn is_generated(id: &str) -> bool {
        id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }

    #[test]
    fn a_visible_id_is_taken_and_trimmed() {
        assert_eq!(given(&[b"  abc "]), "abc");
        assert_eq!(given(&[br#"spaced id; x="1""#]), r#"spaced id; x="1""#);
        assert_eq!(given(&[b"first", b"second"]), "first");
        assert_eq!(given(&[&[b'r'; 128]]).len(), 128);
    }

    #[test]
    fn anything_else_is_replaced() {
        for value in [&b""[..], b"   ", &[b'r'; 129], b"a\tb", b"caf\xe9", "café".as_bytes()] {
            assert!(is_generated(&given(&[value])), "{value:?}");
        }
        assert!(is_generated(&given(&[])));
        assert!(is_generated(&given(&[b"  ", b"second"])));
        assert_ne!(given(&[]), given(&[]));
    }

    #[test]
    fn responses_carry_exactly_one() {
        let mut headers = HeaderMap::new();
        apply("abc", &mut headers);
        apply("other", &mut headers);
        assert_eq!(headers.get_all("x-request-id").iter().collect::<Vec<_>>(), ["abc"]);
    }
}
