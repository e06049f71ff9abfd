//! What DNS was seen to say about a gateway's public domain.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One look at DNS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    #[serde(flatten)]
    pub outcome: DomainOutcome,
    /// When DNS was asked.
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum DomainOutcome {
    /// The name leads to the gateway.
    Found,
    /// It leads to something else: a name or addresses, tamed.
    WrongTarget { found: String },
    /// DNS knows no such name, or has neither an alias nor addresses for it.
    Missing,
    /// DNS did not say; why, tamed.
    Unanswered { detail: String },
}
