//! What was measured of a service, over time.

mod house;

use chrono::{DateTime, TimeDelta, Utc};
use control::{Clock, ControlError, Installation, hub};
use domain::endpoint::{ReplicaReport, ReplicaUsage};
use domain::histogram::{Histogram, bucket};
use domain::id::{AgentId, EngineId, RANDOM_LEN, ReplicaId, ServiceId};
use domain::service::ServiceDraft;
use domain::snapshot::Snapshot;
use domain::status::ReplicaState;
use domain::view::{MonitoringRange, ServiceMonitoring};
use house::{Agent, Engine, House, house_in, loopback, until};
use link::message::{AgentUp, EngineDown, EngineUp};
use link::telemetry::{Counters, ReplicaCounters, ServiceCounters, Telemetry};
use tokio_stream::StreamExt;

/// Noon of some day.
fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_006_400, 0).expect("a time")
}

fn at(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

async fn opened(folder: tempfile::TempDir, clock: &Clock) -> House {
    let house = house_in(folder, clock.clone(), Installation::default()).await;
    house.control.open_series(&house.folder.path().join("series.db")).await.expect("opens");
    tokio::spawn({
        let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
        async move { hub::serve(control, &socket, std::future::pending()).await }
    });
    house
}

async fn deployed(house: &House) -> ServiceId {
    let gateway = house.gateway("g").await;
    let draft = ServiceDraft {
        name: "model".into(),
        command: "model".into(),
        replicas: "1".into(),
        gateway: gateway.to_string(),
        ..ServiceDraft::default()
    };
    house.control.deploy_service(&house.principal, &draft).await.expect("deploys")
}

async fn engine(house: &House, number: u8) -> Engine {
    let console = link::Console::Socket(house.folder.path().join("link.sock"));
    let id = EngineId::from_random([number; RANDOM_LEN]);
    Engine::over(&console, id, Snapshot::default(), loopback()).await.expect("answers")
}

/// Totals: so many that were answered in 2xx, 4xx and 5xx, each in so many microseconds.
fn totals(id: &ServiceId, [ok, wrong, failed]: [u64; 3], micros: &[u64]) -> ServiceCounters {
    let mut latency = Histogram::default();
    micros.iter().for_each(|each| latency.add(&Histogram::of([(bucket(*each), 1)])));
    let requests = ok + wrong + failed;
    let counters = Counters { requests, status_2xx: ok, status_4xx: wrong, status_5xx: failed, ..Counters::default() };
    ServiceCounters {
        service_id: id.clone(),
        counters,
        held: 0,
        queued: 0,
        replicas: Vec::new(),
        latency,
        tokens_in: requests * 10,
        tokens_out: requests * 3,
        first_token: Histogram::default(),
        per_token: Histogram::default(),
    }
}

/// Until its receipt is there.
async fn tell(engine: &mut Engine, started_at: DateTime<Utc>, sequence: u64, service: ServiceCounters) {
    let services = vec![service];
    engine.say(EngineUp::Telemetry(Telemetry { sequence, started_at, services, ..Telemetry::default() })).await;
    loop {
        match engine.down.next().await {
            Some(Ok(EngineDown::TelemetryReceived { sequence: received })) => return assert_eq!(received, sequence),
            Some(Ok(_)) => {}
            other => panic!("no receipt but {other:?}"),
        }
    }
}

/// At this second.
async fn written(house: &House, clock: &Clock, seconds: i64) {
    clock.set(at(seconds));
    house.control.write_series(at(seconds) - TimeDelta::seconds(5)).await.expect("writes");
}

async fn seen(house: &House, id: &ServiceId) -> ServiceMonitoring {
    let (who, range) = (&house.principal, MonitoringRange::QuarterHour);
    house.control.service_monitoring(who, id, range).await.expect("is there")
}

/// Requests in each point of ten seconds that is known, by its second.
fn requests(seen: &ServiceMonitoring) -> Vec<(i64, u64)> {
    let known = seen.points.iter().enumerate().filter_map(|(at, point)| Some((at, point.as_ref()?)));
    known.map(|(point, known)| ((seen.at(point) - noon()).num_seconds(), known.requests)).collect()
}

#[tokio::test]
async fn engines_add_up_and_those_that_start_anew_count_from_zero() {
    let clock = Clock::by_hand(noon());
    let house = opened(tempfile::tempdir().expect("a folder"), &clock).await;
    let id = deployed(&house).await;
    let (mut one, mut two) = (engine(&house, 1).await, engine(&house, 2).await);
    tell(&mut one, noon(), 1, totals(&id, [5, 1, 0], &[1_000; 6])).await;
    tell(&mut two, noon(), 1, totals(&id, [4, 0, 0], &[90_000; 4])).await;
    // Its receipt got lost.
    tell(&mut two, noon(), 1, totals(&id, [4, 0, 0], &[90_000; 4])).await;
    written(&house, &clock, 10).await;
    tell(&mut one, noon(), 2, totals(&id, [8, 1, 2], &[1_000; 11])).await;
    // Smaller totals, of another start.
    tell(&mut two, at(12), 1, totals(&id, [2, 0, 0], &[90_000; 2])).await;
    written(&house, &clock, 20).await;
    written(&house, &clock, 30).await;
    let now = seen(&house, &id).await;
    assert_eq!(requests(&now), [(0, 10), (10, 7), (20, 0)], "and nothing of before it was there");
    assert_eq!((now.total.requests, now.total.classes), (17, [14, 0, 1, 2]));
    assert_eq!((now.total.tokens_in, now.total.tokens_out), (170, 51));
    let point = now.points.iter().flatten().next().expect("some");
    assert_eq!(point.per_second(point.requests), Some(1.0));
    // Of all ten, not a mean of two engines' percentiles.
    let latency = point.latency.expect("some");
    assert!(latency.p50.abs_diff(1_000) <= 20 && latency.p90.abs_diff(90_000) <= 1_800, "{latency:?}");
}

#[tokio::test]
async fn a_console_that_was_killed_loses_nothing_and_shows_where_it_was_away() {
    let clock = Clock::by_hand(noon());
    let house = opened(tempfile::tempdir().expect("a folder"), &clock).await;
    let id = deployed(&house).await;
    let mut one = engine(&house, 1).await;
    tell(&mut one, noon(), 1, totals(&id, [5, 0, 0], &[1_000; 5])).await;
    written(&house, &clock, 10).await;
    // Heard and not written.
    tell(&mut one, noon(), 2, totals(&id, [7, 0, 0], &[1_000; 7])).await;
    let House { control, folder, .. } = house;
    drop((one, control));

    clock.set(at(100));
    let away = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(folder.path()).expect("reads") {
        let file = file.expect("reads");
        // As a killed process leaves it.
        let _ = std::fs::copy(file.path(), away.path().join(file.file_name()));
    }
    let _ = std::fs::remove_file(away.path().join("link.sock"));
    let house = opened(away, &clock).await;
    let mut one = engine(&house, 1).await;
    tell(&mut one, noon(), 9, totals(&id, [105, 0, 0], &[1_000; 105])).await;
    written(&house, &clock, 110).await;
    let now = seen(&house, &id).await;
    assert_eq!(requests(&now), [(0, 5), (100, 100)], "a gap in between, and each request once");
    let last = now.points.iter().flatten().last().expect("some");
    assert_eq!(last.per_second(last.requests), Some(1.0), "in the hundred seconds since it was watched");
    assert_eq!(now.total.requests, 105);
}

#[tokio::test]
async fn without_an_engine_nobody_knows_and_without_a_file_nothing_is_kept() {
    let clock = Clock::by_hand(noon());
    let house = opened(tempfile::tempdir().expect("a folder"), &clock).await;
    let id = deployed(&house).await;
    written(&house, &clock, 10).await;
    let now = seen(&house, &id).await;
    assert_eq!((requests(&now), now.points.len()), (Vec::new(), 90));
    let _engine = engine(&house, 1).await;
    until("is there", || house.control.observed().engines.values().any(|engine| engine.connected)).await;
    written(&house, &clock, 20).await;
    assert_eq!(requests(&seen(&house, &id).await), [(10, 0)], "nobody asked it, which is known");

    let bare = house_in(tempfile::tempdir().expect("a folder"), clock.clone(), Installation::default()).await;
    let id = deployed(&bare).await;
    bare.control.write_series(noon()).await.expect("nothing to do");
    assert_eq!(requests(&seen(&bare, &id).await), []);
}

#[tokio::test]
async fn longer_ranges_show_the_same_requests() {
    let clock = Clock::by_hand(noon());
    let house = opened(tempfile::tempdir().expect("a folder"), &clock).await;
    let id = deployed(&house).await;
    let mut one = engine(&house, 1).await;
    for minute in 1..=30u64 {
        tell(&mut one, noon(), minute, totals(&id, [minute * 7, 0, 0], &[500])).await;
        written(&house, &clock, minute as i64 * 60).await;
    }
    for range in MonitoringRange::ALL {
        let found = house.control.service_monitoring(&house.principal, &id, range).await.expect("is there");
        let known: u64 = found.points.iter().flatten().map(|point| point.requests).sum();
        let expected = if range == MonitoringRange::QuarterHour { 15 * 7 } else { 30 * 7 };
        assert_eq!((known, found.total.requests), (expected, expected), "{range:?}");
        assert_eq!(found.points.len(), range.points().1 as usize);
    }
}

fn report(service: &ServiceId, replica: &ReplicaId) -> ReplicaReport {
    ReplicaReport {
        replica_id: replica.clone(),
        service_id: service.clone(),
        state: ReplicaState::Ready,
        address: ([127, 0, 0, 1], 9).into(),
        pid: None,
        restarts: 0,
        detail: None,
        since: noon(),
        version: 1,
        started_at: None,
        isolated: false,
        last_lines: Vec::new(),
        weight: domain::endpoint::DEFAULT_WEIGHT,
    }
}

#[tokio::test]
async fn replicas_show_what_they_use() {
    let clock = Clock::by_hand(noon());
    let house = opened(tempfile::tempdir().expect("a folder"), &clock).await;
    let id = deployed(&house).await;
    let console = link::Console::Socket(house.folder.path().join("link.sock"));
    let agent = Agent::over(&console, AgentId::from_random([1; RANDOM_LEN])).await;
    let replica = ReplicaId::from_random([9; RANDOM_LEN]);
    agent.says(vec![report(&id, &replica)]).await;
    for (at_us, cpu_us, memory_bytes) in [(5_000_000, 0, 100), (10_000_000, 1_000_000, 300)] {
        let usage = ReplicaUsage { replica_id: replica.clone(), cpu_us, memory_bytes, gpu_percent: None };
        agent.say(AgentUp::Usage { at_us, replicas: vec![usage] }).await;
    }
    let used = || house.control.service(&house.principal, &id).expect("is there").replicas;
    until("is measured", || used().first().is_some_and(|replica| replica.memory_bytes == Some(300))).await;
    let mut one = engine(&house, 1).await;
    let mut busy = totals(&id, [0; 3], &[]);
    busy.replicas = vec![ReplicaCounters { replica_id: replica.clone(), in_flight: 4, requests: 4, failures: 0 }];
    tell(&mut one, noon(), 1, busy).await;
    tell(&mut one, noon(), 2, totals(&id, [4, 0, 0], &[5; 4])).await;
    written(&house, &clock, 10).await;
    let now = seen(&house, &id).await;
    assert_eq!((now.replicas.len(), now.more_replicas), (1, 0));
    let known: Vec<_> = now.replicas[0].points.iter().flatten().collect();
    assert_eq!(known.len(), 1, "{known:?}");
    assert_eq!((known[0].cpu_percent, known[0].memory_bytes, known[0].in_flight), (Some(20), Some(200), Some(4)));
}

#[tokio::test]
async fn another_workspace_is_told_nothing() {
    let clock = Clock::by_hand(noon());
    let house = opened(tempfile::tempdir().expect("a folder"), &clock).await;
    let id = deployed(&house).await;
    let mut other = house.principal.clone();
    other.workspace_id = domain::id::WorkspaceId::from_random([3; RANDOM_LEN]);
    let told = house.control.service_monitoring(&other, &id, MonitoringRange::Hour).await;
    assert!(matches!(told, Err(ControlError::NotFound { .. })), "{told:?}");
}
