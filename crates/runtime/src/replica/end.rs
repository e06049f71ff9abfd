//! A replica ends by itself, or is stopped.

use super::live::{self, Live};
use super::{READY, Replica, Stop, find};
use crate::spec::{Ended, RunState, SHIM_LOG, now};
use chrono::TimeDelta;
use domain::status::ReplicaState;
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::timeout;

/// Ready for this long, a replica counts as sound again.
const SOUND: TimeDelta = TimeDelta::seconds(60);
/// How long the engine may take to stop using a replica.
const WITHDRAW: Duration = Duration::from_secs(2);
/// What a shim may take longer than the grace period.
const SHIM_PATIENCE: Duration = Duration::from_secs(10);

impl Replica {
    /// Its process, or its shim, has ended without being told to.
    pub(super) async fn ended(&mut self) {
        self.restart = true;
        let state = find::state(&self.folder).filter(|state| state.run == self.spec.run);
        let detail = match state {
            Some(RunState { ended: Some(ended), .. }) => Ended::to_string(&ended),
            Some(state) => {
                live::clear(&state).await;
                "its shim was killed, and the replica with it; it is started again".into()
            }
            None => {
                let words = std::fs::read_to_string(self.folder.join(SHIM_LOG)).unwrap_or_default();
                let words = words.lines().last().unwrap_or("it said nothing").to_owned();
                format!("its shim could not work: {words}")
            }
        };
        self.set_back(detail);
    }

    pub(super) fn set_back(&mut self, detail: String) {
        let sound = self.ready_since.take().is_some_and(|since| now() - since >= SOUND);
        let _ = std::fs::remove_file(self.folder.join(READY));
        self.spec.setbacks = if sound { 1 } else { self.spec.setbacks.saturating_add(1) };
        let spec = &self.spec;
        tracing::warn!(replica = %spec.replica_id, service = %spec.service_id, %detail, "a replica ended");
        self.shared.board.update(&self.spec.replica_id, |report| {
            report.state = ReplicaState::BackOff;
            report.pid = None;
            report.detail = Some(detail);
        });
    }

    /// In order: nobody sends it requests any more, then it is told, then it is made to end.
    pub(super) async fn end(&self, live: &Live) {
        let _ = std::fs::remove_file(self.folder.join(READY));
        self.withdrawn().await;
        live.signal(Signal::TERM);
        let grace = Duration::from_secs(self.spec.workload.grace_seconds.into());
        if timeout(grace + SHIM_PATIENCE, live.ended()).await.is_err() {
            tracing::error!(replica = %self.spec.replica_id, "the shim does not end; killing it");
            live.signal(Signal::KILL);
            live.ended().await;
        }
        if let Some(state) = find::state(&self.folder) {
            live::clear(&state).await;
        }
    }

    async fn withdrawn(&self) {
        let sequence = self.shared.board.view().sequence;
        let mut engine = self.shared.engine.subscribe();
        let loaded = engine.wait_for(|engine| !engine.connected || engine.loaded >= sequence);
        if timeout(WITHDRAW, loaded).await.is_err() {
            tracing::warn!(replica = %self.spec.replica_id, "the engine did not confirm within 2 s; stopping anyway");
        }
    }

    pub(super) async fn finish(&self) {
        if *self.stop.borrow() != Some(Stop::Keep) {
            find::remove(self.folder.clone()).await;
        }
        self.shared.ports.release(&self.spec.replica_id);
        self.shared.board.remove(&self.spec.replica_id);
    }
}
