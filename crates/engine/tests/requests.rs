//! What replicas and clients see of each other's messages.
mod harness;

use domain::snapshot::Resource;
use harness::{HOST, Replica, TOKEN, World, service};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn the_prefix_is_stripped_and_the_rest_is_kept() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    for (path, uri) in [
        ("/api/predict/model", "/"),
        ("/api/predict/model?a=1&b=%20", "/?a=1&b=%20"),
        ("/api/predict/model/v1/chat?x", "/v1/chat?x"),
        ("/api/predict/model//a/.b/%41%2e%c3;x/?..=../%2f\\", "//a/.b/%41%2e%c3;x/?..=../%2f\\"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.json()["uri"], uri, "{path}");
    }
    for unclear in ["/../other", "/a/%2E%2e/b", "/a%2f..%2fb", "/a\\..\\b", "/a%5cb", "/..;/b", "/a%00", "/a%"] {
        let answer = world.get(&format!("/api/predict/model{unclear}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BadRequest"), "{unclear}");
    }
}

#[tokio::test]
async fn hop_by_hop_and_forwarded_headers() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let headers = format!(
        "Host: {HOST}\r\nAuthorization: {TOKEN}\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\n\
         Keep-Alive: timeout=9\r\nTE: trailers\r\nProxy-Authorization: x\r\nUpgrade: h2c\r\n\
         X-Forwarded-For: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\nX-Forwarded-Proto: https\r\n\
         X-Request-Id: my-id.1\r\nX-Kept: yes\r\n"
    );
    let answer = world.client().await.head("GET /api/predict/model HTTP/1.1", &headers).await;
    let seen = &answer.json()["headers"];
    for gone in
        ["connection", "x-private", "keep-alive", "te", "proxy-authorization", "upgrade", "x-real-ip", "forwarded"]
    {
        assert!(seen[gone].is_null(), "{gone}");
    }
    assert_eq!((&seen["x-forwarded-for"], &seen["x-forwarded-proto"]), (&"127.0.0.1".into(), &"http".into()));
    assert_eq!((&seen["x-forwarded-host"], &seen["x-kept"]), (&HOST.into(), &"yes".into()));
    assert_eq!(seen["x-request-id"], "my-id.1");
    assert_eq!((answer.headers["x-request-id"].as_str(), answer.headers["x-model"].as_str()), ("my-id.1", "m"));
    assert!(!answer.headers.contains_key("keep-alive"));
    let hostile = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\nX-Request-Id: a\"b\r\n");
    let answer = world.client().await.head("GET /api/predict/model HTTP/1.1", &hostile).await;
    assert!(answer.headers["x-request-id"].len() > 10 && !answer.headers["x-request-id"].contains('"'));
}

#[tokio::test]
async fn what_two_servers_could_read_differently_is_refused() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let auth = format!("Authorization: {TOKEN}\r\n");
    for (line, headers) in [
        ("GET / HTTP/1.1", String::new()),
        ("GET / HTTP/1.1", format!("Host: {HOST}\r\nHost: {HOST}\r\n")),
        ("GET / HTTP/1.1", "Host: a b\r\n".into()),
        ("GET http://other.example/ HTTP/1.1", format!("Host: {HOST}\r\n")),
        ("GET http://user@gw.example/ HTTP/1.1", format!("Host: {HOST}\r\n")),
        ("TRACE / HTTP/1.1", format!("Host: {HOST}\r\n")),
        ("CONNECT gw.example:80 HTTP/1.1", format!("Host: {HOST}\r\n")),
        ("GET /api/predict/model HTTP/1.1", format!("Host: {HOST}\r\n{auth}Connection: close, authorization\r\n")),
        (
            "POST /api/predict/model HTTP/1.1",
            format!("Host: {HOST}\r\n{auth}Connection: content-length\r\nContent-Length: 0\r\n"),
        ),
        (
            "POST /api/predict/model HTTP/1.1",
            format!("Host: {HOST}\r\n{auth}Content-Length: 1\r\nContent-Length: 2\r\n"),
        ),
        ("POST /api/predict/model HTTP/1.1", format!("Host: {HOST}\r\n{auth}Transfer-Encoding: chunked, gzip\r\n")),
        ("POST /api/predict/model HTTP/1.1", format!("Host: {HOST}\r\n{auth}Transfer-Encoding: gzip, chunked\r\n")),
    ] {
        let answer = world.client().await.head(line, &headers).await;
        assert_eq!(answer.status, 400, "{line} {headers}");
    }
    let absolute = world.client().await.head("GET http://GW.example/ HTTP/1.1", &format!("Host: {HOST}:80\r\n")).await;
    assert_eq!(absolute.status, 200);
}

