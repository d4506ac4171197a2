//! One stream of a feed: what it has missed comes from the database, what is new from the topic that it shares.

use std::cell::RefCell;
use std::collections::HashSet;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::Duration;

use super::pace::Pace;
use super::topic::{Item, Read, Topic};
use crate::http::{Cx, Extract};
use crate::schema::Faults;
use mission_control_platform::db::{DbError, Position};
use mission_control_platform::telemetry;
use mission_control_platform::time::Timestamp;

/// How often the caller's right to listen is checked again.
const CHECK: Duration = Duration::from_secs(60);

/// What is streamed, and from where on.
pub struct Feed {
    topic: String,
    start: Position,
    read: Box<Read>,
}

impl Feed {
    /// A feed of the rows that `read` gives: those behind a position, oldest first, at most as many as asked for. It may
    /// give fewer, but none only if there are none.
    /// Streams of the same `topic` in an instance share their looks at the database, so the topic must name everything
    /// that `read` depends on, and nothing else.
    ///
    /// The feed starts behind the request's `Last-Event-ID`, else at `since` (ISO 8601), else now.
    pub fn new(
        cx: &Cx,
        topic: String,
        since: Option<&str>,
        read: impl Fn(Position, i64) -> Result<Vec<Item>, DbError> + 'static,
    ) -> Self {
        Self { topic, start: start(cx.header("last-event-id"), since, Timestamp::now()), read: Box::new(read) }
    }
}

fn start(last_event_id: Option<&str>, since: Option<&str>, now: Timestamp) -> Position {
    last_event_id.and_then(|id| Position::parse(id.trim())).unwrap_or_else(|| {
        Position::before(since.and_then(|since| Timestamp::parse_iso(since.trim()).ok()).unwrap_or(now))
    })
}

/// One stream's place in its feed.
pub(super) struct Follower<G> {
    cx: Cx,
    topic: Rc<RefCell<Topic>>,
    read: Box<Read>,
    interval: Duration,
    start: Position,
    last: Position,
    /// What was sent from the database and may still come from the topic.
    sent: HashSet<Position>,
    state: State,
    pace: Pace,
    retry: Timestamp,
    checked: Timestamp,
    guard: PhantomData<G>,
}

/// The next item to take from the topic, and whether the database must be asked first.
#[derive(Clone, Copy)]
enum State {
    Begins,
    CatchesUp(u64),
    Live(u64),
}

impl<G: Extract> Follower<G> {
    pub(super) fn new(cx: &Cx, feed: Feed, now: Timestamp) -> Self {
        Self {
            cx: cx.clone(),
            topic: Topic::shared(&feed.topic, now),
            read: feed.read,
            interval: Duration::from_millis(cx.settings.sse_poll_ms.into()),
            start: feed.start,
            last: feed.start,
            sent: HashSet::new(),
            state: State::Begins,
            pace: Pace::default(),
            retry: now,
            checked: now,
            guard: PhantomData,
        }
    }

    /// The items that there are now; none when there is nothing to tell.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<Rc<Item>> {
        if now < self.retry {
            return Vec::new();
        }
        self.read(now).unwrap_or_else(|error| {
            self.retry = now.plus(self.interval);
            telemetry::failure(&self.cx.request_id, &self.cx.path, &error.to_string());
            Vec::new()
        })
    }

    /// When to take again.
    pub(super) fn due(&self) -> Timestamp {
        match self.state {
            State::Begins | State::CatchesUp(_) => self.retry,
            State::Live(_) => self.topic.borrow().due(),
        }
    }

    /// Whether the caller may still listen; asked of the guard again from time to time.
    pub(super) async fn goes_on(&mut self, now: Timestamp) -> bool {
        if now.since(self.checked) < CHECK {
            return true;
        }
        self.checked = now;
        match G::extract(&self.cx, &mut Faults::default()).await {
            Ok(guard) => guard.is_some(),
            // Our own trouble is no reason to send the caller away.
            Err(error) => error.status_code().is_server_error(),
        }
    }

    fn read(&mut self, now: Timestamp) -> Result<Vec<Rc<Item>>, DbError> {
        match self.state {
            State::Begins => {
                let next = self.topic.borrow().end();
                self.catch_up(next)
            }
            State::CatchesUp(next) => self.catch_up(next),
            State::Live(next) => self.listen(now, next),
        }
    }

    /// The next rows from the database. The topic's number was taken before the first of them, so nothing falls
    /// between the two; what comes from both is told apart by `sent`.
    fn catch_up(&mut self, next: u64) -> Result<Vec<Rc<Item>>, DbError> {
        let items = (self.read)(self.last, self.pace.rows())?;
        self.pace.read(&items);
        self.state = if items.is_empty() { State::Live(next) } else { State::CatchesUp(next) };
        let horizon = self.topic.borrow().horizon();
        self.sent.extend(items.iter().map(|item| item.position).filter(|position| position.at >= horizon));
        self.last = items.last().map_or(self.last, |item| item.position);
        Ok(items.into_iter().map(Rc::new).collect())
    }

    fn listen(&mut self, now: Timestamp, next: u64) -> Result<Vec<Rc<Item>>, DbError> {
        let mut topic = self.topic.borrow_mut();
        topic.refresh(now, self.interval, &*self.read)?;
        let Some(mut items) = topic.since(next) else {
            self.state = State::CatchesUp(topic.end());
            return Ok(Vec::new());
        };
        self.state = State::Live(topic.end());
        items.retain(|item| item.position > self.start && !self.sent.contains(&item.position));
        let horizon = topic.horizon();
        self.sent.retain(|position| position.at >= horizon);
        self.last = items.iter().map(|item| item.position).fold(self.last, Position::max);
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_starts_behind_the_last_event_else_at_since_else_now() {
        let now = Timestamp::from_micros(1_000_000).unwrap();
        let position = Position { at: Timestamp::from_micros(5).unwrap(), id: uuid::Uuid::from_u128(7) };
        assert_eq!(start(Some(&position.to_string()), Some("2020-01-01"), now), position);
        let since = Timestamp::parse_iso("2020-01-01T10:00:00+02:00").unwrap();
        assert_eq!(start(Some("41"), Some("2020-01-01T10:00:00+02:00"), now), Position::before(since));
        assert_eq!(start(None, Some("yesterday"), now), Position::before(now));
        assert_eq!(start(None, Some(" "), now), Position::before(now));
    }
}
