//! A replica ends by itself, or is stopped.

use super::{READY, Replica, Running, Stop, find};
use crate::output;
use crate::spec::now;
use chrono::TimeDelta;
use domain::status::ReplicaState;
use std::time::Duration;
use tokio::time::timeout;

/// Ready for this long, a replica counts as sound again.
const SOUND: TimeDelta = TimeDelta::seconds(60);
/// How long the engine may take to stop using a replica.
const WITHDRAW: Duration = Duration::from_secs(2);

impl Replica {
    /// The next start is one that nobody asked for.
    pub(super) fn set_back_after_start(&mut self, detail: String) {
        self.restart = true;
        self.set_back(detail);
    }

    pub(super) fn set_back(&mut self, detail: String) {
        let sound = self.ready_since.take().is_some_and(|since| now() - since >= SOUND);
        self.unmark();
        self.spec.setbacks = if sound { 1 } else { self.spec.setbacks.saturating_add(1) };
        let spec = &self.spec;
        tracing::warn!(replica = %spec.replica_id, service = %spec.service_id, %detail, "a replica ended");
        let last_lines = self.last_lines();
        self.shared.board.update(&self.spec.replica_id, |report| {
            report.state = ReplicaState::BackOff;
            report.pid = None;
            report.detail = Some(detail);
            report.last_lines = last_lines;
        });
    }

    pub(super) fn last_lines(&self) -> Vec<String> {
        if self.is_external() { Vec::new() } else { output::last_lines(&self.folder, self.spec.output_from) }
    }

    pub(super) fn unmark(&self) {
        if self.driver.keeps_folder() {
            let _ = std::fs::remove_file(self.folder.join(READY));
        }
    }

    /// Nobody sends it requests any more, though it is not stopped for good.
    pub(super) fn withdraw(&self, why: &str) {
        self.shared.board.update(&self.spec.replica_id, |report| {
            report.state = ReplicaState::Starting;
            report.detail = Some(why.to_owned());
        });
    }

    /// In order: nobody sends it requests any more, then it is told, then it is made to end.
    pub(super) async fn end(&self, running: &dyn Running) {
        self.unmark();
        self.withdrawn().await;
        running.stop(Duration::from_secs(self.spec.workload.grace_seconds.into())).await;
    }

    async fn withdrawn(&self) {
        let sequence = self.shared.board.sequence();
        let mut engine = self.shared.engine.subscribe();
        let loaded = engine.wait_for(|engine| !engine.connected || engine.loaded >= sequence);
        if timeout(WITHDRAW, loaded).await.is_err() {
            tracing::warn!(replica = %self.spec.replica_id, "the engine did not confirm within 2 s; stopping anyway");
        }
    }

    pub(super) async fn finish(&self) {
        let id = &self.spec.replica_id;
        if self.orders.borrow().stop != Some(Stop::Keep) {
            self.driver.remove(&self.spec, &self.folder).await;
            super::act::forget(&self.shared, id);
            if self.driver.keeps_folder() {
                find::remove(self.folder.clone()).await;
            }
        }
        self.shared.keep_running(id, None);
        self.shared.ports.release(id);
        self.shared.board.remove(id);
    }
}
