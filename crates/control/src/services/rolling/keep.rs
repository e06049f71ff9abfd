//! Watches rollouts and what happens to replicas, for as long as the console runs.

use super::Sight;
use super::happened::Watch;
use crate::{Control, ControlError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ServiceId;
use domain::service::Service;
use domain::service::rollout::{Facts, Move, Phase, verdict};
use identity::entropy;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Deadlines are looked at so often, when nothing happens.
const LOOK: Duration = Duration::from_secs(1);
/// At most so often: a storm of reports is one look.
const PAUSE: Duration = Duration::from_millis(100);
/// Who moves rollouts does so for so long, where several consoles could.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(20);

/// When a rollout last came nearer to its end, as far as this console saw it.
struct Still {
    /// Another time: somebody resumed it, or it is another one.
    since: DateTime<Utc>,
    ready: u32,
    at: DateTime<Utc>,
}

impl Control {
    /// Never ends.
    pub async fn keep_services_rolled(&self) {
        let holder = entropy::token().digest().to_string();
        let mut events = self.events();
        let mut still: BTreeMap<ServiceId, Still> = BTreeMap::new();
        let mut watch = Watch::default();
        loop {
            self.record_what_happened(&mut watch).await;
            let desired = self.desired();
            still.retain(|id, _| desired.services.contains_key(id));
            for service in desired.services.values().filter(|service| service.running && service.rollout.is_some()) {
                let Some(decided) = self.verdict_of(service, &mut still) else { continue };
                if let Err(error) = self.move_rollout(service, decided, &holder).await {
                    told(service, &error);
                }
            }
            tokio::time::sleep(PAUSE).await;
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                heard = events.recv() => {
                    if matches!(heard, Err(RecvError::Closed)) {
                        return;
                    }
                    // One look is enough for all of them.
                    events = events.resubscribe();
                }
            }
        }
    }

    fn verdict_of(&self, service: &Service, still: &mut BTreeMap<ServiceId, Still>) -> Option<Move> {
        let rollout = service.rollout.as_ref()?;
        let now = self.now();
        let fleet = self.newest().fleet;
        let observed = self.observed();
        let sight = Sight::of(service, rollout, &fleet, &observed);
        let fresh = || Still { since: rollout.since, ready: 0, at: now };
        let known = still.entry(service.id.clone()).or_insert_with(fresh);
        if known.since != rollout.since || !sight.is_settled {
            *known = fresh();
        }
        if !sight.is_settled {
            return None;
        }
        let progress = sight.progress();
        if progress.ready > known.ready || rollout.phase != Phase::Running {
            known.at = now;
        }
        known.ready = progress.ready;
        let facts = Facts {
            progress,
            still_since: known.at,
            is_looping: sight.is_looping(),
            errors_percent: sight.errors_percent(),
        };
        verdict(rollout, &service.spec.rollout, &facts, now)
    }
}

fn told(service: &Service, error: &ControlError) {
    match error {
        // Somebody was faster; the next look sees it.
        ControlError::Conflict { .. } | ControlError::NotFound { .. } => {}
        error => tracing::warn!(service = %service.id, %error, "a rollout could not be moved on"),
    }
}
