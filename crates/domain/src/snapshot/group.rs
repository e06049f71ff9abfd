//! Several services behind one name.

use super::policy::is_default;
use super::resource::TokenConfig;
use serde::{Deserialize, Serialize};

/// A service's place in a group of its gateway. The group is there as long as a service is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group's: named like a service, and like none of the gateway.
    pub name: String,
    /// The service's part of what is sent to the group, compared with the other services'; 0 for nothing. By default
    /// it is the number of its ready replicas.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weight: Option<u32>,
    /// What opens the group, whichever of its services gets the request; so all of them have the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tokens: Vec<TokenConfig>,
}
