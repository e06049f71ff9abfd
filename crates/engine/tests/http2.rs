//! HTTP/2 on both sides.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::policy::UpstreamProtocol;
use domain::snapshot::{ListenerConfig, Resource, ResourceKey, Scheme};
use harness::http2::{Answer2, Client2, empty, full, piece, pieces};
use harness::tls::{Browser, Made};
use harness::{Client, HOST, Replica, SOON, TOKEN, World, free_address, service, until};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use rustls::version::TLS13;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn in_clear_and_over_tls() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let address = free_address();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST], true).resource());
        })
        .await;
    let browser = Browser::speaking_http2(&[&TLS13]);
    let tls = Client2::tls(&browser, address, HOST).await;
    for (mut client, scheme) in [(Client2::clear(world.address).await, "http"), (tls, "https")] {
        let request = client
            .request("POST", "/api/predict/model/x?y=1")
            .header("cookie", "a=1")
            .header("cookie", "inference-gateway=secret")
            .header("cookie", "b=2")
            .body(full("hello"))
            .unwrap();
        let answer = Answer2::of(client.send(request).await).await;
        assert_eq!(answer.status, 200, "{scheme}");
        let seen = answer.json();
        assert_eq!((&seen["uri"], &seen["len"]), (&"/x?y=1".into(), &5.into()));
        let headers = &seen["headers"];
        assert_eq!(headers["host"], HOST);
        assert_eq!(headers["cookie"], "a=1; b=2");
        assert_eq!(headers["x-forwarded-proto"], scheme);
        assert!(headers["authorization"].is_null());
        assert!(!answer.headers.contains_key("keep-alive") && !answer.headers.contains_key("connection"));
    }
}

#[tokio::test]
async fn many_requests_on_one_connection() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let client = Client2::clear(world.address).await;
    let asked = (0..100).map(|n| {
        let mut client = client.clone();
        tokio::spawn(async move { client.get(&format!("/api/predict/model/{n}")).await.json()["uri"].clone() })
    });
    for (n, asked) in asked.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(asked.await.unwrap(), format!("/{n}"));
    }
}

#[tokio::test]
async fn a_host_that_is_not_the_authority() {
    let world = World::new().await;
    let mut client = Client2::clear(world.address).await;
    let request = client.request("GET", "/").header("host", "other.example").body(empty()).unwrap();
    assert_eq!(client.send(request).await.status(), 400);
    let request = client.request("GET", "/").header("host", HOST).body(empty()).unwrap();
    assert_eq!(client.send(request).await.status(), 200);
    let request = http::Request::get("http://nobody.example/").body(empty()).unwrap();
    assert_eq!(client.send(request).await.status(), 404);
}

#[tokio::test]
async fn grpc_of_all_kinds() {
    let replica = Replica::grpc().await;
    let world = World::with(&[&replica]).await;
    let mut client = Client2::clear(world.address).await;
    let request = |client: &Client2, path: &str, body| {
        let request = client.request("POST", path).header("content-type", "application/grpc+proto");
        request.header("te", "trailers").body(body).unwrap()
    };
    // Unary.
    let path = "/api/predict/model/pkg.Model/Call";
    let unary = request(&client, path, full("one"));
    let answer = Answer2::of(client.send(unary).await).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"one"[..]));
    let trailers = answer.trailers.expect("trailers");
    assert_eq!((&trailers["grpc-status"], &trailers["x-authority"]), (&"0".parse().unwrap(), &HOST.parse().unwrap()));
    // Nothing but trailers.
    let failing = request(&client, "/api/predict/model/pkg.Model/fail", full("one"));
    let answer = Answer2::of(client.send(failing).await).await;
    assert_eq!((answer.status, &answer.headers["grpc-status"]), (200, &"5".parse().unwrap()));
    // Both sides stream, each waits for the other.
    let (sender, body) = pieces();
    sender.send("first").unwrap();
    let both = request(&client, path, body);
    let response = client.send(both).await;
    let mut body = response.into_body();
    assert_eq!(piece(&mut body).await.unwrap(), "first");
    sender.send("second").unwrap();
    assert_eq!(piece(&mut body).await.unwrap(), "second");
    drop(sender);
    let rest = body.collect().await.unwrap();
    assert_eq!(rest.trailers().unwrap()["grpc-status"], "0");
    // They shared one connection to the replica.
    assert_eq!(replica.connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_grpc_call_is_told_in_grpc() {
    let world = World::new().await;
    let mut client = Client2::clear(world.address).await;
    let wrong = http::Request::post(format!("http://{HOST}/api/predict/model/pkg.Model/Call"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(empty())
        .unwrap();
    let answer = client.send(wrong).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["grpc-status"]), (200, &"16".parse().unwrap()));
    assert!(answer.headers()["grpc-message"].to_str().unwrap().contains("token"));
    // Its record says what it was.
    let status = until("the record", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.map(|record| record.status).next()
    });
    assert_eq!(status.await, 401);
}

