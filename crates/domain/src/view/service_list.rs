//! The list of services: what is asked of it, and its rows.

use super::ServiceSummary;
use crate::id::GatewayId;
use crate::label::Labels;
use crate::name::ServiceName;
use crate::status::{Condition, ServiceStatus};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceSort {
    /// Newest first.
    #[default]
    Created,
    Name,
    /// What needs somebody first.
    Status,
    Gateway,
    /// Most first.
    Traffic,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceQuery {
    /// Part of the name or the id.
    pub search: String,
    pub status: Option<ServiceStatus>,
    pub gateway: Option<GatewayId>,
    /// Name of a group; empty for any and none.
    pub group: String,
    /// `key` or `key=value` of a label; empty for any.
    pub label: String,
    pub sort: ServiceSort,
    pub descending: bool,
    /// From 1; 0 counts as 1.
    pub page: u32,
}

/// A service in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRow {
    #[serde(flatten)]
    pub summary: ServiceSummary,
    pub revision: i64,
    pub running: bool,
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Name of who deployed it; empty where nobody knows any more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<ServiceName>,
    /// The first of its endpoints, if its gateway has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Thousandths of a request a second, over the last seconds.
    #[serde(default)]
    pub rate: u64,
    /// Why it is not as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Condition>,
}
