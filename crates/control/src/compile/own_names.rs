//! Certificates for gateways' own public names. The local authority's is for all of them; one that was ordered for a
//! gateway by its name goes before it.

use crate::Installation;
use crate::desired::Desired;
use crate::names::Held;
use domain::gateway::Gateway;
use domain::id::CertificateId;
use domain::snapshot::{Resource, ResourceKey, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Installation {
    /// The gateway with this public name.
    pub(crate) fn named<'d>(&self, host: &str, desired: &'d Desired) -> Option<&'d Arc<Gateway>> {
        let id = host.strip_suffix(&format!(".{}.{}", self.region, self.base_domain))?.parse().ok()?;
        desired.gateways.get(&id)
    }
}

impl Desired {
    /// What is shown for this own name of the gateway: of several that were issued for it the last that was ordered.
    pub(crate) fn shown_for<'d>(&'d self, gateway: &Gateway, host: &str) -> Option<&'d Arc<Held>> {
        let ordered = self.names.ordered_for(host).filter(|held| {
            held.row.workspace_id == gateway.workspace_id && held.row.facts.is_some() && held.key.is_some()
        });
        ordered.max_by_key(|held| (held.row.created_at, &held.row.id))
    }

    /// The gateways for whose own names this one is shown, and the names.
    pub(crate) fn shown_by<'d>(
        &'d self,
        held: &'d Held,
        installation: &'d Installation,
    ) -> impl Iterator<Item = (&'d Arc<Gateway>, &'d String)> {
        let names = held.row.acme.iter().flat_map(|order| &order.names);
        let own = names.filter_map(|name| Some((installation.named(name, self)?, name)));
        own.filter(|(gateway, name)| self.shown_for(gateway, name).is_some_and(|shown| shown.row.id == held.row.id))
    }
}

/// Those that may be shown for other names when this one changes: it, and all that were ordered for names that it was
/// shown for, or may be.
pub(super) fn rivals(next: &Snapshot, desired: &Desired, id: &CertificateId) -> BTreeSet<CertificateId> {
    let held = desired.names.certificates.get(id);
    let now = held.and_then(|held| held.row.acme.as_ref()).map(|order| order.names.as_slice()).unwrap_or_default();
    let before = match next.get(&ResourceKey::Certificate(id.clone())).map(Arc::as_ref) {
        Some(Resource::Certificate(config)) => config.names.as_slice(),
        _ => &[],
    };
    let others = now.iter().chain(before).flat_map(|name| desired.names.ordered_for(name));
    others.map(|held| held.row.id.clone()).chain([id.clone()]).collect()
}
