//! Public domains are looked at again and again, and new ones at once.

use super::check::PLACES;
use crate::{Control, Desired};
use domain::custom_domain::{CustomDomain, DomainSide};
use domain::id::DomainId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

impl Control {
    /// All of them now and every so often, one that was created or changed as soon as that is known. Never ends; dropped
    /// it ends all that is under way.
    pub async fn keep_domains_checked(&self, every: Duration) {
        let mut events = self.events();
        let mut rounds = tokio::time::interval(every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known = Known::default();
        let mut waiting: VecDeque<DomainId> = VecDeque::new();
        let mut running = JoinSet::new();
        loop {
            while running.len() < PLACES
                && let Some(id) = waiting.pop_front()
            {
                // It may have gone while it waited.
                if let Some(domain) = self.desired().names.domains.get(&id).cloned() {
                    let control = self.clone();
                    running.spawn(async move {
                        control.look_at(&domain).await;
                    });
                }
            }
            tokio::select! {
                _ = rounds.tick() => {
                    // A round that is not through yet comes first.
                    if waiting.is_empty() {
                        waiting.extend(public(&self.desired()).map(|domain| domain.id.clone()));
                        known.changed(&self.desired());
                    }
                }
                heard = events.recv() => {
                    if matches!(heard, Err(RecvError::Closed)) {
                        return;
                    }
                    if let Some(changed) = known.changed(&self.desired()) {
                        changed.into_iter().for_each(|id| waiting.push_front(id));
                        self.forget_gone_domains();
                    }
                }
                Some(_) = running.join_next() => {}
            }
        }
    }

    fn forget_gone_domains(&self) {
        let desired = self.desired();
        self.observe_quietly(|observed| observed.domains.retain(|id, _| desired.names.domains.contains_key(id)));
    }
}

fn public(desired: &Desired) -> impl Iterator<Item = &Arc<CustomDomain>> {
    desired.names.domains.values().filter(|domain| domain.side == DomainSide::Public)
}

/// Which revisions have been looked at, or wait for it.
#[derive(Default)]
struct Known {
    seq: Option<u64>,
    revisions: BTreeMap<DomainId, i64>,
}

impl Known {
    /// Those that are other than they were; `None` where nothing at all was written since.
    fn changed(&mut self, desired: &Desired) -> Option<Vec<DomainId>> {
        if self.seq.replace(desired.seq) == Some(desired.seq) {
            return None;
        }
        let now: BTreeMap<_, _> = public(desired).map(|domain| (domain.id.clone(), domain.revision)).collect();
        let before = std::mem::replace(&mut self.revisions, now);
        let is_other = |(id, revision): (&DomainId, &i64)| (before.get(id) != Some(revision)).then(|| id.clone());
        Some(self.revisions.iter().filter_map(is_other).collect())
    }
}