#[tokio::test]
async fn a_length_beside_an_encoding_smuggles_nothing() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    client
        .write(&format!(
            "{head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"
        ))
        .await;
    let answer = client.answer().await;
    if answer.status == 200 {
        assert!(answer.json()["headers"]["content-length"].is_null());
        assert_eq!(answer.json()["len"], 0);
    }
    assert!(client.is_closed().await, "what follows is not read as a request");
}

#[tokio::test]
async fn bodies_over_the_limit() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    let mut client = world.client().await;
    let answer = client.raw(&format!("{head}Content-Length: 1000\r\n\r\n{}", "x".repeat(1000))).await;
    assert_eq!((answer.status, &answer.json()["len"]), (200, &1000.into()));
    let answer = client.raw(&format!("{head}Content-Length: 1001\r\n\r\n{}", "x".repeat(1001))).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "BodyTooLarge"));
    let mut client = world.client().await;
    let chunk = format!("190\r\n{}\r\n", "x".repeat(400));
    let answer = client.raw(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n")).await;
    assert_eq!((answer.status, &answer.json()["len"]), (200, &800.into()));
    let answer = client.raw(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}{chunk}{chunk}0\r\n\r\n")).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "BodyTooLarge"));
}

#[tokio::test]
async fn an_event_arrives_before_the_next_is_made() {
    let (replica, mut streams) = Replica::events().await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    let events = streams.recv().await.unwrap();
    assert_eq!(client.answer_head().await.unwrap().status, 200);
    for n in 0..20 {
        let event = format!("data: {n}\n\n");
        events.send(event.clone()).unwrap();
        assert_eq!(client.chunk().await, Some(event), "one event, one chunk, at once");
    }
    drop(events);
    assert_eq!(client.chunk().await, None);
}

#[tokio::test]
async fn a_client_that_goes_cancels_its_request() {
    let (replica, mut streams) = Replica::events().await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    let events = streams.recv().await.unwrap();
    events.send("x".into()).unwrap();
    client.answer_head().await.unwrap();
    let gone = std::time::Instant::now();
    drop(client);
    tokio::time::timeout(harness::SOON, events.closed()).await.expect("cancelled");
    assert!(gone.elapsed() < std::time::Duration::from_millis(100), "{:?}", gone.elapsed());
    harness::until("its record", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.into_iter().find(|record| record.status == 499)
    })
    .await;
}

#[tokio::test]
async fn timers() {
    let replica = Replica::silent().await;
    let mut world = World::with(&[&replica]).await;
    let mut timed = service();
    timed.timeouts.first_byte_ms = 100;
    world.put(Resource::Service(timed.clone())).await;
    let answer = world.get("/api/predict/model").await;
    assert_eq!((answer.status, answer.code().as_str()), (504, "UpstreamTimeout"));
    // Nobody accepts there, and nobody refuses: as many wait to be accepted as may.
    let full = tokio::net::TcpSocket::new_v4().unwrap();
    full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = full.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        waiting.push(connected.unwrap());
    }
    world.agent.ready(&[address]).await;
    timed.timeouts.connect_ms = 100;
    world.put(Resource::Service(timed.clone())).await;
    let answer = world.get("/api/predict/model").await;
    assert_eq!((answer.status, answer.code().as_str()), (504, "UpstreamTimeout"), "nobody accepts");
    world.ready(&[&replica]).await;
    (timed.timeouts.first_byte_ms, timed.timeouts.request_ms) = (10_000, 100);
    world.put(Resource::Service(timed.clone())).await;
    let answer = world.get("/api/predict/model").await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "RequestTimeout"));
    assert_eq!(answer.headers["connection"], "close");
    let (replica, mut streams) = Replica::events().await;
    world.ready(&[&replica]).await;
    (timed.timeouts.request_ms, timed.timeouts.idle_ms) = (10_000, 100);
    world.put(Resource::Service(timed)).await;
    let mut client = world.client().await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    let events = streams.recv().await.unwrap();
    events.send("x".into()).unwrap();
    client.answer_head().await.unwrap();
    assert_eq!(client.chunk().await.as_deref(), Some("x"));
    assert!(client.is_closed().await, "cut, not ended");
}

#[tokio::test]
async fn a_websocket_passes() {
    let replica = Replica::websocket().await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let headers = format!(
        "Host: {HOST}\r\nAuthorization: {TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    );
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\n{headers}\r\n")).await;
    assert_eq!(client.answer_head().await.unwrap().status, 101);
    for text in ["hello", "again"] {
        client.stream.get_mut().write_all(text.as_bytes()).await.unwrap();
        let mut echo = [0; 5];
        client.stream.read_exact(&mut echo).await.unwrap();
        assert_eq!(&echo, text.as_bytes());
    }
}
