//! What a request asks for.

use anyhow::Result;
use http::HeaderMap;
use http_body_util::BodyExt;
use spin_sdk::http::Request;

/// A request in parts that are easy to use.
pub struct Call {
    /// The path under the route's prefix.
    pub path: String,
    /// The query's names and values, as they were sent.
    pub query: Vec<(String, String)>,
    /// The method, the URI and all headers, one a line.
    pub head: String,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Call {
    /// Reads the whole request.
    pub async fn read(request: Request) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut head = format!("{} {}\n", parts.method, parts.uri);
        for (name, value) in &parts.headers {
            head.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        // Routes of one segment only lead here.
        let path = parts.uri.path();
        let path = ["/other", "/one", "/two", "/three"].iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or(path);
        let path = path.to_owned();
        let query = parts.uri.query().unwrap_or_default().split('&');
        let query = query
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Self { path, query, head, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() })
    }
}
