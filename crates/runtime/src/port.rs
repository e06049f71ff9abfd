//! Ports for replicas.

use domain::id::ReplicaId;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{IpAddr, TcpListener};
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// Why a replica has no port.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PortError {
    #[error("port {port} is used by replica {holder}; choose another port for one of the services")]
    Taken { port: u16, holder: ReplicaId },
    #[error("port {port} is used by another program of this host; end that program or choose another port")]
    Busy { port: u16 },
    #[error("this host has no address {address}; give it back, or start the agent with another --replica-addr")]
    Away { address: IpAddr },
    #[error("no port from {first} to {last} is free; give the agent a larger range")]
    Exhausted { first: u16, last: u16 },
}

/// Which replica has which port. A port stays with its replica until that is removed.
pub struct Ports {
    /// Where replicas listen.
    address: IpAddr,
    range: RangeInclusive<u16>,
    table: Mutex<Table>,
    released: watch::Sender<()>,
}

#[derive(Default)]
struct Table {
    held: BTreeMap<u16, ReplicaId>,
    /// Ports that services insist on; never given to others.
    insisted: BTreeSet<u16>,
}

impl Ports {
    pub fn new(address: IpAddr, range: RangeInclusive<u16>) -> Self {
        Self { address, range, table: Mutex::default(), released: watch::Sender::new(()) }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Table) -> T) -> T {
        // The table is consistent after each step, so a panic elsewhere does not spoil it.
        f(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn insist(&self, ports: BTreeSet<u16>) {
        self.with(|table| table.insisted = ports);
    }

    /// For a replica that runs already.
    pub fn hold(&self, id: &ReplicaId, port: u16) {
        self.with(|table| table.held.insert(port, id.clone()));
    }

    pub fn release(&self, id: &ReplicaId) {
        self.with(|table| table.held.retain(|_, holder| holder != id));
        self.released.send_replace(());
    }

    /// Changes whenever a replica has given its port back.
    pub fn releases(&self) -> watch::Receiver<()> {
        self.released.subscribe()
    }

    /// The port to start with: the fixed one, the one it had, or any free one.
    pub fn assign(&self, id: &ReplicaId, fixed: Option<u16>, before: Option<u16>) -> Result<u16, PortError> {
        let is_free = |port| TcpListener::bind((self.address, port)).is_ok();
        if matches!(TcpListener::bind((self.address, 0)), Err(error) if error.kind() == ErrorKind::AddrNotAvailable) {
            return Err(PortError::Away { address: self.address });
        }
        self.with(|table| {
            if let Some(port) = fixed {
                if let Some(holder) = table.held.get(&port).filter(|holder| *holder != id) {
                    return Err(PortError::Taken { port, holder: holder.clone() });
                }
                if !is_free(port) {
                    return Err(PortError::Busy { port });
                }
                table.held.insert(port, id.clone());
                return Ok(port);
            }
            if let Some(port) = before.filter(|port| table.held.get(port) == Some(id) && is_free(*port)) {
                return Ok(port);
            }
            table.held.retain(|_, holder| holder != id);
            let (first, last) = (*self.range.start(), *self.range.end());
            let start = first.saturating_add(offset(last.saturating_sub(first)));
            let port = (start..=last)
                .chain(first..start)
                .find(|port| !table.held.contains_key(port) && !table.insisted.contains(port) && is_free(*port))
                .ok_or(PortError::Exhausted { first, last })?;
            table.held.insert(port, id.clone());
            Ok(port)
        })
    }
}

/// Somewhere in the range, so that a port that just ended is not given to a stranger at once.
fn offset(most: u16) -> u16 {
    let mut bytes = [0; 2];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u16::from_ne_bytes(bytes) % most.saturating_add(1).max(1),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn id(n: u8) -> ReplicaId {
        ReplicaId::from_random([n; 18])
    }

    #[test]
    fn never_the_same_twice_and_never_a_busy_one() {
        let busy = TcpListener::bind((HERE, 0)).unwrap();
        let port = busy.local_addr().unwrap().port();
        let ports = Ports::new(HERE, port..=port);
        assert_eq!(ports.assign(&id(1), None, None), Err(PortError::Exhausted { first: port, last: port }));
        assert_eq!(ports.assign(&id(1), Some(port), None), Err(PortError::Busy { port }));
        drop(busy);
        assert_eq!(ports.assign(&id(1), None, None), Ok(port));
        assert_eq!(ports.assign(&id(1), None, Some(port)), Ok(port));
        assert_eq!(ports.assign(&id(2), Some(port), None), Err(PortError::Taken { port, holder: id(1) }));
        ports.release(&id(1));
        ports.insist([port].into());
        assert!(ports.assign(&id(2), None, None).is_err());
        assert_eq!(ports.assign(&id(2), Some(port), None), Ok(port));
    }
    #[test]
    fn ports_are_those_of_the_address() {
        let busy = TcpListener::bind((HERE, 0)).unwrap();
        let port = busy.local_addr().unwrap().port();
        let other = Ports::new([127, 0, 0, 77].into(), port..=port);
        assert_eq!(other.assign(&id(1), Some(port), None), Ok(port));
        // 192.0.2.0/24 is for documents.
        let address = IpAddr::from([192, 0, 2, 77]);
        assert_eq!(Ports::new(address, port..=port).assign(&id(1), None, None), Err(PortError::Away { address }));
    }
}
