//! The nodes of a fully managed gateway: where they are, and what engines say of them.

use crate::compile::Configurations;
use crate::{Control, Observed};
use domain::gateway::{Gateway, GatewayKind};
use domain::id::HostId;
use domain::placement::even_share;
use domain::spec::{Spec, Thresholds};
use domain::view::{NodeUsage, NodeView};

impl Control {
    /// None of an ALB gateway.
    pub(super) fn nodes(&self, gateway: &Gateway, observed: &Observed, newest: &Configurations) -> Vec<NodeView> {
        let GatewayKind::FullyManaged { spec, .. } = gateway.kind else { return Vec::new() };
        let (placed, thresholds) = (newest.fleet.placed(gateway), self.thresholds(spec));
        let hosts = self.desired().hosts.clone();
        let on = |id: &HostId, among: &[&HostId]| among.iter().filter(|each| **each == id).count() as u32;
        let node = |(at, id): (usize, &&HostId)| {
            let host = hosts.get(*id)?;
            // One host has one engine; the one that is connected, if there was another one before.
            let of_host = observed.engines.iter().filter(|(_, engine)| engine.host == host.id);
            let (engine_id, engine) = of_host.max_by_key(|(_, engine)| (engine.connected, engine.since))?;
            let before = on(id, placed.get(..at).unwrap_or_default());
            let shared_by = on(id, &placed);
            let usage = engine.usage.get(&gateway.id).filter(|_| engine.connected);
            let newest_of = usage.and_then(|usage| usage.newest().map(|newest| (usage, newest)));
            Some(NodeView {
                number: at as u32 + 1,
                engine: engine_id.clone(),
                host: host.name.clone(),
                connected: engine.connected,
                since: engine.since,
                zone: host.zone.clone(),
                loaded: engine.version(newest.of(&host.id)),
                newest: newest.version,
                usage: newest_of.map(|(usage, newest)| NodeUsage {
                    workers: newest.workers,
                    shared_by,
                    cpu_percent: usage.cpu_percent(),
                    memory_bytes: engine.resident_bytes,
                    connections: even_share(newest.connections, before, shared_by),
                    thresholds,
                }),
            })
        };
        placed.iter().enumerate().filter_map(node).collect()
    }

    /// Those of the table, as far as this installation enforces it.
    fn thresholds(&self, spec: Spec) -> Thresholds {
        let (scale, table) = (self.installation().capacity_scale, spec.capacity().connections());
        Thresholds {
            security: scale.of(table.security),
            warning: scale.of(table.warning),
            overload: scale.of(table.overload),
        }
    }
}
