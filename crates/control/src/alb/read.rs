//! An ALB instance as its page shows it.

use crate::compile::Configurations;
use crate::{Control, EngineState, Observed};
use domain::gateway::{Gateway, GatewayKind};
use domain::id::VSwitchId;
use domain::network::Inventory;
use domain::snapshot::{Resource, ResourceKey};
use domain::view::{AlbScaling, AlbView, AlbZone};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Control {
    /// `None` of other gateways, and before an access is enabled.
    pub(crate) fn alb(&self, gateway: &Gateway, observed: &Observed, newest: &Configurations) -> Option<AlbView> {
        let alb = gateway.alb.as_ref().filter(|_| gateway.kind == GatewayKind::Alb)?;
        let seen = observed.alb(gateway, newest)?;
        let networks = self.desired().networks.clone();
        let of_link = gateway.vpcs.first().map(|link| &link.vpc_id);
        let vpc = of_link.or(alb.public.as_ref().map(|zones| &zones.vpc_id)).and_then(|id| networks.vpcs.get(id));
        Some(AlbView {
            id: alb.id.clone(),
            status: seen.status,
            conditions: seen.conditions,
            created_at: alb.created_at,
            vpc: vpc.map(|vpc| (vpc.id.clone(), vpc.name.clone())),
            zones: zones(gateway, &networks),
            listeners: seen.listeners,
            scaling: observed.scaling(gateway, newest),
            load: observed.alb_load(&gateway.id),
        })
    }
}

/// By zone.
fn zones(gateway: &Gateway, networks: &Inventory) -> Vec<AlbZone> {
    let ids: BTreeSet<&VSwitchId> = gateway.places().map(|(_, vswitch)| vswitch).collect();
    let public = gateway.alb.as_ref().and_then(|alb| alb.public.as_ref());
    let linked = || gateway.vpcs.iter().flat_map(|link| &link.vswitches);
    let zone = |id: &VSwitchId| {
        Some(AlbZone {
            vswitch: networks.vswitches.get(id)?.clone(),
            address: linked().find(|linked| linked.vswitch_id == *id).map(|linked| linked.address),
            public: public.is_some_and(|zones| zones.vswitches.contains(id)),
        })
    };
    let mut found: Vec<AlbZone> = ids.into_iter().filter_map(zone).collect();
    found.sort_by(|a, b| a.vswitch.zone.cmp(&b.vswitch.zone));
    found
}

impl Observed {
    fn scaling(&self, gateway: &Gateway, newest: &Configurations) -> AlbScaling {
        let connected = || self.engines.values().filter(|engine| engine.connected);
        let usage = || connected().filter_map(|engine| engine.usage.get(&gateway.id));
        let key = ResourceKey::Gateway(gateway.id.clone());
        let capacity = |engine: &EngineState| match newest.of(&engine.host).get(&key).map(Arc::as_ref) {
            Some(Resource::Gateway(config)) => Some(config.capacity),
            _ => None,
        };
        let capacities = || connected().filter_map(capacity);
        let percents: Vec<u64> = usage().filter_map(|usage| usage.cpu_percent()).collect();
        AlbScaling {
            workers: usage().filter_map(|usage| Some(u64::from(usage.newest()?.workers))).sum(),
            least: capacities().map(|each| u64::from(each.workers)).sum(),
            most: capacities().map(|each| u64::from(each.most_workers.unwrap_or(each.workers))).sum(),
            cpu_percent: percents.iter().sum::<u64>().checked_div(percents.len() as u64),
        }
    }
}