#[tokio::test]
async fn a_websocket_over_http2() {
    let replica = Replica::websocket().await;
    let world = World::with(&[&replica]).await;
    let mut client = Client2::clear(world.address).await;
    let mut request = client.request("CONNECT", "/api/predict/model/chat").header("sec-websocket-version", "13");
    request.extensions_mut().unwrap().insert(hyper::ext::Protocol::from_static("websocket"));
    // The settings that allow it came with the first answer.
    assert_eq!(client.get("/").await.status, 200);
    let mut response = client.send(request.body(empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("upgrade"));
    let mut socket = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    for text in ["hello", "again"] {
        socket.write_all(text.as_bytes()).await.unwrap();
        let mut back = vec![0; text.len()];
        socket.read_exact(&mut back).await.unwrap();
        assert_eq!(back, text.as_bytes());
    }
    // An ordinary request goes beside it.
    assert_eq!(client.get("/").await.status, 200);
    drop(socket);
    let detail = until("its record", async || {
        let mut records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.find(|record| record.method == "CONNECT").map(|record| (record.status, record.bytes_in))
    });
    assert_eq!(detail.await, (101, 10));
}

#[tokio::test]
async fn a_websocket_to_a_replica_that_speaks_http2() {
    let replica = Replica::websocket_over_http2().await;
    let mut world = World::with(&[&replica]).await;
    let mut service = service();
    service.policy.upstream = UpstreamProtocol::Http2;
    world.put(Resource::Service(service)).await;
    // From HTTP/1.1, with the example of RFC 6455.
    let mut client = Client::connect(world.address).await;
    let asked = format!(
        "GET /api/predict/model/chat HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    client.write(&asked).await;
    let answer = client.answer_head().await.unwrap();
    assert_eq!((answer.status, answer.headers["upgrade"].as_str()), (101, "websocket"));
    assert_eq!(answer.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    client.write("hello\n").await;
    assert_eq!(client.line().await.as_deref(), Some("hello"));
    drop(client);
    // From HTTP/2.
    let mut client = Client2::clear(world.address).await;
    assert_eq!(client.get("/").await.status, 200);
    let mut request = client.request("CONNECT", "/api/predict/model/chat").header("sec-websocket-version", "13");
    request.extensions_mut().unwrap().insert(hyper::ext::Protocol::from_static("websocket"));
    let mut response = client.send(request.body(empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    let mut socket = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    socket.write_all(b"hello").await.unwrap();
    let mut back = [0; 5];
    socket.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"hello");
    drop(socket);
    until("both records", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        let sizes: Vec<_> =
            records.filter(|record| record.path.ends_with("chat")).map(|record| record.bytes_in).collect();
        (sizes.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn another_gateways_host_on_the_same_connection() {
    let mut world = World::new().await;
    let address = free_address();
    let mut other = harness::gateway(free_address(), &["127.0.0.0/8"]);
    other.id = domain::id::GatewayId::from_random([8; domain::id::RANDOM_LEN]);
    other.public.as_mut().unwrap().hosts = vec!["other.example".into()];
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(Made::new(1, &["*.example"], true).resource());
            snapshot.put(Resource::Gateway(other));
        })
        .await;
    let mut client = Client2::tls(&Browser::speaking_http2(&[&TLS13]), address, HOST).await;
    assert_eq!(client.get("/").await.status, 200);
    let other = http::Request::get("https://other.example/").body(empty()).unwrap();
    assert_eq!(client.send(other).await.status(), 421);
}

#[tokio::test]
async fn a_closed_door_lets_streams_end() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    let mut client = Client2::clear(world.address).await;
    let request = client.request("GET", "/api/predict/model").body(empty()).unwrap();
    let mut asking = client.clone();
    let asked = tokio::spawn(async move { asking.send(request).await });
    let events = streams.recv().await.unwrap();
    events.send("one".into()).unwrap();
    let mut body = asked.await.unwrap().into_body();
    assert_eq!(piece(&mut body).await.unwrap(), "one");
    let door = world.address;
    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Listener(door));
        })
        .await;
    // GOAWAY: nothing new on this connection, the stream goes on.
    until("no new requests", async || {
        let request = client.request("GET", "/").body(empty()).unwrap();
        client.sender.send_request(request).await.err()
    })
    .await;
    events.send("two".into()).unwrap();
    assert_eq!(piece(&mut body).await.unwrap(), "two");
    drop(events);
    assert!(piece(&mut body).await.is_none_or(|last| last.is_empty()));
}

#[tokio::test]
async fn a_client_that_goes_cancels_the_replica() {
    let (replica, mut streams) = Replica::events().await;
    let world = World::with(&[&replica]).await;
    let client = Client2::clear(world.address).await;
    let request = client.request("GET", "/api/predict/model").body(empty()).unwrap();
    let mut asking = client.clone();
    let asked = tokio::spawn(async move { asking.send(request).await });
    let events = streams.recv().await.unwrap();
    events.send("one".into()).unwrap();
    let body = asked.await.unwrap().into_body();
    let gone = Instant::now();
    drop(body);
    tokio::time::timeout(SOON, events.closed()).await.unwrap();
    assert!(gone.elapsed() < Duration::from_millis(100), "{:?}", gone.elapsed());
    let mut client = client;
    assert_eq!(client.get("/").await.status, 200, "the connection is not concerned");
}

/// Streams that are opened and reset at once, faster than anybody reads them (CVE-2023-44487).
#[tokio::test]
async fn a_rapid_reset_ends_only_its_own_connection() {
    let replica = Replica::silent().await;
    let world = World::with(&[&replica]).await;
    let mut flood = TcpStream::connect(world.address).await.unwrap();
    flood.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    // :method GET, :scheme http, :path /, :authority a.
    let head = [0x82, 0x86, 0x84, 0x41, 0x01, b'a'];
    let mut sent = 0;
    for stream in (1_u32..).step_by(2).take(20_000) {
        let mut frames = vec![0, 0, head.len() as u8, 1, 5];
        frames.extend(stream.to_be_bytes());
        frames.extend(head);
        frames.extend([0, 0, 4, 3, 0]);
        frames.extend(stream.to_be_bytes());
        frames.extend([0, 0, 0, 8]);
        if flood.write_all(&frames).await.is_err() {
            break;
        }
        sent += 1;
    }
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(SOON, flood.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is closed after {sent} resets");
    assert_eq!(Client2::clear(world.address).await.get("/").await.status, 200);
    // Each stream that was looked at has its record, and so has the end.
    let records = until("the connection's record", async || {
        let records: Vec<_> = world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect();
        records.iter().any(|record| record.detail.as_deref() == Some("Http2Flood")).then_some(records)
    })
    .await;
    let streams =
        records.iter().filter(|record| matches!(record.detail.as_deref(), Some("StreamRefused" | "ClientGone")));
    assert!((32..=20_000).contains(&streams.count()), "{}", records.len());
}

/// What is no HTTP/2 at all, behind a right beginning.
#[tokio::test]
async fn a_connection_that_breaks_the_rules_has_a_record() {
    let world = World::new().await;
    let mut nonsense = TcpStream::connect(world.address).await.unwrap();
    // DATA on no stream.
    let frames = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x01\0\0\0\0\0\0x";
    nonsense.write_all(frames).await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(SOON, nonsense.read_to_end(&mut rest)).await.unwrap().unwrap();
    // One that only goes leaves none.
    drop(Client2::clear(world.address).await);
    let record =
        until("its record", async || world.console.telemetry().into_iter().flat_map(|batch| batch.records).next())
            .await;
    assert_eq!((record.detail.as_deref(), record.status, record.protocol.as_str()), (Some("Http2Error"), 0, "HTTP/2"));
}

/// A replica would have read an ordinary `CONNECT`, and tunnelled behind it.
#[tokio::test]
async fn other_protocols_than_websockets_are_not_connected_to() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = Client2::clear(world.address).await;
    assert_eq!(client.get("/").await.status, 200);
    let before = replica.connections.load(std::sync::atomic::Ordering::SeqCst);
    for protocol in ["connect-udp", "connect-ip", "WebSocket"] {
        let mut request = client.request("CONNECT", "/api/predict/model/chat");
        request.extensions_mut().unwrap().insert(hyper::ext::Protocol::from_static(protocol));
        assert_eq!(client.send(request.body(empty()).unwrap()).await.status(), 400, "{protocol}");
    }
    assert_eq!(replica.connections.load(std::sync::atomic::Ordering::SeqCst), before);
}
