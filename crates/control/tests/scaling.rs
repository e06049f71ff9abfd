//! Services that scale by themselves: what an engine counts becomes replicas.

mod house;

use control::{ControlError, Scaling, hub};
use domain::histogram::Histogram;
use domain::id::ServiceId;
use domain::service::{ScalingDraft, ServiceDraft};
use domain::snapshot::Snapshot;
use house::{Engine, House, house, until};
use link::message::EngineUp;
use link::telemetry::{Counters, ServiceCounters, Telemetry};
use std::time::{Duration, Instant};

async fn deployed() -> (House, ServiceId) {
    let house = house().await;
    let gateway = house.gateway("g").await;
    let draft = ServiceDraft {
        name: "model".into(),
        command: "model".into(),
        replicas: "1".into(),
        gateway: gateway.to_string(),
        ..ServiceDraft::default()
    };
    let id = house.control.deploy_service(&house.principal, &draft).await.expect("deploys");
    tokio::spawn({
        let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
        async move { hub::serve(control, &socket, std::future::pending()).await }
    });
    (house, id)
}

fn typed(max: &str, down: &str) -> ScalingDraft {
    ScalingDraft {
        enabled: "on".into(),
        max: max.into(),
        qps: "10".into(),
        down_seconds: down.into(),
        ..ScalingDraft::of(None)
    }
}

/// The engine has counted so many requests in all, and the console has heard of it.
async fn counted(house: &House, engine: &Engine, id: &ServiceId, sequence: u64, requests: u64) {
    told(house, engine, id, sequence, requests, 0).await;
}

/// The same with so many that wait for a replica.
async fn told(house: &House, engine: &Engine, id: &ServiceId, sequence: u64, requests: u64, held: u64) {
    let counters = Counters { requests, ..Counters::default() };
    let services = vec![ServiceCounters {
        service_id: id.clone(),
        counters,
        held,
        queued: 0,
        replicas: Vec::new(),
        latency: Histogram::default(),
        tokens_in: 0,
        tokens_out: 0,
        first_token: Histogram::default(),
        per_token: Histogram::default(),
    }];
    engine.say(EngineUp::Telemetry(Telemetry { sequence, services, ..Telemetry::default() })).await;
    let heard = || house.control.service(&house.principal, id).expect("is there").traffic.requests == requests;
    until("is heard of", heard).await;
}

fn replicas(house: &House, id: &ServiceId) -> u32 {
    house.control.service(&house.principal, id).expect("is there").replicas_wanted
}

#[tokio::test]
async fn requests_start_replicas_and_their_end_ends_them() {
    let (house, id) = deployed().await;
    let (control, who) = (&house.control, &house.principal);
    control.set_scaling(who, &id, 1, &typed("5", "60")).await.expect("sets");
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let (mut scaling, began) = (Scaling::default(), Instant::now());
    let at = |seconds| began + Duration::from_secs(seconds);

    control.scale_all(&mut scaling, at(1)).await;
    assert_eq!(replicas(&house, &id), 1, "no engine has counted anything");
    counted(&house, &engine, &id, 1, 100).await;
    control.scale_all(&mut scaling, at(5)).await;
    assert_eq!(replicas(&house, &id), 1, "how many came before is not how many come");
    counted(&house, &engine, &id, 2, 225).await;
    control.scale_all(&mut scaling, at(10)).await;
    assert_eq!(replicas(&house, &id), 3, "25 a second at 10 each");
    assert_eq!(control.service(who, &id).expect("is there").revision, 2, "nobody edited it");
    counted(&house, &engine, &id, 3, 9_000).await;
    control.scale_all(&mut scaling, at(15)).await;
    assert_eq!(replicas(&house, &id), 5);

    control.scale_all(&mut scaling, at(70)).await;
    assert_eq!(replicas(&house, &id), 5, "a minute has not passed");
    control.scale_all(&mut scaling, at(76)).await;
    assert_eq!(replicas(&house, &id), 1);
}

#[tokio::test]
async fn an_engine_that_starts_anew_is_no_load() {
    let (house, id) = deployed().await;
    let (control, who) = (&house.control, &house.principal);
    control.set_scaling(who, &id, 1, &typed("5", "0")).await.expect("sets");
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let (mut scaling, began) = (Scaling::default(), Instant::now());
    let at = |seconds| began + Duration::from_secs(seconds);
    counted(&house, &engine, &id, 1, 1_000).await;
    control.scale_all(&mut scaling, at(1)).await;
    counted(&house, &engine, &id, 2, 1_300).await;
    control.scale_all(&mut scaling, at(11)).await;
    assert_eq!(replicas(&house, &id), 3);
    counted(&house, &engine, &id, 3, 7).await;
    control.scale_all(&mut scaling, at(21)).await;
    assert_eq!(replicas(&house, &id), 3, "what came since is not known");
}

#[tokio::test]
async fn what_was_set_bounds_what_there_is() {
    let (house, id) = deployed().await;
    let (control, who) = (&house.control, &house.principal);
    control.scale_service(who, &id, 1, "9").await.expect("scales");
    control.set_scaling(who, &id, 2, &typed("4", "60")).await.expect("sets");
    assert_eq!(replicas(&house, &id), 4);
    control.set_scaling(who, &id, 3, &typed("4", "60")).await.expect("is so already");
    assert_eq!(control.service(who, &id).expect("is there").revision, 3, "nothing was changed");
    let wrong = control.set_scaling(who, &id, 3, &typed("0", "60")).await;
    assert!(matches!(&wrong, Err(ControlError::Invalid(errors)) if errors.get("max").is_some()), "{wrong:?}");
    control.set_scaling(who, &id, 3, &ScalingDraft::default()).await.expect("switches off");
    assert_eq!(replicas(&house, &id), 4, "stays as it is");
}

#[tokio::test]
async fn what_waits_starts_one_and_its_end_ends_it() {
    let (house, id) = deployed().await;
    let (control, who) = (&house.control, &house.principal);
    let typed = ScalingDraft { to_zero: "on".into(), idle_seconds: "30".into(), ..typed("5", "60") };
    control.set_scaling(who, &id, 1, &typed).await.expect("sets");
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let (mut scaling, began) = (Scaling::default(), Instant::now());
    let at = |seconds| began + Duration::from_secs(seconds);
    counted(&house, &engine, &id, 1, 100).await;
    control.scale_all(&mut scaling, at(1)).await;
    control.scale_all(&mut scaling, at(20)).await;
    assert_eq!(replicas(&house, &id), 1);
    control.scale_all(&mut scaling, at(40)).await;
    assert_eq!(replicas(&house, &id), 0, "nobody asked for half a minute");
    told(&house, &engine, &id, 2, 101, 100).await;
    control.scale_all(&mut scaling, at(41)).await;
    assert_eq!(replicas(&house, &id), 1, "one start for a hundred that wait");
    control.scale_all(&mut scaling, at(42)).await;
    assert_eq!(replicas(&house, &id), 1);
}
