//! Orders what is due, for as long as the console runs.

use super::due;
use crate::Control;
use chrono::{DateTime, Utc};
use domain::id::{CertificateId, WorkspaceId};
use identity::entropy;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// At a time.
const PLACES: usize = 4;
/// Of one workspace: a server that takes its time holds up nobody else.
const PLACES_EACH: usize = 2;
/// After another console had it, or the store did not answer.
const PAUSE: Duration = Duration::from_secs(5);
/// A clock may be set; what is due is looked for at least so often.
const LONGEST: Duration = Duration::from_secs(60);

impl Control {
    /// New ones at once, others a third of their life before they expire. Never ends; dropped it ends all that is under
    /// way.
    pub async fn keep_certificates_issued(&self) {
        let holder: Arc<str> = entropy::token().digest().to_string().into();
        let mut events = self.events();
        let mut running = JoinSet::new();
        let mut busy: BTreeMap<CertificateId, (tokio::task::Id, WorkspaceId)> = BTreeMap::new();
        let mut paused: BTreeMap<CertificateId, Instant> = BTreeMap::new();
        loop {
            let now = self.now();
            paused.retain(|_, until| *until > Instant::now());
            let mut next = LONGEST;
            let desired = self.desired();
            for (id, at) in due::times(&desired) {
                let Some(held) = desired.names.certificates.get(&id).filter(|_| !busy.contains_key(&id)) else {
                    continue;
                };
                let workspace = &held.row.workspace_id;
                let wait = paused.get(&id).map_or_else(|| until(at, now), |until| until.duration_since(Instant::now()));
                if wait > Duration::ZERO {
                    next = next.min(wait);
                } else if running.len() < PLACES
                    && busy.values().filter(|(_, of)| of == workspace).count() < PLACES_EACH
                {
                    let (control, holder) = (self.clone(), holder.clone());
                    let ordered = id.clone();
                    let task = running.spawn(async move {
                        let is_done = control.attempt(&ordered, &holder).await;
                        (ordered, is_done)
                    });
                    busy.insert(id, (task.id(), workspace.clone()));
                }
            }
            tokio::select! {
                () = sleep(next) => {}
                heard = events.recv() => {
                    if matches!(heard, Err(RecvError::Closed)) {
                        return;
                    }
                }
                Some(ended) = running.join_next() => match ended {
                    Ok((id, is_done)) => {
                        busy.remove(&id);
                        if !is_done {
                            paused.insert(id, Instant::now() + PAUSE);
                        }
                    }
                    Err(error) => {
                        tracing::error!(%error, "an order of a certificate broke off");
                        busy.retain(|_, (task, _)| *task != error.id());
                    }
                },
            }
        }
    }
}

fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or(Duration::ZERO)
}
