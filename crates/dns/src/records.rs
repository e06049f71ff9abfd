//! What all sockets answer from, replaced as a whole while they do.

use crate::zones::Zones;
use arc_swap::{ArcSwap, Guard};
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

/// One writer changes a copy of what [`Records::zones`] gives and sets it; the next packet is answered from it.
#[derive(Debug)]
pub struct Records {
    zones: ArcSwap<Zones>,
    unhealthy: ArcSwap<HashSet<IpAddr>>,
}

impl Records {
    pub fn new(zones: Zones) -> Self {
        Self { zones: ArcSwap::from_pointee(zones), unhealthy: ArcSwap::default() }
    }

    pub fn zones(&self) -> Guard<Arc<Zones>> {
        self.zones.load()
    }

    pub fn set_zones(&self, zones: Zones) {
        self.zones.store(Arc::new(zones));
    }

    pub fn unhealthy(&self) -> Guard<Arc<HashSet<IpAddr>>> {
        self.unhealthy.load()
    }

    /// Addresses that are left out of answers while there are others of their family at the same name.
    pub fn set_unhealthy(&self, addresses: impl IntoIterator<Item = IpAddr>) {
        self.unhealthy.store(Arc::new(addresses.into_iter().map(|address| address.to_canonical()).collect()));
    }
}
