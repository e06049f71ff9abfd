//! Who answers for the names of a gateway.

use serde::{Deserialize, Serialize};

/// Why the built-in DNS does not answer for a name inside VPCs. Other servers may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// It is off in this installation.
    ServerOff,
    /// Authoritative DNS is on in no VPC that reaches the gateway, or not in this one.
    NotAsked,
    /// The VPC in which it is on is another account's, and that one decides which domains there are in it.
    ForeignVpc,
}
