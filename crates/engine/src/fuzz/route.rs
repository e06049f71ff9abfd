//! Hosts and paths as clients write them: which gateway and which service they mean.

use crate::config::{Changes, EndpointBook, Parts, Table};
use crate::listener::tls::Tls;
use crate::message::Fields;
use crate::record::Stats;
use crate::route::path::{Target, target};
use crate::route::{host, service};
use domain::snapshot::{Delta, Snapshot};
use std::sync::{Arc, LazyLock};

/// A gateway with three services; `chat` is the group of two of them.
const CONFIGURATION: &str = include_str!("route.json");

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (empty, snapshot): (_, Snapshot) = (Snapshot::default(), serde_json::from_str(CONFIGURATION).expect("JSON"));
    let tls = Tls::new(Arc::default()).expect("TLS");
    let parts = Parts { snapshot: &snapshot, endpoints: &EndpointBook::default(), stats: &Stats::new(1), tls: &tls };
    Table::default().next(&Changes::of(&Delta::between(&empty, &snapshot), &empty, &snapshot), &parts).expect("a table")
});

/// Two lines, host and path. Who is found is who was named, to the letter.
pub fn look(input: &[u8]) {
    let Some((host, path)) = std::str::from_utf8(input).ok().and_then(|text| text.split_once('\n')) else { return };
    let Some(host) = host::normalise(host) else { return };
    assert_eq!(host::normalise(&host).as_deref(), Some(&*host), "normal once and for all");
    let found = TABLE.sides.named(None, &host);
    let is_wild = host.strip_suffix(".wild.example").is_some_and(|label| !label.is_empty() && !label.contains('.'));
    assert_eq!(found.is_some(), is_wild || *host == *"gw.example", "{host}");
    let Ok(Target::Service { name, rest }) = target(path) else { return };
    assert_eq!(format!("/api/predict/{name}{rest}"), path);
    let gateway = TABLE.gateways.values().next().expect("a gateway");
    let Ok(found) = service(gateway, name, &Fields::default()) else { return };
    let grouped = matches!(&*found.name, "stable" | "new");
    let own = name == &*found.name || (grouped && name == format!("chat.{}", found.name));
    let by_group = name == "chat" && grouped;
    assert!(own || by_group, "{name} is not {}", found.name);
    // One of them has its own token, the other the group's.
    assert_eq!(found.tokens.len(), if by_group { 2 } else { 1 });
}
