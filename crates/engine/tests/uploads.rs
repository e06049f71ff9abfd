//! Requests with bodies that take their time, and what comes behind them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use bytes::Bytes;
use domain::snapshot::Resource;
use domain::snapshot::policy::{Health, UpstreamProtocol};
use harness::http2::{Answer2, Client2};
use harness::recorder::Recorder;
use harness::{Client, HOST, Replica, TOKEN, World, service, until};
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use link::telemetry::AccessRecord;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn head(more: &str) -> String {
    format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n{more}\r\n")
}

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

const FORBIDDEN: [&str; 8] = [
    "authorization: Bearer other",
    "host: other.example",
    "content-length: 7",
    "transfer-encoding: chunked",
    "x-forwarded-for: 10.0.0.1",
    "x_forwarded_for: 10.0.0.1",
    "cookie: a=b",
    "x-request-id: other",
];

/// Answers with the bytes of the request behind its head.
async fn mirror() -> Replica {
    Replica::serve(|mut stream| async move {
        let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
        let has = |all: &[u8], what: &[u8]| all.windows(what.len()).position(|part| part == what);
        while has(&all, b"\r\n0\r\n").is_none() || !all.ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer).await {
                Ok(len @ 1..) => all.extend_from_slice(&buffer[..len]),
                _ => break,
            }
        }
        let at = has(&all, b"\r\n\r\n").map_or(all.len(), |at| at + 4);
        let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", all.len() - at);
        let _ = stream.write_all(&[answer.as_bytes(), &all[at..]].concat()).await;
    })
    .await
}

/// The trailers of a chunked body of `ab` and `cd`, in any pieces.
fn trailers(body: &str) -> Vec<String> {
    let lines: Vec<&str> = body.split("\r\n").collect();
    let end = lines.iter().position(|line| *line == "0").unwrap();
    lines[end + 1..].iter().filter(|line| !line.is_empty()).map(|line| line.to_string()).collect()
}

#[tokio::test]
async fn trailers_go_up_but_those_that_decide() {
    let mirror = mirror().await;
    let world = World::with(&[&mirror]).await;
    let sent = ["x-checksum: 1", "x-other: a b"].iter().chain(&FORBIDDEN).map(|line| format!("{line}\r\n"));
    let body = format!("{}{}0\r\n{}\r\n", chunk("ab"), chunk("cd"), sent.collect::<String>());
    let mut client = world.client().await;
    let answer = client.raw(&format!("{}{body}", head("Transfer-Encoding: chunked\r\nTrailer: x-checksum\r\n"))).await;
    assert_eq!(trailers(&answer.body), ["x-checksum: 1", "x-other: a b"], "{answer:?}");
    // The connection is as it was.
    assert_eq!(client.get("/").await.status, 200);
    // Nothing is left of these.
    let only = FORBIDDEN.map(|line| format!("{line}\r\n")).concat();
    let mut client = world.client().await;
    let answer = client.raw(&format!("{}{}0\r\n{only}\r\n", head("Transfer-Encoding: chunked\r\n"), chunk("ab"))).await;
    assert_eq!((answer.body.as_str(), answer.status), ("2\r\nab\r\n0\r\n\r\n", 200));
    // Without a length HTTP/2 has room for them, too.
    let mut client = Client2::clear(world.address).await;
    let mut late = HeaderMap::new();
    late.insert("x-checksum", HeaderValue::from_static("2"));
    late.insert("cookie", HeaderValue::from_static("a=b"));
    let frames = [Frame::data(Bytes::from("ab")), Frame::trailers(late)].map(Ok::<_, std::convert::Infallible>);
    let body = StreamBody::new(tokio_stream::iter(frames)).boxed_unsync();
    let request = client.request("POST", "/api/predict/model").body(body).unwrap();
    let answer = Answer2::of(client.send(request).await).await;
    assert_eq!(trailers(std::str::from_utf8(&answer.body).unwrap()), ["x-checksum: 2"]);
}

