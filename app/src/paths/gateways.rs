//! A gateway's pages.

use super::NEW_MANAGED;
use domain::id::{GatewayId, VpcId};

pub fn gateway(id: &GatewayId) -> String {
    format!("/gateways/{id}")
}

pub fn gateway_internet(id: &GatewayId) -> String {
    format!("/gateways/{id}/internet")
}

/// Where public access of an ALB gateway is enabled.
pub fn enable_public(id: &GatewayId) -> String {
    format!("/gateways/{id}/internet/enable")
}

/// The instance behind an ALB gateway.
pub fn gateway_alb(id: &GatewayId) -> String {
    format!("/gateways/{id}/alb")
}

pub fn gateway_vpcs(id: &GatewayId) -> String {
    format!("/gateways/{id}/vpc")
}

pub fn add_gateway_vpc(id: &GatewayId) -> String {
    format!("/gateways/{id}/vpc/add")
}

pub fn gateway_vpc(id: &GatewayId, vpc: &VpcId) -> String {
    format!("/gateways/{id}/vpc/{vpc}")
}

/// Where a whitelist of the gateway is edited: its public one, or that of a VPC.
pub fn whitelist(id: &GatewayId, vpc: Option<&VpcId>) -> String {
    vpc.map_or_else(|| gateway_internet(id), |vpc| gateway_vpc(id, vpc))
}

pub fn gateway_domains(id: &GatewayId) -> String {
    format!("/gateways/{id}/domains")
}

pub fn create_domain(id: &GatewayId) -> String {
    format!("/gateways/{id}/domains/new")
}

pub fn gateway_settings(id: &GatewayId) -> String {
    format!("/gateways/{id}/settings")
}

pub fn gateway_structure(id: &GatewayId) -> String {
    format!("/gateways/{id}/structure")
}

pub fn gateway_nodes(id: &GatewayId) -> String {
    format!("/gateways/{id}/nodes")
}

pub fn resize_gateway(id: &GatewayId) -> String {
    format!("/gateways/{id}/resize")
}

/// The purchase page with this size chosen.
pub fn buy_managed(spec: &str, nodes: u32) -> String {
    format!("{NEW_MANAGED}?spec={spec}&nodes={nodes}")
}

pub fn delete_gateway(id: &GatewayId) -> String {
    format!("/gateways/{id}/delete")
}
