//! Access records on their way to whoever subscribes.

mod house;

use chrono::DateTime;
use control::hub;
use domain::snapshot::Snapshot;
use house::{Engine, House, house};
use link::message::{EngineDown, EngineUp};
use link::records::{Packer, Packing, Records};
use link::telemetry::Telemetry;
use tokio::sync::broadcast::error::TryRecvError;
use tokio_stream::StreamExt;

/// One record with this id.
fn batch(start: i64, sequence: u64, request_id: &str) -> Telemetry {
    let mut packer = Packer::default();
    packer.push(&Packing {
        at: 1,
        request_id,
        gateway_id: None,
        service_id: None,
        replica_id: None,
        token_id: None,
        client: [127, 0, 0, 1].into(),
        local: ([127, 0, 0, 1], 80).into(),
        method: "GET",
        host: "h",
        path: "/",
        status: 200,
        detail: None,
        bytes_in: 0,
        bytes_out: 0,
        duration_us: 1,
        upstream_us: None,
        sent_us: None,
        tries: 0,
        protocol: "HTTP/1.1",
        tls: None,
        user_agent: "",
        trace_id: None,
        llm: None,
        span_id: None,
        parent_span_id: None,
    });
    let mut records = Records::default();
    records.push(packer.take(0));
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
