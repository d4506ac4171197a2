//! Server-sent events (WHATWG HTML §9.2): bounded life, a heartbeat comment, frames as the original wrote them.
//!
//! [`follow`] streams a [`Feed`]: rows in the order in which they appeared, looked for once an interval for all streams
//! of an instance that follow the same thing. Nothing is read for a client before it took what was sent to it.

mod admission;
mod feed;
mod pace;
mod topic;

pub use feed::Feed;
pub use topic::Item;

use std::collections::VecDeque;
use std::time::Duration;

use admission::Admission;
use bytes::{Bytes, BytesMut};
use feed::Follower;
use futures::stream;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use serde::Serialize;

use crate::http::{ApiResult, Cx, Extract, Raw, ResponseBody as Body, with_type};
use crate::schema::json::to_ascii_json;
use mission_control_platform::time::Timestamp;

/// Between two comments that keep proxies from closing an idle stream.
const PING: Duration = Duration::from_secs(15);

/// The host holds the headers back until the first piece of the body: an empty comment tells a client at once that it
/// is connected.
const OPENING: Bytes = Bytes::from_static(b":\r\n\r\n");

/// The most that is sent at once, in bytes: as much waits in memory for each client.
const CHUNK_BYTES: usize = 64 * 1024;

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
/// in, lets them in again. Every end cuts the connection: clients come back then, and some do not after a proper end.
///
/// # Errors
/// 503 when the caller has too many streams open.
pub async fn follow<G: Extract + 'static>(cx: &Cx, feed: Feed) -> ApiResult<Raw> {
    let admission = Admission::of(cx).await?;
    let now = Timestamp::now();
    let running = Running {
        follower: Follower::<G>::new(cx, feed, now),
        admission,
        waiting: VecDeque::new(),
        begun: false,
        pinged: now,
        end: now.plus(Duration::from_secs(cx.settings.sse_max_seconds.into())),
    };
    let chunks =
        stream::unfold(running, |mut running| async move { running.next().await.map(|chunk| (chunk, running)) });
    let mut response = with_type(StatusCode::OK, "text/event-stream; charset=utf-8", Body::Stream(Box::pin(chunks)));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(Raw(response))
}

/// How far a stream is in its life.
struct Running<G> {
    follower: Follower<G>,
    admission: Admission,
    /// Frames, or rests of them, that the client has yet to take.
    waiting: VecDeque<Bytes>,
    /// Something was sent.
    begun: bool,
    pinged: Timestamp,
    end: Timestamp,
}

impl<G: Extract + 'static> Running<G> {
    /// The next piece of the stream, as soon as there is one; `None` at its end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let now = Timestamp::now();
            self.admission.prolong().await;
            if let Some(chunk) = take_chunk(&mut self.waiting) {
                self.begun = true;
                self.pinged = now;
                return Some(chunk);
            }
            if now >= self.end || !self.follower.goes_on(now).await {
                return None;
            }
            self.waiting.extend(self.follower.take(now).iter().map(|item| Bytes::clone(&item.frame)));
            if !self.waiting.is_empty() {
                continue;
            }
            if !std::mem::replace(&mut self.begun, true) {
                return Some(OPENING);
            }
            let ping_due = self.pinged.plus(PING);
            if now >= ping_due {
                self.pinged = now;
                return Some(format!(": ping - {now}+00:00\r\n\r\n").into());
            }
            let wake = self.follower.due().min(ping_due).min(self.end);
            sleep(wake.since(now)).await;
        }
    }
}

/// As many of the frames as fit into a chunk, or as much of the first; `None` when there are none.
fn take_chunk(waiting: &mut VecDeque<Bytes>) -> Option<Bytes> {
    let mut first = waiting.pop_front()?;
    if first.len() > CHUNK_BYTES {
        let chunk = first.split_to(CHUNK_BYTES);
        waiting.push_front(first);
        return Some(chunk);
    }
    let mut chunk = BytesMut::from(first);
    while let Some(next) = waiting.pop_front_if(|next| chunk.len() + next.len() <= CHUNK_BYTES) {
        chunk.extend_from_slice(&next);
    }
    Some(chunk.freeze())
}

#[cfg(target_arch = "wasm32")]
use spin_sdk::time::sleep;

/// Native builds describe the routes; they serve none.
#[cfg(not(target_arch = "wasm32"))]
async fn sleep(duration: Duration) {
    std::thread::sleep(duration);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_join_short_frames_and_part_long_ones() {
        let frame = |length: usize| Bytes::from(vec![b'x'; length]);
        let mut waiting = VecDeque::from([100, 200, CHUNK_BYTES, 2 * CHUNK_BYTES + 1, 5].map(frame));
        let mut lengths = Vec::new();
        while let Some(chunk) = take_chunk(&mut waiting) {
            lengths.push(chunk.len());
        }
        assert_eq!(lengths, [300, CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES, 6]);
    }
}
