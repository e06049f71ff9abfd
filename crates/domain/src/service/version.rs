//! What a service said at some time, and when it said so.

use super::spec::ServiceSpec;
use crate::id::ServiceId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many of a service are kept, besides those in use.
pub const MAX_VERSIONS: u32 = 100;

/// Never changes once it is written. `S` as of a [`super::Service`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version<S = ServiceSpec> {
    pub service_id: ServiceId,
    /// From 1; the next is one more than the highest that ever was.
    pub number: u32,
    /// The version that its replicas are of: the one that said first what they run.
    pub replica_version: u32,
    pub spec: S,
    pub why: Why,
    /// A user's id, or `console`.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

/// What somebody did to make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    Deploy,
    /// Another service said it already.
    Clone,
    Update,
    /// The same again, with new replicas.
    Restart,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Clone => "clone",
            Self::Update => "update",
            Self::Restart => "restart",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Deploy, Self::Clone, Self::Update, Self::Restart].into_iter().find(|why| why.as_str() == text)
    }
}

impl<S> Version<S> {
    /// The same with another form of what it says.
    pub fn with_spec<T>(&self, spec: T) -> Version<T> {
        Version {
            service_id: self.service_id.clone(),
            number: self.number,
            replica_version: self.replica_version,
            spec,
            why: self.why,
            created_by: self.created_by.clone(),
            created_at: self.created_at,
        }
    }
}
