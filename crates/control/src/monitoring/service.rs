//! What was measured of one service.

use super::Kept;
use crate::{Control, ControlError};
use chrono::DateTime;
use domain::histogram::Histogram;
use domain::id::{ReplicaId, ServiceId};
use domain::role::Permission;
use domain::view::{MonitoringRange, Percentiles, ReplicaPoint, ReplicaSeries, ServiceMonitoring, TrafficPoint};
use identity::{Principal, authorize};
use observe::{Cell, Counted, ReplicaCell, ServiceCell, Step, Subject, Watched, fold};
use std::collections::BTreeMap;

/// Lines that can be told apart in one chart.
const MOST_REPLICAS: usize = 6;

impl Control {
    /// The time that ends now, in the points of this range.
    pub async fn service_monitoring(
        &self,
        principal: &Principal,
        id: &ServiceId,
        range: MonitoringRange,
    ) -> Result<ServiceMonitoring, ControlError> {
        authorize(principal, Permission::Read)?;
        let service = self.find_service(principal, id)?;
        let (seconds, count) = range.points();
        let (seconds, count) = (i64::from(seconds), count as usize);
        let step = Step::for_buckets(seconds);
        // The last point goes on, and one more is read before the first.
        let now = self.now().timestamp();
        let to = now - now.rem_euclid(seconds) + seconds;
        let from = to - seconds * (count as i64 + 1);
        let (mut watched, mut cells) = (Vec::new(), Vec::new());
        if let Some(Kept { series, .. }) = self.inner.watch.kept.get() {
            watched = series.read::<Watched>(&Subject::Engines, step, (from, to)).await?;
            cells = series.read::<ServiceCell>(&Subject::Service(id.clone()), step, (from, to)).await?;
        }
        // Before it was there nobody could ask it.
        let began = step.begin(service.created_at);
        watched.retain(|(at, _)| *at >= began);
        let mut watched = fold(&watched, from, seconds, count + 1);
        let mut cells = fold(&cells, from, seconds, count + 1);
        // What has just begun and was not written yet is no gap; it is left out, or else the oldest.
        let is_written = watched.last().is_some_and(Option::is_some) || cells.last().is_some_and(Option::is_some);
        let left_out = if is_written { 0 } else { count };
        watched.remove(left_out);
        cells.remove(left_out);
        let from = if is_written { from + seconds } else { from };
        let mut total = (Watched::default(), Counted::default());
        for (watched, cell) in watched.iter().zip(&cells) {
            total.0.add(&watched.unwrap_or_default());
            total.1.add(&cell.as_ref().map(|cell| cell.counted.clone()).unwrap_or_default());
        }
        let nothing = Counted::default();
        let points = watched.iter().zip(&cells).map(|(watched, cell)| {
            let counted = cell.as_ref().map_or(&nothing, |cell| &cell.counted);
            let is_known = watched.is_some() || !counted.is_empty();
            is_known.then(|| point(watched.unwrap_or_default(), counted))
        });
        let (replicas, more_replicas) = replicas(&cells);
        Ok(ServiceMonitoring {
            range,
            from: DateTime::from_timestamp(from, 0).unwrap_or_default(),
            points: points.collect(),
            total: point(total.0, &total.1),
            replicas,
            more_replicas,
            observe: service.spec.traffic.observe,
        })
    }
}

fn point(watched: Watched, counted: &Counted) -> TrafficPoint {
    TrafficPoint {
        watched_ms: watched.millis,
        requests: counted.requests,
        classes: counted.classes,
        latency: percentiles(&counted.latency),
        tokens_in: counted.tokens_in,
        tokens_out: counted.tokens_out,
        first_token: percentiles(&counted.first_token),
        per_token: percentiles(&counted.per_token),
    }
}

fn percentiles(of: &Histogram) -> Option<Percentiles> {
    Some(Percentiles { p50: of.quantile(0.5)?, p90: of.quantile(0.9)?, p99: of.quantile(0.99)? })
}

/// Those that were seen last, and of these the busiest, by id; and how many are left out.
fn replicas(cells: &[Option<ServiceCell>]) -> (Vec<ReplicaSeries>, u32) {
    let mut last: BTreeMap<&ReplicaId, (usize, u64)> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        for (id, replica) in cell.iter().flat_map(|cell| &cell.replicas) {
            last.insert(id, (at, replica.cpu_percent().unwrap_or_default()));
        }
    }
    let all = last.len();
    let mut shown: Vec<_> = last.into_iter().collect();
    shown.sort_by_key(|(_, seen)| std::cmp::Reverse(*seen));
    shown.truncate(MOST_REPLICAS);
    shown.sort_by_key(|(id, _)| *id);
    let series = shown.iter().map(|(id, _)| {
        let of_it =
            |cell: &Option<ServiceCell>| cell.as_ref().and_then(|cell| cell.replicas.get(*id)).map(replica_point);
        ReplicaSeries { id: (*id).clone(), points: cells.iter().map(of_it).collect() }
    });
    (series.collect(), u32::try_from(all - shown.len()).unwrap_or(u32::MAX))
}

fn replica_point(cell: &ReplicaCell) -> ReplicaPoint {
    ReplicaPoint { cpu_percent: cell.cpu_percent(), memory_bytes: cell.memory_bytes(), in_flight: cell.in_flight }
}
