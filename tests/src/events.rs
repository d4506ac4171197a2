//! Reading an event stream, one event at a time.

use std::io::{BufRead, BufReader};

use serde_json::Value;
use ureq::{Body, BodyReader};

use crate::transcript::{Transcript, head};

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The field `event`; empty when there is none.
    pub event: String,
    /// The field `id`; empty when there is none.
    pub id: String,
    /// The field `data`, its lines joined with line ends.
    pub data: String,
}

impl Event {
    /// The data as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.data))
    }
}

/// An open event stream. As an iterator it waits for the next event and ends with the stream; comments are left out.
pub struct Events {
    reader: BufReader<BodyReader<'static>>,
    request: String,
    transcript: Transcript,
}

impl Events {
    pub(crate) fn new(path: &str, response: http::Response<Body>, transcript: Transcript) -> Self {
        transcript.answered(&format!("GET {path}"), &head(response.status(), response.headers()), "");
        let request = format!("GET {path} (events)");
        Self { reader: BufReader::new(response.into_body().into_reader()), request, transcript }
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let (mut event, mut data) =
            (Event { event: String::new(), id: String::new(), data: String::new() }, Vec::new());
        let mut is_empty = true;
        loop {
            let mut line = String::new();
            // Streams end by a cut of the connection.
            if self.reader.read_line(&mut line).unwrap_or_default() == 0 {
                return None;
            }
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() && !is_empty {
                event.data = data.join("\n");
                self.transcript.heard(&self.request, &event.id, &event.data);
                return Some(event);
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match name {
                "event" => event.event = value,
                "id" => event.id = value,
                "data" => data.push(value),
                _ => continue,
            }
            is_empty = false;
        }
    }
}
