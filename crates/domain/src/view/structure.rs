//! What a gateway consists of, as a graph to be drawn: who reaches it where, by which names, and what is behind it.

use crate::domain_check::DomainOutcome;
use crate::id::{GatewayId, ServiceId, VpcId};
use crate::status::{GatewayStatus, LinkStatus, PortalStatus, ReplicaState, ServiceStatus};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    pub nodes: Vec<Node>,
    /// From one node to another, by their places in `nodes`.
    pub edges: Vec<(usize, usize)>,
    /// Services that are not in it: a picture of hundreds says nothing. Those that need somebody are.
    pub more_services: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub part: Part,
    pub label: String,
    /// An address block, an address, a count: data, not words.
    pub detail: String,
    pub seen: Seen,
}

/// What it is, and with it where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Clients on the Internet.
    Internet,
    /// Clients in a VPC.
    Vpc(VpcId),
    /// Where the gateway listens for them.
    Listener(Option<VpcId>),
    /// A name of the gateway: its own, or a domain that it was given.
    Name,
    Gateway(GatewayId),
    Service(ServiceId),
    Replica(ServiceId),
}

impl Part {
    /// From who asks to who answers.
    pub fn column(&self) -> usize {
        match self {
            Part::Internet | Part::Vpc(_) => 0,
            Part::Listener(_) => 1,
            Part::Name => 2,
            Part::Gateway(_) => 3,
            Part::Service(_) => 4,
            Part::Replica(_) => 5,
        }
    }
}

/// How many columns there are.
pub const COLUMNS: usize = 6;

/// What was observed of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Nothing can be: it is somebody else's, or a mere name.
    Nothing,
    Portal(PortalStatus),
    Link(LinkStatus),
    Gateway(GatewayStatus),
    Service(ServiceStatus),
    Replica(ReplicaState),
    Domain(DomainOutcome),
    /// Whole days until its certificate ends.
    CertificateEnds(i64),
}
