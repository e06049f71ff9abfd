//! From what was heard to cells.

use super::heard::Fresh;
use super::{Kept, Stored};
use crate::{Control, ControlError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ServiceId;
use observe::{Flush, LARGEST, ServiceCell, Taken, Watched};
use std::collections::BTreeMap;
use std::time::Duration;

/// An engine that was started so much earlier than the file was begun counted before anybody kept it.
const BEFORE: TimeDelta = TimeDelta::seconds(60);

/// Rounds of writing for one of forgetting.
const FORGET_EVERY: u32 = 60;

impl Control {
    /// Writes what was measured at the end of each of these stretches of the calendar, and forgets what is old. Never
    /// ends. A console that is killed loses no counts: engines say them to the next one.
    pub async fn keep_series(&self, stretch: Duration) {
        let millis = i64::try_from(stretch.as_millis()).unwrap_or(i64::MAX).max(1);
        for round in 0u32.. {
            let left = millis - self.now().timestamp_millis().rem_euclid(millis);
            tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
            // Most of it happened before the stretch was over.
            let at = self.now() - TimeDelta::milliseconds(millis / 2);
            if let Err(error) = self.write_series(at).await {
                tracing::error!(%error, "what was measured is not kept yet; it is tried again");
            }
            if round.is_multiple_of(FORGET_EVERY)
                && let Some(kept) = self.inner.watch.kept.get()
                && let Err(error) = kept.series.forget(self.now(), LARGEST).await
            {
                tracing::error!(%error, "old measurements are not forgotten yet; it is tried again");
            }
        }
    }

    /// Writes what was heard since the last time, as of this moment. In a task of its own: what was taken up must be
    /// written though who asked goes away.
    pub async fn write_series(&self, at: DateTime<Utc>) -> Result<(), ControlError> {
        let control = self.clone();
        match tokio::spawn(async move { control.write_now(at).await }).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn write_now(&self, at: DateTime<Utc>) -> Result<(), ControlError> {
        let watch = &self.inner.watch;
        let Some(Kept { series, stored }) = watch.kept.get() else { return Ok(()) };
        let mut stored = stored.lock().await;
        let fresh = watch.with_heard(|heard| std::mem::take(&mut heard.fresh));
        let now = self.now();
        let flush = Flush {
            at,
            now,
            watched: self.watched(&fresh, &stored, now),
            services: self.cells(&fresh, &stored),
            totals: fresh.totals.iter().map(|(key, taken)| (key.clone(), taken.clone())).collect(),
        };
        match series.write(&flush).await {
            Ok(()) => {
                stored.written_at = Some(now);
                stored.totals.extend(flush.totals);
                let desired = self.desired();
                stored.totals.retain(|(_, service), _| desired.services.contains_key(service));
                Ok(())
            }
            Err(error) => {
                watch.with_heard(|heard| heard.fresh.put_back(fresh));
                // A commit that failed may be on the disk all the same.
                if let Ok(again) = Stored::read(series, now).await {
                    *stored = again;
                }
                Err(error.into())
            }
        }
    }

    /// Since the last time, if an engine was there; no longer than the engines run.
    fn watched(&self, fresh: &Fresh, stored: &Stored, now: DateTime<Utc>) -> Watched {
        let is_connected = self.observed().engines.values().any(|engine| engine.connected);
        if !is_connected && fresh.engines.is_empty() {
            return Watched::default();
        }
        let started = fresh.engines.values().min().copied();
        let from = stored.written_at.unwrap_or(stored.born_at).max(started.unwrap_or(DateTime::UNIX_EPOCH));
        Watched { millis: u64::try_from((now - from).num_milliseconds()).unwrap_or(0) }
    }

    /// What is new of each service.
    fn cells(&self, fresh: &Fresh, stored: &Stored) -> BTreeMap<ServiceId, ServiceCell> {
        let desired = self.desired();
        let mut cells: BTreeMap<ServiceId, ServiceCell> = BTreeMap::new();
        for (key, taken) in &fresh.totals {
            let news = match stored.totals.get(key) {
                Some(before) if before.started_at == taken.started_at => taken.counted.since(&before.counted),
                // Counted from zero since then.
                before if before.is_some() || !is_old(taken, stored) => taken.counted.clone(),
                _ => continue,
            };
            cells.entry(key.1.clone()).or_default().counted.add(&news);
        }
        for ((service, replica), usage) in &fresh.usage {
            let cell = cells.entry(service.clone()).or_default();
            cell.replicas.entry(replica.clone()).or_default().add(usage);
        }
        for ((_, service, replica), most) in &fresh.in_flight {
            let cell = cells.entry(service.clone()).or_default().replicas.entry(replica.clone()).or_default();
            cell.in_flight = Some(cell.in_flight.unwrap_or_default().saturating_add(*most));
        }
        let observed = self.observed();
        for (service, cell) in &mut cells {
            for (replica, cell) in &mut cell.replicas {
                // What goes on and on is no news.
                cell.in_flight =
                    cell.in_flight.max(observed.answers(service, replica).map(|answers| answers.in_flight));
            }
        }
        cells.retain(|service, cell| desired.services.contains_key(service) && !cell.is_empty());
        cells
    }
}

fn is_old(taken: &Taken, stored: &Stored) -> bool {
    taken.started_at < stored.born_at - BEFORE
}
