//! A client that goes takes its request with it, on every way from one protocol to another.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::policy::UpstreamProtocol;
use harness::http2::{Client2, empty};
use harness::{HOST, Replica, SOON, TOKEN, World};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Reads a request and says nothing; tells of each when its connection ends.
async fn silent_over_http1() -> (Replica, mpsc::UnboundedReceiver<oneshot::Receiver<()>>) {
    let (calls, receiver) = mpsc::unbounded_channel();
    let replica = Replica::serve(move |mut stream| {
        let calls = calls.clone();
        async move {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let (ended, told) = oneshot::channel();
            calls.send(told).unwrap();
            let _ = stream.read(&mut buffer).await;
            let _ = ended.send(());
        }
    })
    .await;
    (replica, receiver)
}

/// How long a replica works for nobody: until it hears that the client, which waits for an answer's head, is gone.
async fn in_vain(from_http2: bool, to_http2: bool) -> Duration {
    let (replica, mut calls) = if to_http2 { Replica::silent_over_http2().await } else { silent_over_http1().await };
    let mut world = World::with(&[&replica]).await;
    world
        .policy(|policy| policy.upstream = if to_http2 { UpstreamProtocol::Http2 } else { UpstreamProtocol::Http1 })
        .await;
    let (gone, cancelled) = if from_http2 {
        let mut client = Client2::clear(world.address).await;
        let request = client.request("GET", "/api/predict/model").body(empty()).unwrap();
        let asking = tokio::spawn(async move { client.sender.send_request(request).await });
        let cancelled = timeout(SOON, calls.recv()).await.unwrap().unwrap();
        asking.abort();
        (Instant::now(), cancelled)
    } else {
        let mut client = world.client().await;
        client
            .write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n"))
            .await;
        let cancelled = timeout(SOON, calls.recv()).await.unwrap().unwrap();
        drop(client);
        (Instant::now(), cancelled)
    };
    let _ = timeout(SOON, cancelled).await.expect("it hears of it");
    gone.elapsed()
}

#[tokio::test]
async fn a_client_that_goes_before_the_head_cancels_the_replica() {
    for (from, to) in [(false, false), (false, true), (true, false), (true, true)] {
        // The machine may have other work once, but not each time.
        let mut best = Duration::MAX;
        for _ in 0..3 {
            best = best.min(in_vain(from, to).await);
        }
        assert!(best < Duration::from_millis(100), "{best:?} from HTTP/2: {from}, to HTTP/2: {to}");
    }
}
