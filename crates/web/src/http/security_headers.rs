//! The configurable security headers of every response.

use http::header::{HeaderMap, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};

use mission_control_platform::settings::Settings;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Adds the configured security headers; one that the handler already set stays as it is.
pub fn apply(settings: &Settings, headers: &mut HeaderMap) {
    let configured = [
        (X_CONTENT_TYPE_OPTIONS, &settings.security_header_x_content_type_options),
        (X_FRAME_OPTIONS, &settings.security_header_x_frame_options),
        (REFERRER_POLICY, &settings.security_header_referrer_policy),
        (PERMISSIONS_POLICY, &settings.security_header_permissions_policy),
    ];
    for (name, value) in configured {
        if let Some(value) = value {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &'static str, value: &'static str) -> Settings {
        Settings::from_lookup(&|asked| {
            let text = match asked {
                "auth_mode" => "clerk",
                "clerk_secret_key" => "key",
                "base_url" => "http://localhost",
                _ if asked == name => value,
                _ => return None,
            };
            Some(text.to_owned())
        })
        .unwrap()
    }

    fn applied(settings: &Settings) -> HeaderMap {
        let mut headers = HeaderMap::new();
        apply(settings, &mut headers);
        headers
    }

    #[test]
    fn defaults_send_three_headers() {
        let headers = applied(&settings("", ""));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["referrer-policy"], "strict-origin-when-cross-origin");
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn off_disables_and_a_value_enables() {
        assert!(!applied(&settings("security_header_x_frame_options", "off")).contains_key("x-frame-options"));
        let headers = applied(&settings("security_header_permissions_policy", " camera=() "));
        assert_eq!(headers["permissions-policy"], "camera=()");
    }

    #[test]
    fn a_header_of_the_handler_stays() {
        let mut headers = HeaderMap::new();
        headers.insert("x-frame-options", "SAMEORIGIN".parse().unwrap());
        apply(&settings("", ""), &mut headers);
        assert_eq!(headers.get_all("x-frame-options").iter().collect::<Vec<_>>(), ["SAMEORIGIN"]);
    }
}
