//! A gateway's access from VPCs, with what was observed of it.

use crate::compile::Configurations;
use crate::{Control, EngineState, Observed};
use domain::custom_domain::DomainSide;
use domain::gateway::Gateway;
use domain::network::{Inventory, LinkedVSwitch, VSwitch, Vpc, VpcLink};
use domain::snapshot::{ResourceKey, Scheme};
use domain::status::{Condition, LinkStatus, Reason};
use domain::view::{Door, EndpointView, LinkAddress, LinkView, Unanswered};
use std::net::{IpAddr, SocketAddr};

impl Control {
    pub(crate) fn links(&self, gateway: &Gateway, observed: &Observed, newest: &Configurations) -> Vec<LinkView> {
        let desired = self.desired();
        let view = |link: &VpcLink| {
            let vpc = desired.networks.vpcs.get(&link.vpc_id)?;
            Some(self.link(gateway, link, (vpc, &desired.networks), (observed, newest)))
        };
        gateway.vpcs.iter().filter_map(view).collect()
    }

    fn link(
        &self,
        gateway: &Gateway,
        link: &VpcLink,
        (vpc, all): (&Vpc, &Inventory),
        seen: (&Observed, &Configurations),
    ) -> LinkView {
        let mut conditions = Vec::new();
        let vswitches =
            link.vswitches.iter().filter_map(|linked| Some((linked, all.vswitches.get(&linked.vswitch_id)?)));
        let mut addresses: Vec<LinkAddress> = vswitches
            .map(|(linked, vswitch)| self.address(gateway, (link, linked, vswitch), seen, &mut conditions))
            .collect();
        addresses.sort_by(|a, b| a.vswitch.zone.cmp(&b.vswitch.zone));
        let mut status = whole(addresses.iter().map(|address| address.status));
        let owner = all.accounts.get(&vpc.account_id).map(|owner| owner.name.clone()).unwrap_or_default();
        if !all.may_link(&vpc.id, &gateway.account_id) {
            status = LinkStatus::Failed;
            conditions = vec![Condition {
                reason: Reason::NotGranted,
                detail: Some(owner.clone()),
                since: gateway.updated_at,
                seen_by: "console".into(),
            }];
        }
        LinkView {
            vpc: vpc.clone(),
            foreign_owner: (vpc.account_id != gateway.account_id).then_some(owner),
            status,
            peers: link.peers.iter().filter_map(|peer| all.vpcs.get(peer)).cloned().collect(),
            conditions,
            whitelist: link.whitelist.clone(),
            authoritative_dns: link.authoritative_dns,
            dns: addresses.iter().filter_map(|each| self.asked(link, each.address)).collect(),
            endpoints: self.named_endpoints(gateway, self.answered_through(link)),
            addresses,
            linked_at: link.linked_at,
        }
    }

    /// Where the VPC asks for the gateway's name in this vSwitch, if it does.
    fn asked(&self, link: &VpcLink, address: IpAddr) -> Option<SocketAddr> {
        let port = self.installation().dns_port().filter(|_| link.authoritative_dns)?;
        Some(SocketAddr::new(address, port))
    }

    fn address(
        &self,
        gateway: &Gateway,
        (link, linked, vswitch): (&VpcLink, &LinkedVSwitch, &VSwitch),
        (observed, newest): (&Observed, &Configurations),
        conditions: &mut Vec<Condition>,
    ) -> LinkAddress {
        let (mut status, reasons) = observed.listening(gateway, linked.address, newest);
        conditions.extend(reasons);
        let unasked = self.asked(link, linked.address).and_then(|asked| observed.closed(asked));
        if unasked.is_some() && status == LinkStatus::Running {
            // Who knows the address gets in, who knows the name does not.
            status = LinkStatus::Degraded;
        }
        conditions.extend(unasked);
        LinkAddress {
            vswitch: vswitch.clone(),
            address: linked.address,
            status,
            endpoints: self.private_endpoints(&host(linked.address), Some(Door::Port)),
        }
    }

    /// By the domains that it was given, by address, which needs no DNS, and by name.
    pub(crate) fn endpoints_inside(&self, gateway: &Gateway) -> Vec<EndpointView> {
        let desired = self.desired();
        let granted = gateway.vpcs.iter().filter(|link| desired.networks.may_link(&link.vpc_id, &gateway.account_id));
        let places = granted.flat_map(|link| &link.vswitches);
        let by_address = places.filter_map(|place| {
            let endpoints = self.private_endpoints(&host(place.address), Some(Door::Port));
            endpoints.into_iter().next_back()
        });
        let by_name = self.named_endpoints(gateway, self.answered(gateway).own);
        let given = self.domain_endpoints(gateway, DomainSide::Private);
        given.into_iter().chain(by_address).chain(by_name).collect()
    }

