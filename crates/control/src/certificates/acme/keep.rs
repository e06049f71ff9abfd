//! Orders what is due, for as long as the console runs.

use super::due;
use crate::Control;
use chrono::{DateTime, Utc};
use domain::certificate::{AcmeOrder, ChallengeKind};
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

/// An order that is under way.
struct Busy {
    task: tokio::task::Id,
    workspace: WorkspaceId,
    order: Option<AcmeOrder>,
}

/// An engine shows one TLS-ALPN-01 answer for a host: a second order for it has to wait for the first. Over HTTP answers
/// have paths, and over DNS there may be several.
fn is_in_the_way(busy: &Option<AcmeOrder>, next: Option<&AcmeOrder>) -> bool {
    let (Some(busy), Some(next)) = (busy, next) else { return false };
    let is_tls = |order: &AcmeOrder| order.challenge == ChallengeKind::TlsAlpn01;
    is_tls(busy) && is_tls(next) && next.names.iter().any(|name| busy.names.contains(name))
}

impl Control {
    /// New ones at once, others a third of their life before they expire. Never ends; dropped it ends all that is under
    /// way.
    pub async fn keep_certificates_issued(&self) {
        let holder: Arc<str> = entropy::token().digest().to_string().into();
        let mut events = self.events();
        let mut running = JoinSet::new();
        let mut busy: BTreeMap<CertificateId, Busy> = BTreeMap::new();
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
                    && busy.values().filter(|busy| busy.workspace == *workspace).count() < PLACES_EACH
                    && !busy.values().any(|busy| is_in_the_way(&busy.order, held.row.acme.as_ref()))
                {
                    let (control, holder) = (self.clone(), holder.clone());
                    let ordered = id.clone();
                    let task = running.spawn(async move {
                        let is_done = control.attempt(&ordered, &holder).await;
                        (ordered, is_done)
                    });
                    let (workspace, order) = (workspace.clone(), held.row.acme.clone());
                    busy.insert(id, Busy { task: task.id(), workspace, order });
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
                        busy.retain(|_, busy| busy.task != error.id());
                    }
                },
            }
        }
    }
}

fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{AcmeAccountId, RANDOM_LEN};

    fn order(challenge: ChallengeKind, names: &[&str]) -> Option<AcmeOrder> {
        let account_id = AcmeAccountId::from_random([1; RANDOM_LEN]);
        let names = names.iter().map(|name| name.to_string()).collect();
        Some(AcmeOrder { account_id, names, challenge, next_attempt: None, failed: 0, last: None })
    }

    #[test]
    fn one_tls_alpn_order_for_a_host_at_a_time() {
        use ChallengeKind::{Http01, TlsAlpn01};
        let busy = order(TlsAlpn01, &["a.example", "b.example"]);
        assert!(is_in_the_way(&busy, order(TlsAlpn01, &["c.example", "b.example"]).as_ref()));
        assert!(!is_in_the_way(&busy, order(TlsAlpn01, &["c.example"]).as_ref()));
        assert!(!is_in_the_way(&busy, order(Http01, &["a.example"]).as_ref()), "answers of both are found");
        assert!(!is_in_the_way(&order(Http01, &["a.example"]), order(Http01, &["a.example"]).as_ref()));
        assert!(!is_in_the_way(&None, busy.as_ref()) && !is_in_the_way(&busy, None));
    }
}
