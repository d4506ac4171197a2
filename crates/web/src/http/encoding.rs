//! Compressed bodies (RFC 9110 §8.4): decoded within the limit of plain ones.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::StatusCode;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};

use super::error::{ApiError, ApiResult};

/// More layers than anybody needs; each costs as much work as the limit allows.
const MOST_LAYERS: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// How a body was encoded, in the order in which that was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Codings(Vec<Coding>);

impl Codings {
    /// What the headers say.
    ///
    /// # Errors
    /// 415 with `Accept-Encoding` for a coding that is not understood here, or too many.
    pub fn of(headers: &HeaderMap) -> ApiResult<Self> {
        let mut codings = Vec::new();
        let values = headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes);
        for name in values.flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii) {
            match name.to_ascii_lowercase().as_slice() {
                b"" | b"identity" => continue,
                b"gzip" | b"x-gzip" => codings.push(Coding::Gzip),
                b"deflate" => codings.push(Coding::Deflate),
                _ => return Err(unsupported()),
            }
            if codings.len() > MOST_LAYERS {
                return Err(unsupported());
            }
        }
        Ok(Self(codings))
    }

    /// The body as it was before it was encoded. An empty one stays empty.
    ///
    /// # Errors
    /// 413 as soon as it or a layer of it is larger than `limit` bytes, 400 when it is not what it says.
    pub fn decode(&self, body: Bytes, limit: usize) -> ApiResult<Bytes> {
        if body.is_empty() {
            return Ok(body);
        }
        self.0.iter().rev().try_fold(body, |body, coding| coding.decode(&body, limit))
    }
}

impl Coding {
    fn decode(self, body: &[u8], limit: usize) -> ApiResult<Bytes> {
        match self {
            Self::Gzip => read(MultiGzDecoder::new(body), limit),
            // The standard asks for zlib's wrapping, and some send it without.
            Self::Deflate if is_zlib(body) => read(ZlibDecoder::new(body), limit),
            Self::Deflate => read(DeflateDecoder::new(body), limit),
        }
    }
}

fn read(decoder: impl Read, limit: usize) -> ApiResult<Bytes> {
    let mut decoded = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(most).read_to_end(&mut decoded).map_err(|_| ApiError::unreadable_body())?;
    if decoded.len() > limit { Err(ApiError::too_large(limit)) } else { Ok(decoded.into()) }
}

/// The header of RFC 1950: the method, and a check over both bytes.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

fn unsupported() -> ApiError {
    ApiError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        .with_header(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"name\": \"x\"}";

    fn codings(values: &[&'static str]) -> ApiResult<Codings> {
        let headers = values.iter().map(|value| (CONTENT_ENCODING, HeaderValue::from_static(value))).collect();
        Codings::of(&headers)
    }

    fn decoded(coding: &'static str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, u16> {
        let decoded = codings(&[coding]).and_then(|codings| codings.decode(body.into(), limit));
        decoded.map(|bytes| bytes.to_vec()).map_err(|error| error.status_code().as_u16())
    }

    macro_rules! encode {
        ($encoder:ident, $body:expr) => {{
            let mut encoder = $encoder::new(Vec::new(), Compression::best());
            encoder.write_all($body).unwrap();
            encoder.finish().unwrap()
        }};
    }

    #[test]
    fn each_coding_gives_the_body_back() {
        for (coding, body) in [
            ("gzip", encode!(GzEncoder, TEXT)),
            ("X-GZip", encode!(GzEncoder, TEXT)),
            ("deflate", encode!(ZlibEncoder, TEXT)),
            ("deflate", encode!(DeflateEncoder, TEXT)),
            ("identity", TEXT.to_vec()),
            (" , ", TEXT.to_vec()),
            ("deflate, gzip", encode!(GzEncoder, &encode!(ZlibEncoder, TEXT))),
        ] {
            assert_eq!(decoded(coding, body, 100), Ok(TEXT.to_vec()), "{coding}");
        }
        assert_eq!(decoded("gzip", Vec::new(), 100), Ok(Vec::new()));
    }

    #[test]
    fn several_lines_are_one_list() {
        assert_eq!(codings(&["gzip", "deflate"]).unwrap(), Codings(vec![Coding::Gzip, Coding::Deflate]));
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = encode!(GzEncoder, &vec![0; 10_000_000]);
        assert!(bomb.len() < 20_000);
        assert_eq!(decoded("gzip", bomb.clone(), 1_000_000), Err(413));
        assert_eq!(decoded("gzip, gzip", encode!(GzEncoder, &bomb), 1_000_000), Err(413));
        assert_eq!(decoded("gzip", encode!(GzEncoder, &[0; 100]), 100).map(|body| body.len()), Ok(100));
    }

    #[test]
    fn what_is_not_encoded_so_is_unreadable() {
        let mut cut = encode!(GzEncoder, TEXT);
        cut.pop();
        for (coding, body) in [("gzip", TEXT.to_vec()), ("gzip", cut), ("deflate", b"\xff\xff\xff".to_vec())] {
            assert_eq!(decoded(coding, body, 100), Err(400));
        }
    }

    #[test]
    fn unknown_codings_are_refused_with_those_that_are_known() {
        for unknown in ["br", "gzip, br", "gzip, gzip, gzip"] {
            let mut headers = HeaderMap::new();
            let mut error = codings(&[unknown]).unwrap_err();
            error.add_headers(&mut headers);
            assert_eq!(
                (error.status_code().as_u16(), &headers[ACCEPT_ENCODING]),
                (415, &"gzip, deflate".parse().unwrap())
            );
        }
    }
}
