//! Server-sent events.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::Resource;
use harness::http2::{Client2, empty, piece};
use harness::{Client, HOST, Replica, TOKEN, World, service, until};
use std::time::Duration;

async fn stream(world: &World) -> Client {
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    assert_eq!(client.answer_head().await.unwrap().status, 200);
    client
}

#[tokio::test]
async fn a_silent_model_is_kept_alive_between_events_only() {
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    world.policy(|policy| policy.stream.keep_alive_ms = 30).await;
    let mut client = stream(&world).await;
    let events = streams.recv().await.unwrap();
    assert_eq!(client.chunk().await.as_deref(), Some(": keep-alive\n\n"));
    events.send(Some("data: on")).unwrap();
    let mut next = client.chunk().await.unwrap();
    while next.starts_with(':') {
        next = client.chunk().await.unwrap();
    }
    assert_eq!(next, "data: on");
    // In the middle of an event there is no room, however long it takes.
    let quiet = tokio::time::timeout(Duration::from_millis(150), client.chunk()).await;
    assert!(quiet.is_err(), "{quiet:?}");
}

#[tokio::test]
async fn one_event_is_one_piece() {
    let (replica, mut streams) = Replica::event_stream().await;
    let world = World::with(&[&replica]).await;
    let mut client = stream(&world).await;
    let events = streams.recv().await.unwrap();
    for event in ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"] {
        events.send(Some(event)).unwrap();
        assert_eq!(client.chunk().await.as_deref(), Some(event));
    }
    drop(events);
    assert_eq!(client.chunk().await, None, "no comment is sent where none is wanted");
}

#[tokio::test]
async fn a_broken_stream_says_so() {
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    for part in ["data: whole\n\n", "data: ha"] {
        let mut client = stream(&world).await;
        let events = streams.recv().await.unwrap();
        events.send(Some(part)).unwrap();
        assert_eq!(client.chunk().await.as_deref(), Some(part));
        events.send(None).unwrap();
        let last = client.chunk().await.unwrap();
        let begins = if part.ends_with("\n\n") { "event: error\ndata: {" } else { "\n\nevent: error\ndata: {" };
        assert!(last.starts_with(begins) && last.contains("BadUpstream") && last.ends_with("\n\n"), "{last}");
        assert_eq!(client.chunk().await, None, "the stream itself ends in order");
    }
    let details = until("two records", async || {
        let records: Vec<_> = world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect();
        Some(records).filter(|records| records.len() == 2)
    });
    assert!(details.await.iter().all(|record| record.detail.as_deref() == Some("BadUpstream")));
    // The same when it only says nothing any more.
    let mut impatient = service();
    impatient.timeouts.idle_ms = 50;
    world.put(Resource::Service(impatient)).await;
    let mut client = stream(&world).await;
    let _events = streams.recv().await.unwrap();
    assert!(client.chunk().await.unwrap().contains("UpstreamStuck"));
}

#[tokio::test]
async fn tokens_are_counted_where_it_is_wanted() {
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    for wanted in [false, true] {
        world.policy(|policy| policy.stream.observe = wanted).await;
        let mut client = stream(&world).await;
        let events = streams.recv().await.unwrap();
        for event in [
            "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n",
        ] {
            events.send(Some(event)).unwrap();
            assert_eq!(client.chunk().await.as_deref(), Some(event), "as it came");
        }
        drop(events);
        assert_eq!(client.chunk().await, None);
    }
    let records = until("two records", async || {
        let records: Vec<_> = world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect();
        Some(records).filter(|records| records.len() == 2)
    })
    .await;
    assert_eq!(records[0].llm, None);
    let llm = records[1].llm.clone().unwrap();
    assert_eq!((llm.model.as_deref(), llm.tokens_in, llm.tokens_out), (Some("m"), Some(3), Some(5)));
    assert!(llm.first_token_us.is_some_and(|first| first <= records[1].duration_us), "{llm:?}");
}

#[tokio::test]
async fn over_http2_it_is_the_same() {
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    world.policy(|policy| policy.stream.keep_alive_ms = 30).await;
    let mut client = Client2::clear(world.address).await;
    let request = client.request("GET", "/api/predict/model").body(empty()).unwrap();
    let mut body = client.send(request).await.into_body();
    let events = streams.recv().await.unwrap();
    assert_eq!(piece(&mut body).await.as_deref(), Some(&b": keep-alive\n\n"[..]));
    events.send(Some("data: 1\n\n")).unwrap();
    events.send(None).unwrap();
    let mut rest = Vec::new();
    while let Some(piece) = piece(&mut body).await {
        rest.push(String::from_utf8(piece.to_vec()).unwrap());
    }
    rest.retain(|piece| !piece.starts_with(':'));
    assert_eq!((rest.len(), rest[0].as_str()), (2, "data: 1\n\n"), "{rest:?}");
    assert!(rest[1].starts_with("event: error\ndata: {") && rest[1].contains("BadUpstream"), "{rest:?}");
}

#[tokio::test]
async fn the_time_of_a_request_is_over_with_its_head() {
    let (replica, mut streams) = Replica::event_stream().await;
    let mut world = World::with(&[&replica]).await;
    let mut short = service();
    short.timeouts.request_ms = 400;
    world.put(Resource::Service(short)).await;
    let mut client = stream(&world).await;
    let events = streams.recv().await.unwrap();
    for event in ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"] {
        tokio::time::sleep(Duration::from_millis(250)).await;
        events.send(Some(event)).unwrap();
        assert_eq!(client.chunk().await.as_deref(), Some(event));
    }
    drop(events);
    assert_eq!(client.chunk().await, None);
}
