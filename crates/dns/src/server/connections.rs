//! How many connections are open, in all and to one network.

use crate::prefix::Prefix;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

pub struct Connections {
    counts: Rc<RefCell<Counts>>,
    most: usize,
    most_per_network: usize,
}

#[derive(Default)]
struct Counts {
    all: usize,
    networks: HashMap<Prefix, usize>,
}

/// A place that is free again when it is dropped.
pub struct Place {
    counts: Rc<RefCell<Counts>>,
    network: Prefix,
}

impl Connections {
    pub fn new(most: usize, most_per_network: usize) -> Self {
        Self { counts: Rc::default(), most, most_per_network }
    }

    pub fn enter(&self, client: IpAddr) -> Option<Place> {
        let network = Prefix::of(client);
        let mut counts = self.counts.borrow_mut();
        let of_network = counts.networks.get(&network).copied().unwrap_or(0);
        if counts.all >= self.most || of_network >= self.most_per_network {
            return None;
        }
        counts.all += 1;
        counts.networks.insert(network, of_network + 1);
        Some(Place { counts: self.counts.clone(), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.borrow_mut();
        counts.all = counts.all.saturating_sub(1);
        match counts.networks.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.networks.remove(&self.network)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_does_not_take_all_places_and_gives_them_back() {
        let connections = Connections::new(3, 2);
        let enter = |text: &str| connections.enter(text.parse().expect("address"));
        let (first, second) = (enter("192.0.2.1"), enter("192.0.2.2"));
        assert!(first.is_some() && second.is_some() && enter("192.0.2.3").is_none());
        let other = enter("192.0.3.1");
        assert!(other.is_some() && enter("192.0.4.1").is_none(), "full");
        drop(first);
        assert!(enter("192.0.2.3").is_some());
        drop((second, other));
        assert_eq!((connections.counts.borrow().all, connections.counts.borrow().networks.len()), (0, 0));
    }
}
