//! What is kept of one subject in one stretch of time.

use crate::Counted;
use domain::id::{ReplicaId, ServiceId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Cells next to each other add up to the one over both.
pub trait Cell: Clone + Default + Serialize + DeserializeOwned {
    fn add(&mut self, other: &Self);
}

/// Whom cells are about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Cells are [`Watched`].
    Engines,
    /// Cells are [`ServiceCell`]s.
    Service(ServiceId),
}

impl Subject {
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Engines => "engines".into(),
            Self::Service(id) => format!("service/{id}"),
        }
    }
}

/// For how long somebody told what engines count. A service that has no cell there had no requests; where nothing was
/// watched, nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    pub millis: u64,
}

impl Cell for Watched {
    fn add(&mut self, other: &Self) {
        self.millis = self.millis.saturating_add(other.millis);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceCell {
    #[serde(skip_serializing_if = "Counted::is_empty")]
    pub counted: Counted,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replicas: BTreeMap<ReplicaId, ReplicaCell>,
}

/// Replicas in one cell; a service that starts a new one every second shall not fill the disk.
pub(crate) const MOST_REPLICAS: usize = 256;

impl ServiceCell {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Cell for ServiceCell {
    fn add(&mut self, other: &Self) {
        self.counted.add(&other.counted);
        for (id, replica) in &other.replicas {
            if self.replicas.len() < MOST_REPLICAS || self.replicas.contains_key(id) {
                self.replicas.entry(id.clone()).or_default().add(replica);
            }
        }
    }
}

/// Sums over measurements, whose means are right over any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaCell {
    /// Measurements of CPU time, and the sum of what they said, percent of one core.
    pub cpu_count: u64,
    pub cpu_sum: u64,
    pub memory_count: u64,
    pub memory_sum: u64,
    /// Most at a time; `None` where no engine said.
    pub in_flight: Option<u64>,
}

impl ReplicaCell {
    pub fn add(&mut self, other: &Self) {
        self.cpu_count = self.cpu_count.saturating_add(other.cpu_count);
        self.cpu_sum = self.cpu_sum.saturating_add(other.cpu_sum);
        self.memory_count = self.memory_count.saturating_add(other.memory_count);
        self.memory_sum = self.memory_sum.saturating_add(other.memory_sum);
        self.in_flight = self.in_flight.max(other.in_flight);
    }

    /// Percent of one core.
    pub fn cpu_percent(&self) -> Option<u64> {
        self.cpu_sum.checked_div(self.cpu_count)
    }

    pub fn memory_bytes(&self) -> Option<u64> {
        self.memory_sum.checked_div(self.memory_count)
    }
}
