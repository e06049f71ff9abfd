//! A replica at work is asked how it is.

use super::{End, Replica, Running, told};
use crate::health::{Health, Verdict};
use crate::spec::{READY, now};
use domain::status::ReplicaState;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the last lines of one that is not ready are looked up.
const LOOK: Duration = Duration::from_secs(2);

/// How often one that has no answers is asked whether somebody runs it.
const SILENCE: Duration = Duration::from_secs(2);

impl Replica {
    pub(super) async fn watch(&mut self, running: &Arc<dyn Running>) -> End {
        let address = running.address().unwrap_or(self.spec.socket_address());
        let ready = self.ready_since.is_some();
        let mut health = Health::new(&self.spec.filled(), address, Arc::clone(running), ready);
        let (mut orders, mut again) = (self.orders.clone(), self.orders.clone());
        let restarted = self.restarted;
        // Once: to ask for it may cost a connection.
        let mut ended = running.ended();
        loop {
            tokio::select! {
                ending = &mut ended => return End::Ended(ending.detail),
                () = told(&mut orders) => return End::Stopped,
                Ok(orders) = again.wait_for(|orders| orders.restarts != restarted) => {
                    self.restarted = orders.restarts;
                    return End::Restart;
                }
                verdict = health.next() => match verdict {
                    Verdict::Is(state, detail) => self.judged(state, running.silence().or(detail)),
                    // Nobody here can start it again, or not now; it is only told.
                    Verdict::Restart(reason) if self.is_external() || running.silence().is_some() => {
                        let ready = self.ready_since.is_some();
                        let state = if ready { ReplicaState::Ready } else { ReplicaState::Starting };
                        self.judged(state, running.silence().or(Some(reason)));
                    }
                    Verdict::Restart(reason) => return End::Failed(reason),
                },
                () = tokio::time::sleep(SILENCE), if !self.is_external() => {
                    self.tell(running.silence());
                }
            }
        }
    }

    /// While nobody answers, a check's command has no answer either.
    fn tell(&self, silence: Option<String>) {
        if silence.is_some() {
            self.shared.board.update(&self.spec.replica_id, |report| report.detail = silence);
        }
    }

    fn judged(&mut self, state: ReplicaState, detail: Option<String>) {
        match (state == ReplicaState::Ready, self.ready_since) {
            (true, None) => {
                let since = now();
                self.ready_since = Some(since);
                if self.driver.keeps_folder() {
                    // Only saves the next agent a probe; so does its absence no harm.
                    let _ = std::fs::write(self.folder.join(READY), since.to_rfc3339());
                }
            }
            (false, Some(_)) => {
                self.ready_since = None;
                self.unmark();
            }
            _ => {}
        }
        let ready = state == ReplicaState::Ready;
        let lines = (detail.is_some() && self.looked.is_none_or(|at| at.elapsed() >= LOOK)).then(|| {
            self.looked = Some(Instant::now());
            self.last_lines()
        });
        self.shared.board.update(&self.spec.replica_id, |report| {
            report.state = state;
            // A replica that has not been asked yet still says why it ended the last time.
            if detail.is_some() || ready {
                report.detail = detail;
            }
            match lines {
                Some(lines) if !lines.is_empty() => report.last_lines = lines,
                _ if ready => report.last_lines.clear(),
                _ => {}
            }
        });
    }
}
