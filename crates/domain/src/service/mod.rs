//! Model services: what runs, how many of it, and the gateway that it is bound to.

#[cfg(test)]
mod arbitrary;
mod autoscale;
pub mod document;
mod draft;
mod event;
pub mod form;
mod group;
mod placeholder;
mod policy;
pub mod rollout;
mod scaling;
mod scaling_draft;
mod spec;
pub mod templates;
mod token;
mod version;
mod workload;

pub use autoscale::{Load, Memory};
pub use document::{KeyError, Refusal};
pub use draft::{
    CheckedDraft, MAX_COMMAND, MAX_REPLICAS, RESERVED_PORTS, ServiceDraft, check_replicas, parse_command, parse_env,
};
pub use event::{EventKind, MAX_EVENTS, ServiceEvent, Severity};
pub use group::{CanaryHeader, Group, MAX_WEIGHT, Place, PlaceDraft, Weights};
pub use policy::Shares;
pub use rollout::Rollout;
pub use scaling::{Autoscaler, DEFAULT_DOWN_SECONDS, DEFAULT_UP_SECONDS, Metric, Target, ToZero};
pub use scaling_draft::ScalingDraft;
pub use spec::{Batch, DEFAULT_BODY_LIMIT, RolloutPolicy, ServiceSpec, ServiceTraffic, Share};
pub use token::{
    CheckedToken, FORGOTTEN_AFTER, LONGEST_LIFE, LONGEST_OVERLAP, MAX_TOKENS, TokenDraft, TokenInfo, is_valid,
    parse_lifetime, parse_overlap,
};
pub use version::{MAX_VERSIONS, Version, Why};
pub use workload::{
    Check, DEFAULT_GRACE, Mount, Pace, Probe, RESERVED_ENV, RegistryCredentials, Resources, Runtime, Workload,
};

use crate::id::{AccountId, GatewayId, ServiceId, VpcId, WorkspaceId};
use crate::label::Labels;
use crate::name::ServiceName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `S` is what its newest version says; in the store, that text encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service<S = ServiceSpec> {
    pub id: ServiceId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub name: ServiceName,
    pub gateway_id: GatewayId,
    /// Decides which ALB gateways may serve it; its replicas use their host's network all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    #[serde(default)]
    pub labels: Labels,
    /// In a group of its gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The number of the version that is wanted.
    pub version: u32,
    /// The version that its replicas are of: a version that changes nothing that they see has the replicas of the one
    /// before.
    #[serde(default)]
    pub replica_version: u32,
    /// The newest; `None` before there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    pub spec: S,
    /// How many are wanted now: what was asked for, or what its autoscaler decided last.
    pub replicas: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Autoscaler>,
    /// Name of who deployed it; empty where nobody knows any more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// What the user wants: running, or stopped with everything kept.
    pub running: bool,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl<S> Service<S> {
    /// The same with another form of what its version says.
    pub fn with_spec<T>(&self, spec: T) -> Service<T> {
        Service {
            id: self.id.clone(),
            account_id: self.account_id.clone(),
            workspace_id: self.workspace_id.clone(),
            name: self.name.clone(),
            gateway_id: self.gateway_id.clone(),
            vpc_id: self.vpc_id.clone(),
            labels: self.labels.clone(),
            place: self.place.clone(),
            version: self.version,
            replica_version: self.replica_version,
            rollout: self.rollout.clone(),
            spec,
            replicas: self.replicas,
            scaling: self.scaling.clone(),
            owner: self.owner.clone(),
            running: self.running,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl<S> Service<S> {
    /// The rollout that is under way, paused or waits for somebody.
    pub fn open_rollout(&self) -> Option<&Rollout> {
        self.rollout.as_ref().filter(|rollout| rollout.is_open())
    }
}
