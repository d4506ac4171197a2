//! Who may connect, and how often.

use super::activity::Activity;
use crate::limits::Limits;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places for connections and for the requests on them.
pub struct Slots {
    max: usize,
    max_per_address: usize,
    requests: Arc<Semaphore>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    connections: HashMap<u64, Connection>,
    addresses: HashMap<IpAddr, Address>,
}

struct Connection {
    address: IpAddr,
    activity: Arc<Activity>,
}

struct Address {
    connections: usize,
    /// How many permits are left is how many requests the address may have in progress.
    requests: Arc<Semaphore>,
}

/// A connection's place, until it is dropped.
pub struct Slot {
    slots: Arc<Slots>,
    number: u64,
    /// What the connection does.
    pub activity: Arc<Activity>,
    address_requests: Arc<Semaphore>,
}

/// A request in progress, until this is dropped.
pub struct InProgress {
    activity: Arc<Activity>,
    _permits: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

impl Slots {
    /// So many places, but no more than `max_connections`.
    pub fn new(limits: &Limits, max_connections: usize) -> Arc<Self> {
        let max = limits.max_connections.min(max_connections).clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self {
            max,
            max_per_address: limits.max_connections_per_address.clamp(1, max),
            requests: Arc::new(Semaphore::new(max)),
            taken: Mutex::default(),
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a client's connection; where there is none, an idle connection gives its own.
    pub fn take(self: &Arc<Self>, client: IpAddr) -> Option<Slot> {
        let address = network(client);
        let mut taken = self.taken();
        let of_address = taken.addresses.get(&address).map_or(0, |address| address.connections);
        if of_address >= self.max_per_address && !taken.evict_idle(Some(address)) {
            return None;
        }
        if taken.connections.len() >= self.max && !taken.evict_idle(None) {
            return None;
        }
        Some(self.enter(&mut taken, address))
    }

    fn enter(self: &Arc<Self>, taken: &mut Taken, address: IpAddr) -> Slot {
        let number = taken.next;
        taken.next += 1;
        let activity = Arc::new(Activity::new());
        taken.connections.insert(number, Connection { address, activity: activity.clone() });
        let max_requests = self.max_per_address;
        let of_address = taken
            .addresses
            .entry(address)
            .or_insert_with(|| Address { connections: 0, requests: Arc::new(Semaphore::new(max_requests)) });
        of_address.connections += 1;
        Slot { slots: self.clone(), number, activity, address_requests: of_address.requests.clone() }
    }

    /// Closes the connection that has been idle for longest, if there is one.
    pub fn evict_idle(&self) -> bool {
        self.taken().evict_idle(None)
    }
}

impl Taken {
    fn evict_idle(&mut self, address: Option<IpAddr>) -> bool {
        let candidates =
            self.connections.iter().filter(|(_, other)| address.is_none_or(|wanted| wanted == other.address));
        let idle = candidates.filter_map(|(number, other)| Some((other.activity.idle_since()?, *number)));
        let Some((_, number)) = idle.min() else { return false };
        if let Some(connection) = self.leave(number) {
            connection.activity.evict();
        }
        true
    }

    fn leave(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        if let Some(address) = self.addresses.get_mut(&connection.address) {
            address.connections -= 1;
            if address.connections == 0 {
                self.addresses.remove(&connection.address);
            }
        }
        Some(connection)
    }
}

impl Slot {
    /// Begins a request; `Err` if its address or all together have too many in progress.
    pub fn begin_request(&self) -> (InProgress, Result<(), TooMany>) {
        self.activity.begin_request();
        let of_address = self.address_requests.clone().try_acquire_owned();
        let permits = of_address.ok().zip(self.slots.requests.clone().try_acquire_owned().ok());
        let outcome = permits.as_ref().map(|_| ()).ok_or(TooMany);
        (InProgress { activity: self.activity.clone(), _permits: permits }, outcome)
    }
}

/// Too many requests are in progress.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.taken().leave(self.number);
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.activity.end_request();
    }
}

/// What counts as one client: who has an IPv6 address has some 2⁶⁴ of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(max: usize, max_per_address: usize) -> Arc<Slots> {
        let limits = Limits { max_connections: max, max_connections_per_address: max_per_address, ..Limits::default() };
        Slots::new(&limits, usize::MAX)
    }

    fn busy(slots: &Arc<Slots>, client: &str) -> Option<(Slot, InProgress)> {
        let slot = slots.take(client.parse().expect("an address"))?;
        let (request, outcome) = slot.begin_request();
        assert_eq!(outcome, Ok(()));
        Some((slot, request))
    }

    #[test]
    fn busy_connections_are_counted_for_each_address_and_in_all() {
        let slots = slots(3, 2);
        let first = [busy(&slots, "10.0.0.1"), busy(&slots, "10.0.0.1")];
        assert!(busy(&slots, "10.0.0.1").is_none());
        let other = busy(&slots, "10.0.0.2");
        assert!(other.is_some());
        assert!(busy(&slots, "10.0.0.3").is_none());
        drop(other);
        assert!(busy(&slots, "10.0.0.3").is_some());
        drop(first);
        assert!(slots.taken().addresses.is_empty());
    }

    #[test]
    fn the_connection_that_is_idle_for_longest_gives_way() {
        let slots = slots(2, 2);
        let client = "10.0.0.1".parse().expect("an address");
        let (old, young) = (slots.take(client).expect("a place"), slots.take(client).expect("a place"));
        let third = slots.take(client).expect("the place of the first");
        assert!(!slots.taken().connections.contains_key(&old.number));
        assert!(slots.taken().connections.contains_key(&young.number));
        drop((old, young, third));
        assert!(slots.taken().connections.is_empty() && slots.taken().addresses.is_empty());
    }

    #[test]
    fn requests_of_one_address_have_an_end_on_any_number_of_connections() {
        let slots = slots(10, 2);
        let slot = slots.take("10.0.0.1".parse().expect("an address")).expect("a place");
        let requests = [slot.begin_request(), slot.begin_request(), slot.begin_request()];
        assert_eq!(requests.each_ref().map(|(_, outcome)| outcome.is_ok()), [true, true, false]);
        drop(requests);
        assert_eq!(slot.begin_request().1, Ok(()));
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let network = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
        assert_ne!(network("10.0.0.1"), network("10.0.0.2"));
    }
}
