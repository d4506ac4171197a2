//! Server-sent events (WHATWG HTML §9.2): bounded life, a heartbeat comment, frames as the original wrote them.
//!
//! [`follow`] streams a [`Feed`]: rows in the order in which they appeared, looked for once an interval for all streams
//! of an instance that follow the same thing.

mod feed;
mod topic;

pub use feed::Feed;
pub use topic::Item;

use std::time::Duration;

use bytes::Bytes;
use feed::Follower;
use futures::stream;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use serde::Serialize;

use crate::http::{Cx, Extract, Raw, ResponseBody as Body, with_type};
use crate::schema::json::to_ascii_json;
use mission_control_platform::time::Timestamp;

/// Between two comments that keep proxies from closing an idle stream.
const PING: Duration = Duration::from_secs(15);

/// The host holds the headers back until the first piece of the body: an empty comment tells a client at once that it
/// is connected.
const OPENING: &str = ":\r\n\r\n";

/// One event: its id lets a client continue after it with `Last-Event-ID`.
#[derive(Debug)]
pub struct Event {
    /// The event's name.
    pub name: &'static str,
    /// Where to continue after this event.
    pub id: String,
    /// The data, one line of JSON.
    pub data: String,
}

impl Event {
    /// An event whose data is this value as JSON.
    pub fn new(name: &'static str, id: impl Into<String>, data: &impl Serialize) -> Self {
        let data = serde_json::to_value(data).map(|value| to_ascii_json(&value, None)).unwrap_or_default();
        Self { name, id: id.into(), data }
    }

    fn frame(&self) -> String {
        format!("event: {}\r\ndata: {}\r\nid: {}\r\n\r\n", self.name, self.data, self.id)
    }
}

/// Streams a feed until the settings' life time is over, for as long as the guard `G`, the extractor that let the caller
/// in, lets them in again.
pub fn follow<G: Extract + 'static>(cx: &Cx, feed: Feed) -> Raw {
    let now = Timestamp::now();
    let end = now.plus(Duration::from_secs(cx.settings.sse_max_seconds.into()));
    let running = Running { follower: Follower::<G>::new(cx, feed, now), begun: false, pinged: now, end };
    let chunks = stream::unfold(running, |mut running| async move {
        running.next().await.map(|chunk| (Bytes::from(chunk), running))
    });
    let mut response = with_type(StatusCode::OK, "text/event-stream; charset=utf-8", Body::Stream(Box::pin(chunks)));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Raw(response)
}

/// How far a stream is in its life.
struct Running<G> {
    follower: Follower<G>,
    /// Something was sent.
    begun: bool,
    pinged: Timestamp,
    end: Timestamp,
}

impl<G: Extract + 'static> Running<G> {
    /// The next piece of the stream, as soon as there is one; `None` at its end.
    async fn next(&mut self) -> Option<String> {
        loop {
            let now = Timestamp::now();
            if now >= self.end || !self.follower.goes_on(now).await {
                return None;
            }
            let frames = self.follower.take(now);
            if !frames.is_empty() {
                self.begun = true;
                self.pinged = now;
                return Some(frames);
            }
            if !std::mem::replace(&mut self.begun, true) {
                return Some(OPENING.to_owned());
            }
            let ping_due = self.pinged.plus(PING);
            if now >= ping_due {
                self.pinged = now;
                return Some(format!(": ping - {now}+00:00\r\n\r\n"));
            }
            let wake = self.follower.due().min(ping_due).min(self.end);
            sleep(wake.since(now)).await;
        }
    }
}

#[cfg(target_arch = "wasm32")]
use spin_sdk::time::sleep;

/// Native builds describe the routes; they serve none.
#[cfg(not(target_arch = "wasm32"))]
async fn sleep(duration: Duration) {
    std::thread::sleep(duration);
}
