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
    /// Requests per second at 30 % CPU over short-lived HTTP connections, three nodes (1 KB answers).
    pub http_short_three_nodes: u64,
    /// The same over HTTPS.
    pub https_short_three_nodes: u64,
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
        // Every row of the table doubles with the cores, but for the requests, whose printed numbers are rounded.
        let (times, http, https) = match self {
            Spec::C2G4 => (1, 5_200, 1_600),
            Spec::C4G8 => (2, 10_500, 3_200),
            Spec::C8G16 => (4, 21_000, 6_500),
            Spec::C16G32 => (8, 42_000, 13_000),
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
            http_short_three_nodes: http,
            https_short_three_nodes: https,
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
    fn names_round_trip() {
        for spec in Spec::ALL {
            assert_eq!(Spec::parse(spec.as_str()), Ok(spec));
        }
        assert!(Spec::parse("1c1g").is_err());
        assert!(parse_nodes("0").is_err() && parse_nodes("101").is_err() && parse_nodes("2").is_ok());
    }
}
