//! The server's sockets, as the host's addresses and interfaces come and go.

use crate::host::{self, Host};
use crate::listener::AWAY;
use dns::{Opens, Options, Records, Server};
use domain::snapshot::dns::DnsListener;
use link::message::DoorReport;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

pub struct Doors {
    host: Arc<Host>,
    sockets: Rc<dyn Opens>,
    serving: Option<Serving>,
    /// At which no door for requests is open.
    unhealthy: HashSet<IpAddr>,
}

struct Serving {
    records: Arc<Records>,
    server: Server,
    wanted: Vec<DnsListener>,
    /// Numbers of the wanted interfaces, as far as they are known. One that comes back under the same name is another
    /// one, on which the sockets do not listen.
    devices: BTreeMap<String, u32>,
    /// Wanted addresses that an interface has had. One that none ever had, and that could be listened on all the same, is
    /// the system's business.
    had: BTreeSet<IpAddr>,
}

impl Doors {
    pub fn new(host: Arc<Host>, sockets: Rc<dyn Opens>) -> Self {
        Self { host, sockets, serving: None, unhealthy: HashSet::new() }
    }

    /// When this returns, all that can be asked is asked here, and nothing else.
    pub async fn apply(&mut self, server: Option<(Arc<Records>, Vec<DnsListener>)>) {
        let Some((records, wanted)) = server else {
            if let Some(mut before) = self.serving.take() {
                before.server.apply(&[]).await;
            }
            return;
        };
        // Another object of records comes only after a while without any.
        let serving = self.serving.get_or_insert_with(|| Serving::new(records, self.sockets.clone()));
        serving.records.set_unhealthy(self.unhealthy.iter().copied());
        serving.wanted = wanted;
        serving.note(&self.host);
        serving.server.apply(&serving.wanted).await;
    }

    /// The host has other addresses.
    pub fn look(&mut self, host: Arc<Host>) {
        self.host = host;
        if let Some(serving) = &mut self.serving {
            serving.note(&self.host);
        }
    }

    /// How the doors for requests are. An address at which all of them are closed leads nowhere.
    pub fn heed(&mut self, requests: &[DoorReport]) {
        let open: HashSet<IpAddr> = requests.iter().filter(|door| door.open).map(|door| door.address.ip()).collect();
        let closed = requests.iter().map(|door| door.address.ip()).filter(|address| !open.contains(address));
        let closed: HashSet<IpAddr> = closed.collect();
        if closed == self.unhealthy {
            return;
        }
        self.unhealthy = closed;
        if let Some(serving) = &self.serving {
            serving.records.set_unhealthy(self.unhealthy.iter().copied());
        }
    }

    /// Tries again what failed, and opens anew what lost its interface.
    pub async fn retry(&mut self) {
        let Some(serving) = &mut self.serving else { return };
        let lost = serving.lost();
        if !lost.is_empty() {
            tracing::warn!(interfaces = ?lost, "DNS lost network interfaces; trying again every second");
            serving.devices.retain(|name, _| !lost.contains(name));
            serving.server.apply(&without(&serving.wanted, &lost)).await;
            serving.server.apply(&serving.wanted).await;
        }
        serving.server.retry();
        serving.note(&self.host);
    }

    /// In order.
    pub fn report(&self) -> Vec<DoorReport> {
        let Some(serving) = &self.serving else { return Vec::new() };
        let away = |address| serving.had.contains(&address) && !self.host.has(address);
        let report = |each: dns::ListenerReport| {
            let away = || away(each.address.ip()).then(|| AWAY.to_owned());
            let error = each.error.or_else(away);
            DoorReport { address: each.address, device: each.device, open: error.is_none(), error }
        };
        serving.server.report().into_iter().map(report).collect()
    }
}

impl Serving {
    fn new(records: Arc<Records>, sockets: Rc<dyn Opens>) -> Self {
        let server = Server::opening(records.clone(), Options::default(), sockets);
        Self { records, server, wanted: Vec::new(), devices: BTreeMap::new(), had: BTreeSet::new() }
    }

    /// What the host has of what is wanted.
    fn note(&mut self, host: &Host) {
        let mut devices = BTreeMap::new();
        for name in self.wanted.iter().flat_map(|each| &each.devices) {
            let known = self.devices.get(name).copied();
            if let Some(number) = known.or_else(|| host::device(name).ok().flatten()) {
                devices.insert(name.clone(), number);
            }
        }
        self.devices = devices;
        let addresses = self.wanted.iter().map(|each| each.address.ip());
        self.had = addresses.filter(|address| self.had.contains(address) || host.has(*address)).collect();
    }

    /// Interfaces that are gone or have come anew. Where the system does not say, nothing is known to have changed.
    fn lost(&self) -> BTreeSet<String> {
        let is_other = |(name, number): &(&String, &u32)| host::device(name).is_ok_and(|now| now != Some(**number));
        self.devices.iter().filter(is_other).map(|(name, _)| name.clone()).collect()
    }
}

/// What is not on these interfaces. A listener that is left with none is left out: it would be on any.
fn without(listeners: &[DnsListener], gone: &BTreeSet<String>) -> Vec<DnsListener> {
    let rest = |each: &DnsListener| {
        let devices: Vec<String> = each.devices.iter().filter(|device| !gone.contains(*device)).cloned().collect();
        (each.devices.is_empty() || !devices.is_empty()).then(|| DnsListener { devices, ..each.clone() })
    };
    listeners.iter().filter_map(rest).collect()
}
