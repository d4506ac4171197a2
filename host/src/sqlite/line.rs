//! The line in which a database's writers wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// Lets one write at a time, whoever came first.
///
/// SQLite lets one connection write at a time; the others poll for the lock, and the unlucky ones starve. Here the first to
/// come is the first to write, and as soon as it can. Who gives up waiting and comes again keeps its place, so that short waits
/// starve nobody either.
#[derive(Debug, Default)]
pub struct Line(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    is_taken: bool,
    next_place: u64,
    by_place: BTreeMap<u64, oneshot::Sender<Turn>>,
}

/// Where a writer stands in the line.
#[derive(Clone, Copy, Debug)]
pub struct Place(u64);

/// The right to write, until it is dropped. Empty once it was handed on.
#[derive(Debug)]
pub struct Turn(Option<Arc<Mutex<Waiting>>>);

impl Line {
    /// Waits for the turn to write; `None` if it does not come in time. `place` is where the writer stood when it waited
    /// before, and where it stands now.
    pub async fn wait(&self, place: &mut Option<Place>, until: Instant) -> Option<Turn> {
        let (stand, turn) = match self.join(place) {
            Joined::First(turn) => {
                *place = None;
                return Some(turn);
            }
            Joined::Waiting(stand, turn) => (stand, turn),
        };
        let turn = timeout_at(until, turn).await.ok()?.ok();
        drop(stand);
        *place = None;
        turn
    }

    fn join(&self, place: &mut Option<Place>) -> Joined {
        let mut waiting = lock(&self.0);
        if !waiting.is_taken {
            waiting.is_taken = true;
            return Joined::First(Turn(Some(self.0.clone())));
        }
        let next = Place(waiting.next_place);
        let place = *place.get_or_insert(next);
        waiting.next_place = waiting.next_place.max(place.0 + 1);
        let (sender, turn) = oneshot::channel();
        waiting.by_place.insert(place.0, sender);
        Joined::Waiting(Stand { line: self.0.clone(), place }, turn)
    }
}

enum Joined {
    First(Turn),
    Waiting(Stand, oneshot::Receiver<Turn>),
}

/// Leaves the line when it is dropped.
struct Stand {
    line: Arc<Mutex<Waiting>>,
    place: Place,
}

impl Drop for Stand {
    fn drop(&mut self) {
        lock(&self.line).by_place.remove(&self.place.0);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(line) = self.0.take() else { return };
        loop {
            let next = {
                let mut waiting = lock(&line);
                let next = waiting.by_place.pop_first();
                waiting.is_taken = next.is_some();
                next
            };
            let Some((_, next)) = next else { return };
            match next.send(Turn(Some(line.clone()))) {
                Ok(()) => return,
                // Whoever it was has just given up: the next one, then.
                Err(mut unwanted) => unwanted.0 = None,
            }
        }
    }
}

fn lock(line: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    // No step under the lock can leave the line half changed.
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn after(milliseconds: u64) -> Instant {
        Instant::now() + Duration::from_millis(milliseconds)
    }

    async fn take(line: &Line) -> Option<Turn> {
        line.wait(&mut None, after(0)).await
    }

    #[tokio::test]
    async fn one_writes_at_a_time_in_the_order_of_coming() {
        let line = Arc::new(Line::default());
        let first = take(&line).await.expect("nobody else writes");
        assert!(take(&line).await.is_none());
        let (order, mut seen) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..5 {
            let (line, order) = (line.clone(), order.clone());
            tokio::spawn(async move {
                let turn = line.wait(&mut None, after(10_000)).await.expect("a turn");
                order.send(number).expect("received");
                tokio::task::yield_now().await;
                drop(turn);
            });
            tokio::task::yield_now().await;
        }
        drop(first);
        for number in 0..5 {
            assert_eq!(seen.recv().await, Some(number));
        }
        assert!(take(&line).await.is_some());
    }

    #[tokio::test]
    async fn who_comes_again_keeps_its_place() {
        let line = Arc::new(Line::default());
        let turn = take(&line).await.expect("nobody else writes");
        let mut place = None;
        assert!(line.wait(&mut place, after(1)).await.is_none());
        let younger = tokio::spawn({
            let line = line.clone();
            async move { line.wait(&mut None, after(10_000)).await }
        });
        tokio::task::yield_now().await;
        let older = tokio::spawn({
            let line = line.clone();
            async move { line.wait(&mut place, after(10_000)).await }
        });
        tokio::task::yield_now().await;
        drop(turn);
        let older = older.await.expect("no panic").expect("the older one is next");
        assert!(!younger.is_finished());
        drop(older);
        assert!(younger.await.expect("no panic").is_some());
    }

    #[tokio::test]
    async fn who_leaves_the_line_holds_nobody_up() {
        let line = Arc::new(Line::default());
        let turn = take(&line).await.expect("nobody else writes");
        let gone = tokio::spawn({
            let line = line.clone();
            async move { line.wait(&mut None, after(10_000)).await }
        });
        tokio::task::yield_now().await;
        gone.abort();
        let _ = gone.await;
        drop(turn);
        let turn = take(&line).await.expect("nobody waits");
        let waiting = tokio::spawn({
            let line = line.clone();
            async move { line.wait(&mut None, after(10_000)).await.is_some() }
        });
        tokio::task::yield_now().await;
        drop(turn);
        // A turn that was handed over and never taken up goes on to the next.
        waiting.abort();
        let _ = waiting.await;
        assert!(take(&line).await.is_some());
    }
}
