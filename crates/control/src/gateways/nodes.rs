//! The nodes of a fully managed gateway: where they are, and what engines say of them.

use crate::{Control, Observed};
use domain::gateway::{Gateway, GatewayKind};
use domain::id::EngineId;
use domain::placement::{even_share, spread};
use domain::spec::{Spec, Thresholds};
use domain::view::{NodeUsage, NodeView};

impl Control {
    /// None of an ALB gateway, and none before there is an engine.
    pub(super) fn nodes(&self, gateway: &Gateway, observed: &Observed, newest: u64) -> Vec<NodeView> {
        let GatewayKind::FullyManaged { spec, nodes, .. } = gateway.kind else { return Vec::new() };
        let placed = spread(&gateway.id, nodes, observed.engines.keys());
        let (zone, thresholds) = (self.first_zone(), self.thresholds(spec));
        let on = |id: &EngineId, among: &[&EngineId]| among.iter().filter(|each| **each == id).count() as u32;
        let node = |(at, id): (usize, &&EngineId)| {
            let engine = observed.engines.get(*id)?;
            let before = on(id, placed.get(..at).unwrap_or_default());
            let shared_by = on(id, &placed);
            let usage = engine.usage.get(&gateway.id).filter(|_| engine.connected);
            let newest_of = usage.and_then(|usage| usage.newest().map(|newest| (usage, newest)));
            Some(NodeView {
                number: at as u32 + 1,
                engine: (*id).clone(),
                connected: engine.connected,
                zone: zone.clone(),
                loaded: engine.loaded.as_ref().map(|snapshot| snapshot.version),
                newest,
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

    /// Where engines are until they say so themselves.
    fn first_zone(&self) -> String {
        let (desired, region) = (self.desired(), &self.installation().region);
        let of_region = desired.networks.zones.values().find(|(of, _)| of == region);
        of_region.map_or_else(|| region.clone(), |(_, zone)| zone.id.clone())
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
