//! Access records on their way to whoever subscribes.

mod house;

use chrono::DateTime;
use control::hub;
use domain::snapshot::Snapshot;
use house::record::record;
use house::{Engine, House, house};
use link::message::{EngineDown, EngineUp};
use link::telemetry::Telemetry;
use tokio::sync::broadcast::error::TryRecvError;
use tokio_stream::StreamExt;

/// One record with this id.
fn batch(start: i64, sequence: u64, request_id: &str) -> Telemetry {
    let records = record(1, request_id, None);
    let started_at = DateTime::from_timestamp(start, 0).expect("a time");
    Telemetry { sequence, started_at, records, ..Telemetry::default() }
}

fn serve(house: &House) -> tokio::task::JoinHandle<()> {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await.expect("serves") })
}

/// Until its receipt is there.
async fn tell(engine: &mut Engine, telemetry: Telemetry) {
    let told = telemetry.sequence;
    engine.say(EngineUp::Telemetry(telemetry)).await;
    loop {
        match engine.down.next().await {
            Some(Ok(EngineDown::TelemetryReceived { sequence })) => return assert_eq!(sequence, told),
            Some(Ok(_)) => {}
            other => panic!("no receipt but {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_batch_that_comes_again_is_handed_on_once() {
    let house = house().await;
    let _serving = serve(&house);
    let mut recorded = house.control.recorded();
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    tell(&mut engine, batch(1, 1, "a")).await;
    // Its receipt got lost, with the session.
    drop(engine);
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    tell(&mut engine, batch(1, 1, "a")).await;
    tell(&mut engine, batch(1, 2, "b")).await;
    // Another start counts from the beginning.
    tell(&mut engine, batch(2, 1, "c")).await;
    let mut ids = Vec::new();
    while let Ok(batch) = recorded.try_recv() {
        ids.extend(batch.records.iter().map(|record| record.request_id));
    }
    assert_eq!(ids, ["a", "b", "c"]);
}

#[tokio::test]
async fn who_does_not_listen_keeps_no_engine_waiting() {
    let house = house().await;
    let _serving = serve(&house);
    let mut recorded = house.control.recorded();
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    for sequence in 1..=200 {
        tell(&mut engine, batch(1, sequence, "a")).await;
    }
    assert!(matches!(recorded.try_recv(), Err(TryRecvError::Lagged(136))), "bounded");
}
