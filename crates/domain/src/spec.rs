//! Gateway specifications and what a node of each carries.
//!
//! Source: the capacity appendix of the document (thresholds per node; with several nodes they add up).

use crate::error::Invalid;
use serde::{Deserialize, Serialize};

/// How large a node of a fully managed gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Spec {
    #[serde(rename = "2c4g")]
    C2G4,
    #[serde(rename = "4c8g")]
    C4G8,
    #[serde(rename = "8c16g")]
    C8G16,
    #[serde(rename = "16c32g")]
    C16G32,
}

/// Thresholds per node. *Security*: traffic may double and still be served well. *Warning*: latency may rise.
/// *Overload*: new connections are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    pub cores: u32,
    pub memory_gib: u32,
    pub connections_security: u64,
    pub connections_warning: u64,
    pub connections_overload: u64,
    pub tls_per_second_security: u64,
    pub tls_per_second_warning: u64,
    pub gbit_per_second: u64,
}

/// From where on something is too much, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    pub security: u64,
    pub warning: u64,
    pub overload: u64,
}

/// Of a node's own CPU, percent; the same for all specifications.
pub const CPU: Thresholds = Thresholds { security: 30, warning: 60, overload: 90 };

/// Where a figure stands among its thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Traffic may double and is still served well.
    Secure,
    /// Beyond that, and below the warning.
    Raised,
    /// Latency may rise.
    Warning,
    /// What is new is refused.
    Overload,
}

impl Thresholds {
    pub fn level(&self, now: u64) -> Level {
        match now {
            _ if now >= self.overload => Level::Overload,
            _ if now >= self.warning => Level::Warning,
            _ if now > self.security => Level::Raised,
            _ => Level::Secure,
        }
    }
}

impl Capacity {
    pub fn connections(&self) -> Thresholds {
        let (security, warning) = (self.connections_security, self.connections_warning);
        Thresholds { security, warning, overload: self.connections_overload }
    }
}

pub const MAX_NODES: u32 = 100;
/// A single node has no availability promise.
pub const ADVISED_NODES: u32 = 2;

impl Spec {
    pub const ALL: [Spec; 4] = [Spec::C2G4, Spec::C4G8, Spec::C8G16, Spec::C16G32];

    pub fn as_str(self) -> &'static str {
        match self {
            Spec::C2G4 => "2c4g",
            Spec::C4G8 => "4c8g",
            Spec::C8G16 => "8c16g",
            Spec::C16G32 => "16c32g",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Spec::ALL.into_iter().find(|spec| spec.as_str() == text).ok_or(Invalid::Choice)
    }

    pub fn capacity(self) -> Capacity {
        // Every row of the table doubles with the cores.
        let times = match self {
            Spec::C2G4 => 1,
            Spec::C4G8 => 2,
            Spec::C8G16 => 4,
            Spec::C16G32 => 8,
        };
        Capacity {
            cores: 2 * times as u32,
            memory_gib: 4 * times as u32,
            connections_security: 12_000 * times,
            connections_warning: 24_000 * times,
            connections_overload: 40_000 * times,
            tls_per_second_security: 400 * times,
            tls_per_second_warning: 800 * times,
            gbit_per_second: times,
        }
    }
}

pub fn parse_nodes(text: &str) -> Result<u32, Invalid> {
    let range = Invalid::OutOfRange { min: 1, max: u64::from(MAX_NODES) };
    let nodes: u32 = text.trim().parse().map_err(|_| range.clone())?;
    if (1..=MAX_NODES).contains(&nodes) { Ok(nodes) } else { Err(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_document() {
        assert_eq!(Spec::C2G4.capacity().connections_warning, 24_000);
        assert_eq!(Spec::C16G32.capacity().connections_overload, 320_000);
        assert_eq!(Spec::C8G16.capacity().tls_per_second_warning, 3_200);
        assert_eq!(Spec::C4G8.capacity().gbit_per_second, 2);
    }

    #[test]
    fn levels_begin_at_their_thresholds() {
        let thresholds = Spec::C2G4.capacity().connections();
        let levels = [12_000, 12_001, 24_000, 39_999, 40_000].map(|now| thresholds.level(now));
        assert_eq!(levels, [Level::Secure, Level::Raised, Level::Warning, Level::Warning, Level::Overload]);
    }

    #[test]
    fn names_round_trip() {
        for spec in Spec::ALL {
            assert_eq!(Spec::parse(spec.as_str()), Ok(spec));
        }
        assert!(Spec::parse("1c1g").is_err());
        assert!(parse_nodes("0").is_err() && parse_nodes("101").is_err() && parse_nodes("2").is_ok());
    }
}
