//! A second gateway beside the usual one, with a service `model` of its own.

use super::{gateway, service};
use domain::id::{GatewayId, RANDOM_LEN, ServiceId};
use domain::snapshot::{GatewayConfig, ServiceConfig};
use std::net::SocketAddr;

pub const HOST: &str = "other.example";

pub fn gateway_id() -> GatewayId {
    GatewayId::from_random([8; RANDOM_LEN])
}

pub fn service_id() -> ServiceId {
    ServiceId::from_random([7; RANDOM_LEN])
}

/// The usual gateway's likeness; the token is the same, too.
pub fn other_gateway(own: SocketAddr, whitelist: &[&str]) -> GatewayConfig {
    let mut other = gateway(own, whitelist);
    (other.id, other.name) = (gateway_id(), "other".into());
    other.public.as_mut().unwrap().hosts = vec![HOST.into()];
    other
}

pub fn other_service() -> ServiceConfig {
    ServiceConfig { id: service_id(), gateway_id: gateway_id(), ..service() }
}
