//! Configuration as it lies on disk and comes over the link: read, compiled, compared.

use crate::config::{Changes, ConfigError, EndpointBook, Parts, Table};
use crate::listener::tls::Tls;
use crate::names::Names;
use crate::record::Stats;
use domain::snapshot::{Delta, Resource, Snapshot};
use std::sync::{Arc, LazyLock};

static TLS: LazyLock<Tls> = LazyLock::new(|| Tls::new(Arc::default()).expect("TLS"));

/// A snapshot is refused or stays what it is.
pub fn look(input: &[u8]) {
    let Ok(snapshot) = serde_json::from_slice::<Snapshot>(input) else { return };
    let text = serde_json::to_vec(&snapshot).expect("JSON");
    let again: Snapshot = serde_json::from_slice(&text).expect("the same");
    assert_eq!((again.hash(), &again), (snapshot.hash(), &snapshot));
    let empty = Snapshot::default();
    let delta = Delta::between(&empty, &snapshot);
    let delta: Delta = serde_json::from_slice(&serde_json::to_vec(&delta).expect("JSON")).expect("the same");
    assert_eq!(empty.apply(&delta).expect("a delta of it").hash(), snapshot.hash());
    let names = snapshot.resources().filter(|resource| matches!(resource, Resource::Name(_))).count();
    if let Ok(Some(zones)) = answered(&snapshot) {
        assert_eq!(zones.len(), names);
    }
    // Refused as a whole or compiled as a whole.
    if let Some(table) = compiled(&snapshot) {
        let vpcs = table.gateways.values().flat_map(|gateway| gateway.private.iter().map(|private| Some(&private.vpc)));
        for vpc in vpcs.chain([None]) {
            for (host, gateway) in table.sides.names(vpc) {
                let entrance = gateway.entrance(vpc).expect("a way in");
                assert!(entrance.hosts.iter().any(|own| **own == *host));
            }
        }
        for gateway in table.gateways.values() {
            for address in gateway.own.iter().chain(&gateway.listeners) {
                let listener = table.listeners.get(address).expect("a listener");
                assert!(listener.gateway.as_ref().is_some_and(|alone| Arc::ptr_eq(alone, gateway)));
                assert!(gateway.entrance(listener.vpc.as_ref()).is_some());
            }
        }
        for gateway in table.gateways.values() {
            for (name, group) in gateway.groups.iter() {
                assert!(gateway.services.get(name).is_none() && !group.members.is_empty());
                assert!(group.members.iter().all(|service| service.within(name).is_some()));
            }
        }
    }
}

fn compiled(snapshot: &Snapshot) -> Option<Table> {
    let empty = Snapshot::default();
    let (endpoints, stats) = (EndpointBook::default(), Stats::new(1));
    let parts = Parts { snapshot, endpoints: &endpoints, stats: &stats, tls: &TLS };
    Table::default().next(&Changes::of(&Delta::between(&empty, snapshot), &empty, snapshot), &parts).ok()
}

/// By a DNS server that knew nothing before.
fn answered(snapshot: &Snapshot) -> Result<Option<dns::Zones>, ConfigError> {
    let empty = Snapshot::default();
    let changes = Changes::of(&Delta::between(&empty, snapshot), &empty, snapshot);
    Names::new(tokio::sync::mpsc::unbounded_channel().0).next(&changes, snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is refused at once leads nowhere.
    #[test]
    fn the_search_starts_from_what_is_served() {
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/snapshot")).expect("inputs") {
            let path = file.expect("an input").path();
            let snapshot = serde_json::from_slice(&std::fs::read(&path).expect("an input")).expect("a snapshot");
            assert!(compiled(&snapshot).is_some() && answered(&snapshot).is_ok(), "{}", path.display());
        }
    }
}