    /// By the gateway's own name inside VPCs.
    fn named_endpoints(&self, gateway: &Gateway, unanswered: Option<Unanswered>) -> Vec<EndpointView> {
        let endpoints = self.private_endpoints(&self.installation().private_host(&gateway.id), None);
        endpoints.into_iter().map(|endpoint| EndpointView { unanswered, ..endpoint }).collect()
    }

    /// By this host; TLS first.
    fn private_endpoints(&self, host: &str, door: Option<Door>) -> Vec<EndpointView> {
        let endpoint = |(scheme, port): (Scheme, u16)| {
            let usual = if scheme == Scheme::Http { 80 } else { 443 };
            let port = if port == usual { String::new() } else { format!(":{port}") };
            let by_name = if scheme == Scheme::Http { Door::Name } else { Door::NameTls };
            EndpointView::new(format!("{}://{host}{port}", scheme.as_str()), door.unwrap_or(by_name))
        };
        self.installation().private_ports().map(endpoint).collect()
    }
}

fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// What several make together.
fn whole(parts: impl Iterator<Item = LinkStatus>) -> LinkStatus {
    let parts: Vec<LinkStatus> = parts.collect();
    let all = |status| parts.iter().all(|part| *part == status);
    match parts.iter().max() {
        None => LinkStatus::Creating,
        Some(_) if all(LinkStatus::Running) => LinkStatus::Running,
        Some(worst @ (LinkStatus::Unknown | LinkStatus::Creating)) => *worst,
        Some(LinkStatus::Failed) if all(LinkStatus::Failed) => LinkStatus::Failed,
        Some(_) => LinkStatus::Degraded,
    }
}

impl Observed {
    /// Why an engine does not listen at a door that it knows.
    fn closed(&self, door: SocketAddr) -> Option<Condition> {
        let connected = self.engines.iter().filter(|(_, engine)| engine.connected);
        let reports = connected.flat_map(|(id, engine)| engine.doors.iter().map(move |report| (id, engine, report)));
        let mut closed = reports.filter(|(_, _, report)| report.address == door && !report.open);
        let (id, engine, report) = closed.next()?;
        let detail = format!("{door}: {}", report.error.as_deref().unwrap_or_default());
        Some(Condition {
            reason: Reason::BindFailed,
            detail: Some(detail),
            since: engine.since,
            seen_by: id.to_string(),
        })
    }

    /// Whether engines listen for the gateway at this address.
    fn listening(&self, gateway: &Gateway, address: IpAddr, newest: &Configurations) -> (LinkStatus, Vec<Condition>) {
        let key = ResourceKey::Gateway(gateway.id.clone());
        let mut conditions = Vec::new();
        let mut statuses = Vec::new();
        let serves = |engine: &EngineState| engine.addresses.iter().any(|each| each.serves(address));
        let is_held = self.engines.values().any(|engine| engine.connected && serves(engine));
        for (id, engine) in &self.engines {
            // Another host has it.
            if (is_held && !(engine.connected && serves(engine))) || newest.fleet.is_elsewhere(address, &engine.host) {
                continue;
            }
            let told = |reason, detail| Condition { reason, detail, since: engine.since, seen_by: id.to_string() };
            if !engine.connected {
                conditions.push(told(Reason::EngineDisconnected, None));
                statuses.push(LinkStatus::Unknown);
                continue;
            }
            if !serves(engine) {
                conditions.push(told(Reason::AddressGone, Some(address.to_string())));
                statuses.push(LinkStatus::Failed);
                continue;
            }
            let Some(site) = newest.fleet.get(&engine.host) else { continue };
            let ports: Vec<u16> = site.installation.private_ports().map(|(_, port)| port).collect();
            let loaded = |key: &ResourceKey| engine.has(key, newest.of(&engine.host).get(key));
            let is_current = loaded(&key)
                && ports.iter().all(|port| loaded(&ResourceKey::Listener(SocketAddr::new(address, *port))));
            if !is_current {
                let why = engine.refused.as_ref();
                let reason = if why.is_some() { Reason::ConfigRefused } else { Reason::ConfigPending };
                conditions.push(told(reason, why.map(|(_, why, _)| why.clone())));
                statuses.push(if why.is_some() { LinkStatus::Failed } else { LinkStatus::Creating });
                continue;
            }
            for port in &ports {
                let door = SocketAddr::new(address, *port);
                let doors: Vec<_> = engine.doors.iter().filter(|report| report.address == door).collect();
                let closed = doors.iter().find(|report| !report.open);
                statuses.push(match closed {
                    Some(closed) => {
                        let error = closed.error.clone().unwrap_or_default();
                        conditions.push(told(Reason::BindFailed, Some(format!("{door}: {error}"))));
                        LinkStatus::Failed
                    }
                    None if doors.is_empty() => LinkStatus::Creating,
                    None => LinkStatus::Running,
                });
            }
        }
        let status = if statuses.is_empty() { LinkStatus::Creating } else { whole(statuses.into_iter()) };
        (status, conditions)
    }
}
