//! What the deploy wizard needs to know.

use crate::cidr::Cidr;
use crate::error::Invalid;
use crate::gateway::GatewayKind;
use crate::id::{GatewayId, VpcId};
use crate::name::GatewayName;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployChoices {
    /// All of the workspace, the default one first.
    pub gateways: Vec<GatewayChoice>,
    /// Those that its account may link, by name.
    pub vpcs: Vec<VpcChoice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayChoice {
    pub id: GatewayId,
    pub name: GatewayName,
    pub kind: GatewayKind,
    pub is_default: bool,
    /// Of its services for which none is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<ServiceVpc>,
    /// VPCs in which it serves nothing, with what stands against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<(VpcId, Invalid)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcChoice {
    pub id: VpcId,
    pub name: String,
    pub blocks: Vec<Cidr>,
}

/// The VPC that a service is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceVpc {
    pub id: VpcId,
    pub name: String,
}
