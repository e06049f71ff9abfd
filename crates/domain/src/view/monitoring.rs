//! What was measured of a service, over time.

use crate::id::ReplicaId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The time that ends now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MonitoringRange {
    #[serde(rename = "15m")]
    QuarterHour,
    #[default]
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "6h")]
    SixHours,
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
}

impl MonitoringRange {
    pub const ALL: [Self; 5] = [Self::QuarterHour, Self::Hour, Self::SixHours, Self::Day, Self::Week];

    /// As in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    /// `None` of anything that [`Self::as_str`] does not say.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == text)
    }

    /// Length of a point in seconds, and how many there are.
    pub fn points(self) -> (u32, u32) {
        match self {
            Self::QuarterHour => (10, 90),
            Self::Hour => (30, 120),
            Self::SixHours => (180, 120),
            Self::Day => (600, 144),
            Self::Week => (3600, 168),
        }
    }
}

/// Of all requests of some time, microseconds, right to 2 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Percentiles {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrafficPoint {
    /// For how long engines told what they count; a rate is by this time.
    pub watched_ms: u64,
    pub requests: u64,
    /// 2xx to 5xx.
    pub classes: [u64; 4],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Percentiles>,
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// Of streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token: Option<Percentiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_token: Option<Percentiles>,
}

impl TrafficPoint {
    /// Of so many in this time.
    pub fn per_second(&self, count: u64) -> Option<f64> {
        (self.watched_ms > 0).then(|| count as f64 * 1000.0 / self.watched_ms as f64)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaPoint {
    /// Of one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Most requests at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSeries {
    pub id: ReplicaId,
    pub points: Vec<Option<ReplicaPoint>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceMonitoring {
    pub range: MonitoringRange,
    /// When the first point begins.
    pub from: DateTime<Utc>,
    /// From the oldest; `None`: nobody knows what was then.
    pub points: Vec<Option<TrafficPoint>>,
    /// Over all points.
    pub total: TrafficPoint,
    /// By id.
    pub replicas: Vec<ReplicaSeries>,
    /// So many replicas are left out.
    #[serde(default)]
    pub more_replicas: u32,
    /// Its answers are looked into for tokens.
    pub observe: bool,
}

impl ServiceMonitoring {
    /// When this point begins.
    pub fn at(&self, point: usize) -> DateTime<Utc> {
        let (seconds, _) = self.range.points();
        let behind = i64::try_from(point).unwrap_or(i64::MAX).saturating_mul(i64::from(seconds));
        DateTime::from_timestamp(self.from.timestamp().saturating_add(behind), 0).unwrap_or(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_as_long_as_they_say() {
        let minutes = MonitoringRange::ALL.map(|range| {
            let (seconds, count) = range.points();
            assert!((60..=240).contains(&count), "{range:?}");
            assert_eq!(MonitoringRange::parse(range.as_str()), Some(range));
            assert_eq!(serde_json::to_value(range).expect("serialises"), range.as_str());
            seconds * count / 60
        });
        assert_eq!(minutes, [15, 60, 360, 1440, 7 * 1440]);
        assert_eq!(MonitoringRange::parse("1h'"), None);
    }
}
