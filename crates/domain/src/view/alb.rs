//! An ALB instance, as engines say.

use crate::alb::{Access, Units};
use crate::id::{AlbId, VpcId};
use crate::network::VSwitch;
use crate::snapshot::Scheme;
use crate::status::{AlbStatus, Condition, LinkStatus};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbView {
    pub id: AlbId,
    pub status: AlbStatus,
    /// What is wrong, if something is.
    pub conditions: Vec<Condition>,
    pub created_at: DateTime<Utc>,
    /// The one that everything of it is in; `None` if it was deleted behind our back.
    pub vpc: Option<(VpcId, String)>,
    pub zones: Vec<AlbZone>,
    pub listeners: Vec<AlbListener>,
    pub scaling: AlbScaling,
    /// `None` while no engine has measured anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<AlbLoad>,
}

/// One of its vSwitches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbZone {
    pub vswitch: VSwitch,
    /// Where it listens in it, if the VPC has access.
    pub address: Option<IpAddr>,
    /// Whether public access was put there.
    pub public: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbListener {
    pub address: SocketAddr,
    pub scheme: Scheme,
    pub access: Access,
    /// Other gateways have it as well: this one is known by its name there.
    pub is_shared: bool,
    pub status: LinkStatus,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbScaling {
    /// Threads of its own on all engines; 0 before its first connection.
    pub workers: u64,
    pub least: u64,
    /// The operator's limit. A host's number of cores is one as well.
    pub most: u64,
    /// Of those threads together, percent of what they could use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<u64>,
}

/// Over the last minute, or over what there was of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbLoad {
    /// How much of it that is.
    pub seconds: u64,
    pub units: Units,
    /// Thousandths, in a second.
    pub requests: u64,
    /// Open at the moment.
    pub connections: u64,
    /// Bytes in a second.
    pub bytes: u64,
    /// Thousandths of the requests that were not answered with 5xx; `None` without requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<u64>,
}

/// A VPC that an ALB gateway's access can be put into, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbChoice {
    pub vpc: super::VpcView,
    pub why_not: Option<crate::Invalid>,
}
