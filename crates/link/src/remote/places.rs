//! How many strangers there may be: in a handshake, or without a certificate.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All together.
const MOST: usize = 256;
/// From one address, so that one of them cannot keep out the others.
const MOST_OF_ONE: usize = 32;

#[derive(Clone, Default)]
pub struct Places(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

/// Given back when dropped.
pub struct Place {
    places: Places,
    of: IpAddr,
}

impl Places {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` where there is none left.
    pub fn take(&self, address: IpAddr) -> Option<Place> {
        let of = network(address);
        let mut counts = self.counts();
        if counts.values().sum::<usize>() >= MOST || counts.get(&of).is_some_and(|count| *count >= MOST_OF_ONE) {
            return None;
        }
        *counts.entry(of).or_default() += 1;
        Some(Place { places: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.places.counts();
        if let Some(count) = counts.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.of);
            }
        }
    }
}

/// Whoever has one IPv6 address has 2⁶⁴.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_keep_out_others() {
        let places = Places::default();
        let [one, other]: [IpAddr; 2] = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().expect("an address"));
        let mut held: Vec<Place> = (0..MOST_OF_ONE).map(|_| places.take(one).expect("a place")).collect();
        assert!(places.take(one).is_none() && places.take(other).is_none(), "the same network");
        assert!(places.take([10, 0, 0, 1].into()).is_some());
        held.pop();
        held.push(places.take(other).expect("given back"));
        held.extend((1..).map_while(|n: u32| places.take(IpAddr::V4(n.into()))));
        assert_eq!(held.len(), MOST);
        drop(held);
        assert!(places.counts().is_empty());
    }
}
