//! The hosts that serve, and which of them has what.

use crate::Installation;
use domain::gateway::{Gateway, GatewayKind};
use domain::host::{Host, Hosts};
use domain::id::HostId;
use domain::network::HostAddress;
use domain::placement::{counts, spread};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Debug, Default)]
pub struct Fleet {
    sites: BTreeMap<HostId, Site>,
}

/// A host as the compiler sees it.
#[derive(Clone, Debug)]
pub struct Site {
    /// The operator's, with the host's own doors.
    pub installation: Installation,
    pub zone: String,
    /// What it has now. What an interface had stays known while it has nothing: a listener outlives a moment without its
    /// address. One that has something else leads elsewhere, and is no way into the VPC any more.
    pub addresses: Vec<HostAddress>,
    takes_work: bool,
    /// Its engine has not been away for long.
    present: bool,
    /// Nor its agent.
    runs: bool,
    /// Nobody there answers.
    silent: bool,
}

/// Hosts that nobody has heard of for too long.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    pub engines: BTreeSet<HostId>,
    pub agents: BTreeSet<HostId>,
    /// Whose engine and agent are both away, and not only for a moment.
    pub silent: BTreeSet<HostId>,
}

impl Site {
    fn new(host: &Host, installation: &Installation) -> Self {
        let mut installation = installation.clone();
        if let Some(member) = &host.member {
            installation.http.clone_from(&member.public.http);
            installation.https.clone_from(&member.public.https);
            installation.dns.clone_from(&member.public.dns);
        }
        Self {
            installation,
            zone: host.zone.clone(),
            addresses: Vec::new(),
            takes_work: host.takes_work(),
            present: true,
            runs: true,
            silent: false,
        }
    }

    pub fn see(&mut self, now: &[HostAddress]) {
        let is_back = |old: &HostAddress| now.iter().any(|new| new.address == old.address);
        let is_bare = |name: &str| !now.iter().any(|new| new.interface == name && !new.is_link_local());
        self.addresses.retain(|old| is_bare(&old.interface) && !is_back(old));
        self.addresses.extend(now.iter().cloned());
    }

    fn has(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|each| each.serves(address))
    }
}

impl Fleet {
    /// These hosts, with what was seen of those that were there before. Removed ones have no part in anything.
    pub fn follow(&mut self, hosts: &Hosts, installation: &Installation) {
        let mut before = std::mem::take(&mut self.sites);
        let is_first = before.is_empty();
        for host in hosts.values().filter(|host| !host.removed) {
            let mut site = Site::new(host, installation);
            if let Some(before) = before.remove(&host.id) {
                site.addresses = before.addresses;
                (site.present, site.runs, site.silent) = (before.present, before.runs, before.silent);
            } else if !is_first {
                // It has joined just now, and is given something when it is there.
                (site.present, site.runs, site.silent) = (false, false, true);
            }
            self.sites.insert(host.id.clone(), site);
        }
    }

    pub fn sites(&self) -> impl Iterator<Item = (&HostId, &Site)> {
        self.sites.iter()
    }

    pub fn get(&self, host: &HostId) -> Option<&Site> {
        self.sites.get(host)
    }

    /// Its addresses; whether that says anything new.
    pub fn see(&mut self, host: &HostId, now: &[HostAddress]) -> bool {
        let Some(site) = self.sites.get_mut(host) else { return false };
        let before = site.addresses.clone();
        site.see(now);
        let is_new = |each: &HostAddress| !before.contains(each);
        before.len() != site.addresses.len() || site.addresses.iter().any(is_new)
    }

    /// Whether these are others than before.
    pub fn set_lost(&mut self, lost: &Lost) -> bool {
        let mut changed = false;
        for (id, site) in &mut self.sites {
            let before = (site.present, site.runs, site.silent);
            (site.present, site.runs) = (!lost.engines.contains(id), !lost.agents.contains(id));
            site.silent = lost.silent.contains(id);
            changed |= before != (site.present, site.runs, site.silent);
        }
        changed
    }

    pub fn is_lost(&self, host: &HostId) -> bool {
        self.sites.get(host).is_some_and(|site| !site.present)
    }

    /// Its agent is lost.
    pub fn runs_nothing(&self, host: &HostId) -> bool {
        self.sites.get(host).is_some_and(|site| !site.runs)
    }

