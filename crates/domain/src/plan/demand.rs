//! What somebody expects of a gateway.

use crate::error::{FieldErrors, Invalid};
use serde::{Deserialize, Serialize};

/// All at the same time, at the peak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Requests per second, each on a connection of its own.
    pub http_short: u64,
    pub https_short: u64,
    /// Requests per second over connections that stay.
    pub http_persistent: u64,
    pub connections: u64,
    /// New HTTPS connections per second; those of `https_short` are among them.
    pub tls_per_second: u64,
    pub mbit_per_second: u64,
}

/// As typed; an empty field is nothing expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDraft {
    pub http_short: String,
    pub https_short: String,
    pub http_persistent: String,
    pub connections: String,
    pub tls: String,
    pub mbit: String,
}

/// Far beyond what any number of nodes carries.
pub const MOST: u64 = 1_000_000_000;

fn figure(typed: &str) -> Result<u64, Invalid> {
    // Grouped as the page itself writes figures.
    let digits = typed.trim().replace(',', "");
    if digits.is_empty() {
        return Ok(0);
    }
    let figure = digits.parse().ok().filter(|figure| *figure <= MOST);
    figure.ok_or(Invalid::OutOfRange { min: 0, max: MOST })
}

impl PlanDraft {
    pub fn validate(&self) -> Result<Demand, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut take = |name, typed: &String| errors.take(name, figure(typed)).unwrap_or_default();
        let demand = Demand {
            http_short: take("http_short", &self.http_short),
            https_short: take("https_short", &self.https_short),
            http_persistent: take("http_persistent", &self.http_persistent),
            connections: take("connections", &self.connections),
            tls_per_second: take("tls", &self.tls),
            mbit_per_second: take("mbit", &self.mbit),
        };
        errors.finish(Some(demand))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_type_them() {
        let typed = ["", " 12,000 ", "0", "1000000000"].map(figure);
        assert_eq!(typed, [Ok(0), Ok(12_000), Ok(0), Ok(MOST)]);
        for wrong in ["-1", "1.5", "many", "1000000001", "99999999999999999999", "1e3", "<script>"] {
            let draft = PlanDraft { connections: wrong.into(), ..PlanDraft::default() };
            assert!(draft.validate().is_err_and(|errors| errors.get("connections").is_some()), "{wrong}");
        }
    }
}
