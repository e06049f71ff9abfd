//! The real program's engine role, told everything over its sockets as console and agent would.

use super::link::Link;
use super::{Doors, Kind, Proxy, Records};
use crate::process::{PROXY_CORE, Process};
use crate::scene::{HOSTS, Scene, Service, host};
use anyhow::{Context, Result};
use domain::endpoint::Endpoint;
use domain::id::{CertificateId, GatewayId, RANDOM_LEN, ReplicaId, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{Resource, Snapshot};
use serde_json::{Value, json};
use std::path::Path;

pub async fn start(scene: &Scene, program: &Path, doors: Doors, folder: &Path) -> Result<Proxy> {
    let data = folder.join("data");
    let run = data.join("run");
    std::fs::create_dir_all(&run)?;
    let resources = resources(scene, doors).into_iter().map(serde_json::from_value::<Resource>);
    let resources = resources.collect::<Result<Vec<_>, _>>().context("the snapshot's resources look different now")?;
    let endpoint = |service: &Service| Endpoint {
        service_id: ServiceId::from_random(id(service.number)),
        replica_id: ReplicaId::from_random(id(service.number)),
        address: scene.backends.of(service.answers),
        weight: domain::endpoint::DEFAULT_WEIGHT,
    };
    let endpoints = scene.services.iter().map(endpoint).collect();
    let console = super::link::listen(&run.join("link.sock"))?;
    let arguments = ["engine", "--data-dir", &data.display().to_string(), "--workers", "1", "--log", "warn"];
    let process = Process::start("engine", PROXY_CORE, program, &arguments.map(String::from), &folder.join("out"))?;
    let link =
        Link::tell(console, Snapshot::from_resources(1, resources), &run.join("endpoints.sock"), endpoints).await?;
    let records = Records::Link(link.told());
    Ok(Proxy { kind: Kind::Engine, doors, records, process, _link: Some(link) })
}

/// Different for different numbers: the first characters count to base 36.
fn id(number: usize) -> [u8; RANDOM_LEN] {
    let mut bytes = [0; RANDOM_LEN];
    let mut rest = number;
    for byte in &mut bytes[..4] {
        *byte = (rest % 36) as u8;
        rest /= 36;
    }
    bytes
}

/// As JSON, where what is not said has its default: the console's side may grow.
fn resources(scene: &Scene, doors: Doors) -> Vec<Value> {
    let listener = |address, scheme: &str| json!({"type": "listener", "address": address, "scheme": scheme});
    let gateway = |number: usize| GatewayId::from_random(id(number));
    let certificate = json!({
        "type": "certificate",
        "id": CertificateId::from_random(id(0)),
        "names": (0..HOSTS).map(host).collect::<Vec<_>>(),
        "fallback": true,
        "chain": scene.certificate.chain,
        "key": scene.certificate.key,
    });
    let gateways = (0..HOSTS).map(|number| {
        json!({
            "type": "gateway",
            "id": gateway(number),
            "name": format!("bench-{number}"),
            "public": {"hosts": [host(number)], "own": null, "whitelist": scene.whitelist},
        })
    });
    let services = scene.services.iter().map(|service| {
        json!({
            "type": "service",
            "id": ServiceId::from_random(id(service.number)),
            "gateway_id": gateway(service.host),
            "name": service.name,
            "tokens": [{
                "id": TokenId::from_random(id(service.number)),
                "digest": Secret::new(service.token.as_str()).digest(),
                "expires_at": null,
            }],
            "body_limit": 100_000_000,
            "timeouts": domain::snapshot::Timeouts::default(),
            "policy": {"limits": {"rate": {"per_second": service.rate, "burst": service.rate}}},
        })
    });
    [listener(doors.http, "http"), listener(doors.https, "https"), certificate]
        .into_iter()
        .chain(gateways)
        .chain(services)
        .collect()
}
