use super::*;
use serde_json::json;
use uuid::Uuid;

const INTERVAL: Duration = Duration::from_secs(2);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

fn position(seconds: i64, id: u128) -> Position {
    Position { at: at(seconds), id: Uuid::from_u128(id) }
}

/// A table whose rows can be read like a feed's, counting the statements.
#[derive(Clone, Default)]
struct Table {
    rows: Rc<RefCell<Vec<Position>>>,
    reads: Rc<RefCell<usize>>,
}

impl Table {
    fn add(&self, row: Position) {
        self.rows.borrow_mut().push(row);
        self.rows.borrow_mut().sort_unstable();
    }

    fn reader(&self) -> impl Fn(Position, i64) -> Result<Vec<Item>, DbError> + 'static {
        let this = self.clone();
        move |after, limit| {
            *this.reads.borrow_mut() += 1;
            let rows = this.rows.borrow();
            let found = rows.iter().filter(|row| **row > after).take(limit as usize);
            Ok(found.map(|row| Item::new("row", *row, &json!({}))).collect())
        }
    }
}

fn numbers(topic: &Topic, from: u64) -> Option<Vec<u128>> {
    Some(topic.since(from)?.iter().map(|item| item.position.id.as_u128()).collect())
}

#[test]
fn streams_of_one_topic_share_one_look_an_interval() {
    let (table, mut topic) = (Table::default(), Topic::new(at(100)));
    let read = table.reader();
    table.add(position(100, 1));
    for now in [100, 101, 101] {
        topic.refresh(at(now), INTERVAL, &read).unwrap();
    }
    assert_eq!((*table.reads.borrow(), numbers(&topic, 0)), (2, Some(vec![1])));
    topic.refresh(at(102), INTERVAL, &read).unwrap();
    assert_eq!((*table.reads.borrow(), numbers(&topic, 0)), (4, Some(vec![1])));
}

#[test]
fn a_row_that_is_committed_late_is_found_once() {
    let (table, mut topic) = (Table::default(), Topic::new(at(100)));
    let read = table.reader();
    table.add(position(103, 2));
    topic.refresh(at(103), INTERVAL, &read).unwrap();
    table.add(position(101, 1));
    for now in [105, 107, 109, 120] {
        topic.refresh(at(now), INTERVAL, &read).unwrap();
    }
    assert_eq!(numbers(&topic, 0), Some(vec![2, 1]));
}

#[test]
fn a_stream_that_is_too_late_is_told_so() {
    const OLD: usize = 200;
    let (table, mut topic) = (Table::default(), Topic::new(at(100)));
    let read = table.reader();
    for id in 0..(OLD + KEPT) as u128 {
        table.add(position(100, id + 1));
    }
    topic.refresh(at(100), INTERVAL, &read).unwrap();
    assert_eq!(topic.end(), (OLD + KEPT) as u64);
    assert!(numbers(&topic, 0).is_none());
    assert_eq!(numbers(&topic, OLD as u64).map(|all| all.len()), Some(KEPT));
}

#[test]
fn what_is_kept_is_bounded_in_bytes() {
    const LARGE: usize = KEPT_BYTES / 4;
    let mut topic = Topic::new(at(100));
    let read = |after: Position, _: i64| {
        let ids = (1..=10_u128).filter(|id| position(100, *id) > after).take(2);
        Ok(ids.map(|id| Item::new("row", position(100, id), &"x".repeat(LARGE))).collect())
    };
    topic.refresh(at(100), INTERVAL, &read).unwrap();
    assert_eq!((topic.end(), topic.log.len()), (10, 3));
    assert!(topic.weight <= KEPT_BYTES && numbers(&topic, 6).is_none());
    assert_eq!(numbers(&topic, 7), Some(vec![8, 9, 10]));
}

#[test]
fn topics_are_shared_by_name_while_somebody_follows_them() {
    let first = Topic::shared("a", at(1));
    assert!(Rc::ptr_eq(&first, &Topic::shared("a", at(2))));
    assert!(!Rc::ptr_eq(&first, &Topic::shared("b", at(2))));
    first.borrow_mut().first = 7;
    drop(first);
    assert_eq!(Topic::shared("a", at(3)).borrow().first, 0);
}