#[tokio::test]
async fn trailers_go_up_again_with_a_second_try() {
    let (closing, mirror) = (Replica::closing().await, mirror().await);
    let mut world = World::with(&[&closing, &mirror]).await;
    world.policy(|policy| policy.health.failures = 0).await;
    let put = head("Transfer-Encoding: chunked\r\n").replace("POST", "PUT");
    for _ in 0..2 {
        let body = format!("{}0\r\nx-checksum: 1\r\n\r\n", chunk("ab"));
        let answer = world.client().await.raw(&format!("{put}{body}")).await;
        assert_eq!((answer.status, trailers(&answer.body)), (200, vec!["x-checksum: 1".into()]), "{answer:?}");
    }
    assert!(closing.connections.load(std::sync::atomic::Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn trailers_go_up_to_replicas_of_http2() {
    let replica = Replica::serve(|stream| async move {
        let service = hyper::service::service_fn(|request: http::Request<hyper::body::Incoming>| async move {
            let body = request.into_body().collect().await.unwrap();
            let names: Vec<_> =
                body.trailers().into_iter().flat_map(|all| all.keys()).map(|name| name.as_str()).collect();
            Ok::<_, std::convert::Infallible>(http::Response::new(harness::http2::Body::new(
                Full::from(names.join(",")).boxed_unsync(),
            )))
        });
        let io = hyper_util::rt::TokioIo::new(stream);
        let executor = hyper_util::rt::TokioExecutor::new();
        let _ = hyper::server::conn::http2::Builder::new(executor).serve_connection(io, service).await;
    })
    .await;
    let mut world = World::with(&[&replica]).await;
    world.policy(|policy| policy.upstream = UpstreamProtocol::Http2).await;
    let body = format!("{}0\r\nX-Checksum: 1\r\nAuthorization: x\r\n\r\n", chunk("ab"));
    let answer = world.client().await.raw(&format!("{}{body}", head("Transfer-Encoding: chunked\r\n"))).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "x-checksum"));
}

#[tokio::test]
async fn an_upload_longer_than_the_first_byte_may_take_is_none_too_slow() {
    let recorder = Recorder::start().await;
    let mut world = World::with(&[&recorder.replica]).await;
    let mut timed = service();
    timed.timeouts.first_byte_ms = 800;
    world.put(Resource::Service(timed)).await;
    for protocol in ["HTTP/1.1", "HTTP/2"] {
        let began = std::time::Instant::now();
        let status = if protocol == "HTTP/1.1" {
            let mut client = world.client().await;
            client.write(&head("Content-Length: 40\r\n")).await;
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_millis(60)).await;
                client.write("ab").await;
            }
            client.answer().await.status
        } else {
            let mut client = Client2::clear(world.address).await;
            let (sender, body) = harness::http2::pieces();
            let request = client.request("POST", "/api/predict/model").body(body).unwrap();
            let asking = tokio::spawn(async move { client.send(request).await.status().as_u16() });
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_millis(60)).await;
                sender.send("ab").unwrap();
            }
            drop(sender);
            asking.await.unwrap()
        };
        assert_eq!(status, 200, "{protocol}");
        assert!(began.elapsed() > Duration::from_millis(800), "it was no test");
    }
    assert!(recorder.seen().iter().all(|seen| seen.whole && seen.body.len() == 40), "{:?}", recorder.seen());
    // Who has all of it and says nothing is.
    let silent = Replica::silent().await;
    world.ready(&[&silent]).await;
    let answer = world.client().await.raw(&format!("{}ab", head("Content-Length: 2\r\n"))).await;
    assert_eq!((answer.status, answer.code().as_str()), (504, "UpstreamTimeout"));
}

#[tokio::test]
async fn a_body_that_stops_is_its_clients_fault() {
    let silent = Replica::silent().await;
    let mut world = World::with(&[&silent]).await;
    let mut timed = service();
    timed.timeouts.idle_ms = 50;
    timed.policy.health = Health { failures: 1, max_ejected_percent: 100, ..Health::default() };
    world.put(Resource::Service(timed)).await;
    for _ in 0..3 {
        let mut client = world.client().await;
        client.write(&format!("{}abc", head("Content-Length: 20\r\n"))).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.code().as_str()), (408, "RequestBodyTimeout"));
        assert_eq!(answer.headers["connection"], "close");
        assert!(client.is_closed().await);
    }
    let failures = until("the replica's counters", async || {
        let batches = world.console.telemetry();
        let replica = batches.iter().rev().find_map(|batch| batch.services.first())?.replicas.first()?.clone();
        (replica.requests == 3 && replica.in_flight == 0).then_some(replica.failures)
    });
    assert_eq!(failures.await, 0);
}

fn records(world: &World) -> Vec<AccessRecord> {
    world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect()
}

#[tokio::test]
async fn nothing_goes_out_for_head() {
    let world = World::new().await;
    let authorization = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    let mut client = Client::connect(world.address).await;
    for (path, status) in [("/", 200), ("/api/predict/nobody", 404)] {
        client.write(&format!("HEAD {path} HTTP/1.1\r\n{authorization}\r\n")).await;
        let answer = client.answer_head().await.unwrap();
        assert_eq!(answer.status, status);
        assert!(answer.headers["content-length"].parse::<u64>().unwrap() > 20);
    }
    let mut http2 = Client2::clear(world.address).await;
    let request = http2.request("HEAD", "/").body(harness::http2::empty()).unwrap();
    let answer = Answer2::of(http2.send(request).await).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(client.get("/").await.status, 200, "the connection goes on");
    let records = until("the records", async || Some(records(&world)).filter(|all| all.len() == 4)).await;
    assert!(records.iter().all(|record| (record.bytes_out == 0) == (record.method == "HEAD")), "{records:?}");
}
