//! What engines say of an ALB instance: whether they serve it, and at which listeners.

use crate::Observed;
use crate::compile::{Configurations, Fleet};
use crate::observed::EngineState;
use domain::alb::Access;
use domain::gateway::Gateway;
use domain::id::{EngineId, HostId};
use domain::network::HostAddress;
use domain::snapshot::{Resource, ResourceKey, Scheme};
use domain::status::{AlbStatus, Condition, GatewayStatus, LinkStatus, Reason};
use domain::view::AlbListener;
use std::net::SocketAddr;
use std::sync::Arc;

/// Of a gateway that has an instance.
pub(crate) struct SeenAlb {
    pub status: AlbStatus,
    /// What is wrong or not done yet.
    pub conditions: Vec<Condition>,
    pub listeners: Vec<AlbListener>,
}

/// Where it should listen, and on which host; none is named for an address inside a VPC, which is on whichever has it.
fn listeners(gateway: &Gateway, fleet: &Fleet) -> Vec<(Option<HostId>, AlbListener)> {
    let listener = |address, scheme, access, is_shared| AlbListener {
        address,
        scheme,
        access,
        is_shared,
        status: LinkStatus::Creating,
    };
    let mut all = Vec::new();
    for (host, site) in fleet.sites().filter(|_| gateway.internet.enabled) {
        let (installation, mut of_host) = (&site.installation, Vec::new());
        let own = gateway.internet.port.map(|port| SocketAddr::new(installation.own_address(), port));
        of_host.extend(own.map(|own| listener(own, Scheme::Http, Access::Internet, false)));
        let shared = |scheme| move |address: &SocketAddr| listener(*address, scheme, Access::Internet, true);
        of_host.extend(installation.https.iter().map(shared(Scheme::Https)));
        of_host.extend(installation.http.iter().map(shared(Scheme::Http)));
        all.extend(of_host.into_iter().map(|each| (Some(host.clone()), each)));
    }
    let any = fleet.sites().next().map(|(_, site)| &site.installation);
    for vswitch in gateway.vpcs.iter().flat_map(|link| &link.vswitches) {
        let at = |(scheme, port)| listener(SocketAddr::new(vswitch.address, port), scheme, Access::Vpc, false);
        let ports = any.into_iter().flat_map(|installation| installation.private_ports());
        all.extend(ports.map(at).map(|each| (None, each)));
    }
    all
}

impl Observed {
    /// `None` without an instance.
    pub(crate) fn alb(&self, gateway: &Gateway, newest: &Configurations) -> Option<SeenAlb> {
        gateway.alb.as_ref()?;
        let (word, told) = self.gateway(gateway, newest);
        let mut conditions: Vec<Condition> =
            told.into_iter().filter(|condition| condition.reason != Reason::ConfigLoaded).collect();
        let mut wanted = listeners(gateway, &newest.fleet);
        for (host, listener) in &mut wanted {
            let address = listener.address.ip();
            let held = |host: &HostId| newest.fleet.is_elsewhere(address, host);
            let is_its =
                |engine: &EngineState| host.as_ref().map_or_else(|| !held(&engine.host), |host| engine.host == *host);
            let engines = self.engines.iter().filter(|(_, engine)| is_its(engine));
            let seen: Vec<_> = engines.map(|(id, engine)| door(id, engine, listener)).collect();
            listener.status = together(seen.iter().map(|(status, _)| *status));
            // What is wrong with shared ones is among the gateway's own reasons already.
            let why = seen.into_iter().filter_map(|(_, why)| why).filter(|_| !listener.is_shared);
            conditions.extend(why);
        }
        let listeners: Vec<AlbListener> = wanted.into_iter().map(|(_, listener)| listener).collect();
        let any = |status| listeners.iter().any(|listener| listener.status == status);
        let is_known = self.engines.values().filter(|engine| engine.connected).all(|engine| serves(engine, gateway));
        let status = match word {
            GatewayStatus::Unknown => AlbStatus::Unknown,
            GatewayStatus::Creating => AlbStatus::Provisioning,
            GatewayStatus::Failed | GatewayStatus::Degraded => AlbStatus::Degraded,
            GatewayStatus::Running if any(LinkStatus::Failed) || any(LinkStatus::Degraded) => AlbStatus::Degraded,
            GatewayStatus::Running if !is_known || any(LinkStatus::Creating) => AlbStatus::Provisioning,
            GatewayStatus::Running => AlbStatus::Active,
        };
        if status == AlbStatus::Active {
            // An edit on its way is nothing that is wrong.
            conditions.retain(|condition| condition.reason != Reason::ConfigPending);
        }
        Some(SeenAlb { status, conditions, listeners })
    }
}

/// Whether what the engine has loaded has the accesses that the gateway should have; details of them may be on their way.
fn serves(engine: &EngineState, gateway: &Gateway) -> bool {
    let key = ResourceKey::Gateway(gateway.id.clone());
    let loaded = engine.loaded.as_ref().and_then(|snapshot| snapshot.get(&key));
    let Some(Resource::Gateway(config)) = loaded.map(Arc::as_ref) else { return false };
    config.public.is_some() == gateway.internet.enabled && config.private.len() == gateway.vpcs.len()
}

fn door(id: &EngineId, engine: &EngineState, listener: &AlbListener) -> (LinkStatus, Option<Condition>) {
    let address = listener.address;
    let told = |reason, detail| Some(Condition { reason, detail, since: engine.since, seen_by: id.to_string() });
    if !engine.connected {
        // The gateway's own reasons say so.
        return (LinkStatus::Unknown, None);
    }
    let serves = |each: &HostAddress| each.serves(address.ip());
    if listener.access == Access::Vpc && !engine.addresses.iter().any(serves) {
        return (LinkStatus::Failed, told(Reason::AddressGone, Some(address.ip().to_string())));
    }
    let reports: Vec<_> = engine.doors.iter().filter(|report| report.address == address).collect();
    match reports.iter().find(|report| !report.open) {
        Some(closed) => {
            let error = closed.error.as_deref().unwrap_or_default();
            (LinkStatus::Failed, told(Reason::BindFailed, Some(format!("{address}: {error}"))))
        }
        None if reports.is_empty() => (LinkStatus::Creating, None),
        None => (LinkStatus::Running, None),
    }
}

/// What several engines say of one listener.
fn together(all: impl Iterator<Item = LinkStatus>) -> LinkStatus {
    let all: Vec<LinkStatus> = all.collect();
    match all.first() {
        None => LinkStatus::Creating,
        Some(first) if all.iter().all(|each| each == first) => *first,
        Some(_) => LinkStatus::Degraded,
    }
}