    pub fn is_silent(&self, host: &HostId) -> bool {
        self.sites.get(host).is_some_and(|site| site.silent)
    }

    /// Hosts that carry the work: those that answer and are not on their way out. Where there are none, what is left.
    pub fn working(&self) -> Vec<&HostId> {
        self.best(|site| site.present)
    }

    /// The same for replicas.
    pub fn runners(&self) -> Vec<&HostId> {
        self.best(|site| site.runs)
    }

    fn best(&self, answers: fn(&Site) -> bool) -> Vec<&HostId> {
        let of = |is_it: &dyn Fn(&Site) -> bool| -> Vec<&HostId> {
            self.sites.iter().filter(|(_, site)| is_it(site)).map(|(id, _)| id).collect()
        };
        let tries: [&dyn Fn(&Site) -> bool; 4] =
            [&|site| site.takes_work && answers(site), &|site| answers(site), &|site| site.takes_work, &|_| true];
        tries.into_iter().map(of).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// How many nodes of a fully managed gateway are where: on hosts that have its addresses inside VPCs, if any do.
    pub fn nodes(&self, gateway: &Gateway) -> BTreeMap<HostId, u32> {
        counts(self.placed(gateway))
    }

    /// The host of each node.
    pub fn placed(&self, gateway: &Gateway) -> Vec<&HostId> {
        let GatewayKind::FullyManaged { nodes, .. } = gateway.kind else { return Vec::new() };
        let working = self.working();
        let inside = || gateway.vpcs.iter().flat_map(|link| &link.vswitches).map(|linked| linked.address);
        let addresses: Vec<IpAddr> = inside().filter(|address| !address.is_loopback()).collect();
        let has_one = |host: &&HostId| {
            self.sites.get(*host).is_some_and(|site| addresses.iter().any(|address| site.has(*address)))
        };
        let there: Vec<&HostId> = working.iter().copied().filter(has_one).collect();
        spread(gateway.id.as_str(), nodes, if there.is_empty() { working } else { there })
    }

    /// The hosts that carry the gateway.
    pub fn carriers(&self, gateway: &Gateway) -> impl Iterator<Item = &Site> {
        let mut hosts: BTreeSet<&HostId> = self.placed(gateway).into_iter().collect();
        if hosts.is_empty() {
            hosts.extend(self.working());
        }
        hosts.into_iter().filter_map(|host| self.sites.get(host))
    }

    /// Where the gateway's public name leads.
    pub fn public(&self, gateway: &Gateway) -> Vec<SocketAddr> {
        let all = self.carriers(gateway).flat_map(|site| site.installation.http.iter().copied()).collect();
        self.reached(all, |door| door.ip())
    }

    /// Without what only one host itself reaches, where there is anything else, on whichever host.
    pub fn reached<T>(&self, mut all: Vec<T>, address: impl Fn(&T) -> IpAddr) -> Vec<T> {
        let mut doors = self.sites.values().flat_map(|site| &site.installation.http);
        let is_wider = doors.any(|door| !door.ip().is_loopback());
        if is_wider && all.iter().any(|each| !address(each).is_loopback()) {
            all.retain(|each| !address(each).is_loopback());
        }
        all
    }

    /// Whether that is known already.
    pub fn has_heard(&self, host: &HostId, engine: bool) -> bool {
        self.sites.get(host).is_none_or(|site| !site.silent && if engine { site.present } else { site.runs })
    }

    /// Its engine has loaded what it shall have, or its agent has said what it runs; whether that is news.
    pub fn hear(&mut self, host: &HostId, engine: bool) -> bool {
        let Some(site) = self.sites.get_mut(host) else { return false };
        let heard = if engine { &mut site.present } else { &mut site.runs };
        let is_news = !std::mem::replace(heard, true) || site.silent;
        site.silent = false;
        is_news
    }

    /// Whether a host that carries work has this address. Any has those of loopback.
    pub fn is_served(&self, address: IpAddr) -> bool {
        let mut working = self.working().into_iter().filter_map(|host| self.sites.get(host));
        address.is_loopback() || working.any(|site| site.has(address))
    }

    /// Whether it is another host's, and not this one's.
    pub fn is_elsewhere(&self, address: IpAddr, host: &HostId) -> bool {
        let is_here = self.sites.get(host).is_some_and(|site| site.has(address));
        !is_here && self.sites.iter().any(|(id, site)| id != host && site.has(address))
    }
}
