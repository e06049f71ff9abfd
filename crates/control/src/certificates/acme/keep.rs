//! Orders what is due, for as long as the console runs.

use super::due;
use crate::Control;
use chrono::{DateTime, Utc};
use domain::id::CertificateId;
use identity::entropy;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// At a time.
const PLACES: usize = 4;
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
        let mut busy: BTreeSet<CertificateId> = BTreeSet::new();
        let mut paused: BTreeMap<CertificateId, Instant> = BTreeMap::new();
        loop {
            let now = self.now();
            paused.retain(|_, until| *until > Instant::now());
            let mut next = LONGEST;
            for (id, at) in due::times(&self.desired()) {
                if busy.contains(&id) {
                    continue;
                }
                let wait = paused.get(&id).map_or_else(|| until(at, now), |until| until.duration_since(Instant::now()));
                if wait > Duration::ZERO {
                    next = next.min(wait);
                } else if running.len() < PLACES {
                    let (control, holder) = (self.clone(), holder.clone());
                    busy.insert(id.clone());
                    running.spawn(async move {
                        let is_done = control.attempt(&id, &holder).await;
                        (id, is_done)
                    });
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
                        // Which one nobody knows any more; the lease keeps those that still run from a second order.
                        busy.clear();
                    }
                },
            }
        }
    }
}

fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or(Duration::ZERO)
}
