//! What all streams of one thing share within an instance: one look at the database an interval, and what it found.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::{Rc, Weak};
use std::time::Duration;

use bytes::Bytes;

use super::Event;
use super::pace::Pace;
use mission_control_platform::db::{DbError, Position};
use mission_control_platform::time::Timestamp;

/// Rows become visible when their transaction commits, so a row may appear behind a newer one. Looking this far back
/// finds it.
const OVERLAP: Duration = Duration::from_secs(10);

/// Items kept for streams that are late; a stream that is later still reads for itself.
const KEPT: usize = 256;

/// What the kept items may weigh, in bytes.
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// A row of a feed as an event.
#[derive(Debug)]
pub struct Item {
    /// Where the row is in the feed.
    pub position: Position,
    /// What is streamed, ready to be sent: all streams share it.
    pub(super) frame: Bytes,
}

impl Item {
    /// The row at this position as an event of this name.
    pub fn new(name: &'static str, position: Position, data: &impl serde::Serialize) -> Self {
        Self { position, frame: Event::new(name, position.to_string(), data).frame().into() }
    }
}

/// Reads the rows behind a position, oldest first, at most as many as asked for, and none only if there are none.
pub(super) type Read = dyn Fn(Position, i64) -> Result<Vec<Item>, DbError>;

/// The shared part of all streams of one topic.
pub(super) struct Topic {
    /// When the database was last looked at without a failure.
    looked: Timestamp,
    due: Timestamp,
    /// What the last looks found within the overlap.
    found: HashSet<Position>,
    /// The latest items, in the order in which they were found.
    log: VecDeque<Rc<Item>>,
    /// What the items in `log` weigh together, in bytes.
    weight: usize,
    pace: Pace,
    /// The number of the first item in `log`, counted from the topic's beginning.
    first: u64,
}

thread_local! {
    static TOPICS: RefCell<HashMap<String, Weak<RefCell<Topic>>>> = RefCell::default();
}

impl Topic {
    /// The instance's topic of this name; it lives for as long as somebody follows it.
    pub(super) fn shared(name: &str, now: Timestamp) -> Rc<RefCell<Self>> {
        TOPICS.with_borrow_mut(|topics| {
            if let Some(topic) = topics.get(name).and_then(Weak::upgrade) {
                return topic;
            }
            topics.retain(|_, topic| topic.strong_count() > 0);
            let topic = Rc::new(RefCell::new(Self::new(now)));
            topics.insert(name.to_owned(), Rc::downgrade(&topic));
            topic
        })
    }

    fn new(now: Timestamp) -> Self {
        Self {
            looked: now,
            due: now,
            found: HashSet::new(),
            log: VecDeque::new(),
            weight: 0,
            pace: Pace::default(),
            first: 0,
        }
    }

    /// When the next look is due.
    pub(super) fn due(&self) -> Timestamp {
        self.due
    }

    /// Nothing before this moment is found any more.
    pub(super) fn horizon(&self) -> Timestamp {
        self.looked.minus(OVERLAP)
    }

    /// The number that the next item gets.
    pub(super) fn end(&self) -> u64 {
        self.first + self.log.len() as u64
    }

    /// The items from this number on; `None` when some of them are no longer kept.
    pub(super) fn since(&self, number: u64) -> Option<Vec<Rc<Item>>> {
        let skipped = usize::try_from(number.checked_sub(self.first)?).ok()?;
        Some(self.log.iter().skip(skipped).cloned().collect())
    }

    /// Looks for new items if that is due.
    ///
    /// # Errors
    /// A database failure; the next look makes up for it.
    pub(super) fn refresh(&mut self, now: Timestamp, interval: Duration, read: &Read) -> Result<(), DbError> {
        if now < self.due {
            return Ok(());
        }
        self.due = now.plus(interval);
        let mut position = Position::before(self.horizon());
        loop {
            let items = read(position, self.pace.rows())?;
            self.pace.read(&items);
            let Some(last) = items.last() else { break };
            position = last.position;
            items.into_iter().for_each(|item| self.keep(item));
        }
        self.looked = now;
        let horizon = self.horizon();
        self.found.retain(|position| position.at >= horizon);
        Ok(())
    }

    /// Adds an item that is new, and lets go of the oldest.
    fn keep(&mut self, item: Item) {
        if !self.found.insert(item.position) {
            return;
        }
        self.weight += item.frame.len();
        self.log.push_back(Rc::new(item));
        while (self.log.len() > KEPT || self.weight > KEPT_BYTES)
            && let Some(oldest) = self.log.pop_front()
        {
            self.weight -= oldest.frame.len();
            self.first += 1;
        }
    }
}

#[cfg(test)]
#[path = "topic_tests.rs"]
mod tests;
