//! When a service gets more replicas, and when fewer.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Autoscaler {
    /// At least 1: a dedicated gateway does not scale from zero. With `zero` the least while there are requests.
    pub min: u32,
    pub max: u32,
    /// The one that asks for most replicas decides.
    pub targets: Vec<Target>,
    /// The lowest of what was asked for in this time counts when there shall be more, seconds.
    pub up_seconds: u32,
    /// The highest counts when there shall be fewer, seconds.
    pub down_seconds: u32,
    /// No replica at all while nobody asks; requests are held until one is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero: Option<ToZero>,
}

pub const DEFAULT_UP_SECONDS: u32 = 0;
pub const DEFAULT_DOWN_SECONDS: u32 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub metric: Metric,
    /// Of each replica: requests, or per cent of what it may use.
    pub value: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Requests a second.
    Qps,
    /// Requests under way.
    InFlight,
    /// Of the cores that a replica may use, per cent.
    Cpu,
    /// Per cent.
    Gpu,
    /// Requests that wait.
    Queue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToZero {
    /// Without a request for so long, the last replica goes, seconds.
    pub idle_seconds: u32,
    /// How many the first request starts.
    pub start: u32,
    /// Requests that are held at a time.
    pub hold_length: u32,
    /// How long each, milliseconds.
    pub hold_ms: u64,
}
