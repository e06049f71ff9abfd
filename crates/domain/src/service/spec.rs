//! What a version of a service says.

use super::workload::Workload;
use crate::id::VSwitchId;
use crate::snapshot::{Balance, Timeouts};
use serde::{Deserialize, Serialize};

/// Largest request body where a service does not say it, bytes.
pub const DEFAULT_BODY_LIMIT: u64 = 100 * 1024 * 1024;

/// All that an update may change and a roll-back brings back. How many replicas there shall be, labels, group and
/// gateway are the service's, not a version's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSpec {
    pub workload: Workload,
    #[serde(default)]
    pub traffic: ServiceTraffic,
    #[serde(default)]
    pub rollout: RolloutPolicy,
    /// Of its VPC. Replicas use their host's network; it is kept for who reads the service's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vswitch_id: Option<VSwitchId>,
}

/// How the engine treats its requests; what is `None` the gateway says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceTraffic {
    /// Replicas speak HTTP/2 without TLS, as gRPC does.
    pub grpc: bool,
    /// Requests a second of the whole service.
    pub rate: Option<u32>,
    /// Requests a second of each replica.
    pub replica_rate: Option<u32>,
    /// Requests under way, of the whole service.
    pub in_flight: Option<u32>,
    /// Requests under way at each replica; more wait.
    pub replica_in_flight: Option<u32>,
    /// Requests that may wait for a replica; with more than that it answers 450.
    pub queue: Option<u32>,
    /// How long one may wait, milliseconds.
    pub queue_wait_ms: Option<u64>,
    /// How long a request may take until its answer begins, milliseconds; then it answers 408.
    pub request_ms: Option<u64>,
    /// Of the gateway's; `request_ms` goes before its request timer.
    pub timeouts: Option<Timeouts>,
    pub balance: Option<Balance>,
    /// Bytes.
    pub body_limit: Option<u64>,
    /// Replicas get the client's `Authorization`.
    pub pass_token: bool,
    /// Answers are read for model, tokens and their times, as OpenAI's API shapes them.
    pub observe: bool,
    /// A comment keeps a silent event stream open after this time, milliseconds.
    pub keep_alive_ms: Option<u64>,
    /// A new replica gets its full share after this time, milliseconds.
    pub slow_start_ms: Option<u64>,
}

/// How replicas of one version take the place of another's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RolloutPolicy {
    /// More than wanted at a time; counts as at least one where `max_unavailable` counts as none.
    pub max_surge: Share,
    /// Fewer ready than wanted at a time.
    pub max_unavailable: Share,
    /// In parts, with a pause after each.
    pub batch: Option<Batch>,
    /// A version none of whose replicas becomes ready for so long is given up, seconds.
    pub progress_seconds: u32,
    /// Given up as well when more of the new replicas' answers are 5xx than this, per cent; `None`: not looked at.
    pub max_errors_percent: Option<u8>,
    /// What is given up is rolled back; else it waits for somebody.
    pub roll_back: bool,
}

impl Default for RolloutPolicy {
    fn default() -> Self {
        Self {
            max_surge: Share::Percent(2),
            max_unavailable: Share::Count(0),
            batch: None,
            progress_seconds: 600,
            max_errors_percent: None,
            roll_back: true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub size: Share,
    /// Seconds between batches; `None`: until somebody resumes it.
    pub interval_seconds: Option<u32>,
}

/// A number of replicas, or a part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    Count(u32),
    Percent(u8),
}

impl Share {
    /// Parts of a replica make a whole one.
    pub fn of(self, replicas: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => {
                let part = (u64::from(replicas) * u64::from(percent)).div_ceil(100);
                u32::try_from(part).unwrap_or(u32::MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_replica_is_one() {
        let of = |share: Share| [0, 1, 3, 50, 100].map(|replicas| share.of(replicas));
        assert_eq!(of(Share::Percent(2)), [0, 1, 1, 1, 2]);
        assert_eq!(of(Share::Count(2)), [2; 5]);
    }
}
