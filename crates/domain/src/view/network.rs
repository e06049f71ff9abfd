//! Networks, and gateways' access from them.

use super::EndpointView;
use crate::account::Account;
use crate::id::GatewayId;
use crate::name::GatewayName;
use crate::network::{HostAddress, VSwitch, Vpc, Zone};
use crate::status::{Condition, LinkStatus};
use crate::whitelist::Whitelist;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworksView {
    pub region: String,
    pub zones: Vec<Zone>,
    /// All of the installation, the own one first, for its operator; else none.
    pub accounts: Vec<Account>,
    pub vpcs: Vec<VpcView>,
    /// Addresses of engines' hosts that are in no VPC: their networks can be adopted as one.
    pub elsewhere: Vec<HostAddress>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcView {
    pub vpc: Vpc,
    pub owner: String,
    /// Another account's, which may be linked.
    pub is_foreign: bool,
    /// Other accounts that may link it, for those who may change that.
    pub granted: Vec<Account>,
    pub vswitches: Vec<VSwitchView>,
    pub gateways: Vec<(GatewayId, GatewayName)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VSwitchView {
    pub vswitch: VSwitch,
    /// Where an engine can listen in it, as engines see it now.
    pub addresses: Vec<HostAddress>,
    /// Any address of the block will do: it is loopback.
    pub is_loopback: bool,
    /// Names of the supported zones, where its own is not one.
    pub unsupported: Option<Vec<String>>,
    pub gateways: Vec<(GatewayId, GatewayName)>,
}

/// A VPC that reaches a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    pub vpc: Vpc,
    /// Of the account that it belongs to, where that is another one.
    pub foreign_owner: Option<String>,
    pub status: LinkStatus,
    pub conditions: Vec<Condition>,
    pub whitelist: Whitelist,
    pub authoritative_dns: bool,
    /// VPCs whose clients get in here as well.
    pub peers: Vec<Vpc>,
    /// Where the VPC asks for the gateway's name, over UDP and TCP. Empty: it does not, or the server is off.
    pub dns: Vec<SocketAddr>,
    /// By name.
    pub endpoints: Vec<EndpointView>,
    pub addresses: Vec<LinkAddress>,
    pub linked_at: DateTime<Utc>,
}

/// The gateway in one vSwitch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAddress {
    pub vswitch: VSwitch,
    pub address: IpAddr,
    pub status: LinkStatus,
    pub endpoints: Vec<EndpointView>,
}
