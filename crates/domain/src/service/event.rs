//! What happened to a service, in words of a fixed vocabulary.

use crate::id::ReplicaId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many of a service are kept.
pub const MAX_EVENTS: u32 = 500;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// When it happened first, and last.
    pub first_at: DateTime<Utc>,
    pub at: DateTime<Utc>,
    /// How often; a replica that fails again and again is one event.
    pub count: u32,
    pub kind: EventKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica: Option<ReplicaId>,
    /// A version, a number, or what a program printed last. Untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal $severity:ident;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }
        }
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Normal,
    Warning,
}

kinds! {
    Deployed = "deployed" Normal;
    Updated = "updated" Normal;
    Restarted = "restarted" Normal;
    Scaled = "scaled" Normal;
    Started = "started" Normal;
    Stopped = "stopped" Normal;
    /// Somebody did; `RolledBack` is when it is done.
    RollBackAsked = "roll_back_asked" Normal;
    RolloutStarted = "rollout_started" Normal;
    /// By somebody.
    RolloutPaused = "rollout_paused" Normal;
    /// A batch is done.
    BatchDone = "batch_done" Normal;
    RolloutResumed = "rollout_resumed" Normal;
    RolloutCompleted = "rollout_completed" Normal;
    RolloutFailed = "rollout_failed" Warning;
    RolledBack = "rolled_back" Warning;
    ReplicaStarted = "replica_started" Normal;
    ReplicaReady = "replica_ready" Normal;
    /// Its probe fails.
    ReplicaUnready = "replica_unready" Warning;
    ReplicaFailed = "replica_failed" Warning;
    ReplicaGone = "replica_gone" Normal;
    /// Somebody asked something of it.
    ReplicaActed = "replica_acted" Normal;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_everywhere() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).expect("is written"), kind.as_str());
        }
    }
}
