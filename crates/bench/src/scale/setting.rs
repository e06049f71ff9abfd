//! Gateways with services, as an engine is told them and as clients call them.

use crate::scene::Backends;
use anyhow::{Context, Result};
use domain::endpoint::Endpoint;
use domain::id::{GatewayId, RANDOM_LEN, ReplicaId, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{Resource, Snapshot};
use serde_json::{Value, json};
use std::net::SocketAddr;

#[derive(Clone, Copy)]
pub struct Setting {
    pub gateways: usize,
    /// Of each gateway.
    pub of_each: usize,
}

impl Setting {
    pub fn services(&self) -> usize {
        self.gateways * self.of_each
    }

    /// Neighbours in number are of different gateways.
    fn host(&self, service: usize) -> String {
        format!("gw-{}.scale.example", service % self.gateways)
    }

    /// As long as the product's own.
    pub fn token(service: usize, change: usize) -> String {
        format!("{service:08x}c0ffee5eed{change:08x}c0ffee5eed")
    }

    /// A request for a service, on a connection that is kept.
    pub fn head(&self, service: usize, token: &str) -> String {
        format!(
            "GET /api/predict/model_{service:06}/get HTTP/1.1\r\nHost: {}\r\nAuthorization: {token}\r\n\
             Accept: application/json\r\n\r\n",
            self.host(service)
        )
    }

    /// Of a service with the token of this change.
    pub fn service(&self, number: usize, change: usize) -> Result<Resource> {
        let service = json!({
            "type": "service",
            "id": ServiceId::from_random(id(number)),
            "gateway_id": GatewayId::from_random(id(number % self.gateways)),
            "name": format!("model_{number:06}"),
            "tokens": [{
                "id": TokenId::from_random(id(number)),
                "digest": Secret::new(Self::token(number, change).as_str()).digest(),
                "expires_at": null,
            }],
            "body_limit": 100_000_000,
            "timeouts": domain::snapshot::Timeouts::default(),
            "policy": {"limits": {"rate": {"per_second": 1_000_000, "burst": 1_000_000}}},
        });
        resource(service)
    }

    pub fn snapshot(&self, door: SocketAddr) -> Result<Snapshot> {
        let gateway = |number: usize| {
            let public = json!({
                "hosts": [self.host(number)],
                "own": null,
                "whitelist": ["203.0.113.0/24", "10.0.0.0/8", "192.168.0.0/16", "127.0.0.1/32"],
            });
            let id = GatewayId::from_random(id(number));
            resource(json!({"type": "gateway", "id": id, "name": format!("scale-{number}"), "public": public}))
        };
        let listener = json!({"type": "listener", "address": door, "scheme": "http"});
        let gateways = (0..self.gateways).map(gateway);
        let services = (0..self.services()).map(|number| self.service(number, 0));
        let all: Result<Vec<_>> = [resource(listener)].into_iter().chain(gateways).chain(services).collect();
        Ok(Snapshot::from_resources(1, all?))
    }

    pub fn endpoints(&self, backends: Backends) -> Vec<Endpoint> {
        let endpoint = |number: usize| Endpoint {
            service_id: ServiceId::from_random(id(number)),
            replica_id: ReplicaId::from_random(id(number)),
            address: backends.web,
            weight: domain::endpoint::DEFAULT_WEIGHT,
        };
        (0..self.services()).map(endpoint).collect()
    }
}

fn resource(value: Value) -> Result<Resource> {
    serde_json::from_value(value).context("the snapshot's resources look different now")
}

/// Different for different numbers, and in no order: multiplied by an odd number they are mixed and stay different.
fn id(number: usize) -> [u8; RANDOM_LEN] {
    let mut bytes = [0; RANDOM_LEN];
    let mut rest = (number as u32).wrapping_mul(0x9e37_79b1);
    for byte in &mut bytes[..7] {
        *byte = (rest % 36) as u8;
        rest /= 36;
    }
    bytes
}
