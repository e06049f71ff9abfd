//! Configuration as it lies on disk and comes over the link: read, compiled, compared.

use crate::config::{Changes, EndpointBook, Parts, Table};
use crate::listener::tls::Tls;
use crate::record::Stats;
use domain::snapshot::{Delta, Snapshot};
use std::sync::Arc;

#[test]
fn a_snapshot_is_refused_or_stays_what_it_is() {
    let words = [
        "null",
        "0",
        "-1",
        "18446744073709551615",
        "1e400",
        "\"\"",
        "[]",
        "{}",
        "{\"",
        "\":",
        ",",
        "127.0.0.1:0",
        "[::1]:1",
        "*.",
        "\"gw.example\"",
        "true",
        "/0",
        "\\u0000",
    ];
    let (endpoints, stats) = (EndpointBook::default(), Stats::new(1));
    let tls = Tls::new(Arc::default()).expect("TLS");
    super::run("snapshot", &words, |input| {
        let Ok(snapshot) = serde_json::from_slice::<Snapshot>(input) else { return };
        let text = serde_json::to_vec(&snapshot).expect("JSON");
        let again: Snapshot = serde_json::from_slice(&text).expect("the same");
        assert_eq!((again.hash(), &again), (snapshot.hash(), &snapshot));
        let empty = Snapshot::default();
        let delta = Delta::between(&empty, &snapshot);
        let delta: Delta = serde_json::from_slice(&serde_json::to_vec(&delta).expect("JSON")).expect("the same");
        assert_eq!(empty.apply(&delta).expect("a delta of it").hash(), snapshot.hash());
        let parts = Parts { snapshot: &snapshot, endpoints: &endpoints, stats: &stats, tls: &tls };
        // Refused as a whole or compiled as a whole.
        if let Ok(table) = Table::default().next(&Changes::of(&delta, &empty, &snapshot), &parts) {
            for (host, gateway) in table.hosts.iter() {
                assert!(gateway.hosts.iter().any(|own| **own == *host));
            }
        }
    });
}
