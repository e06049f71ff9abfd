//! What a review of the codec found, each with the input that showed it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::secret::Secret;
use domain::snapshot::policy::{Balance, UpstreamProtocol};
use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::recorder::Recorder;
use harness::tls::{Browser, Made};
use harness::{Client, HOST, Replica, TOKEN, World, free_address, gateway, service, until};
use md5::{Digest, Md5};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const HIDDEN: &str = "GET /api/predict/model/hidden HTTP/1.1\r\nHost: gw.example\r\nAuthorization: the-token\r\n\r\n";

fn post(more: &str) -> String {
    format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n{more}\r\n")
}

async fn affine(world: &mut World, bytes: u32, edit: impl FnOnce(&mut domain::snapshot::ServiceConfig)) {
    let mut service = service();
    service.policy.balance = Balance::PrefixAffinity { bytes, load_percent: 200 };
    edit(&mut service);
    world.put(Resource::Service(service)).await;
}

/// Its refusal is told as gRPC tells it, with status 200: nothing behind it is a request all the same.
#[tokio::test]
async fn an_unclear_end_ends_the_connection_whatever_it_carries() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    for framing in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "A: b\n",
    ] {
        for kind in ["application/grpc", "text/plain"] {
            let mut client = Client::connect(world.address).await;
            client.write(&format!("{}{HIDDEN}", post(&format!("Content-Type: {kind}\r\n{framing}")))).await;
            let mut said = String::new();
            client.stream.read_to_string(&mut said).await.unwrap();
            assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{framing} {kind}: {said}");
            assert!(said.contains("connection: close"), "{said}");
        }
    }
    assert!(recorder.seen().is_empty());
}

#[tokio::test]
async fn empty_lines_are_no_way_to_keep_a_worker_busy() {
    let world = World::new().await;
    let mut client = Client::connect(world.address).await;
    // More than is read at once; it is refused long before.
    let _ = client.stream.get_mut().write_all("\r\n".repeat(1_000_000).as_bytes()).await;
    assert_eq!(client.answer_head().await.map(|answer| answer.status), Some(400));
}

/// Whoever has seen a signed request may send it again while its date holds, but with no other body.
#[tokio::test]
async fn a_forged_body_is_none_to_choose_a_replica_by() {
    let recorder = Recorder::start().await;
    let mut world = World::with(&[&recorder.replica]).await;
    affine(&mut world, 1000, |service| service.tokens[0].secret = Some(Secret::new(TOKEN))).await;
    let md5: String = Md5::digest("honest").iter().map(|byte| format!("{byte:02x}")).collect();
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let text = format!("POST\n{md5}\ntext/plain\n{date}\n/api/predict/model");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
    let signature =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, ring::hmac::sign(&key, text.as_bytes()));
    let head = format!(
        "POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: EAS {signature}\r\nContent-MD5: {md5}\r\n\
         Content-Type: text/plain\r\nDate: {date}\r\nContent-Length: 6\r\n\r\n"
    );
    let mut client = Client::connect(world.address).await;
    client.write(&format!("{head}forge")).await;
    // In a piece of its own: that is what the engine was taken in by, and nobody outside sees that it has read the first.
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.write("d").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "BadSignature"));
    assert!(recorder.seen().is_empty());
    assert_eq!(Client::connect(world.address).await.raw(&format!("{head}honest")).await.status, 200);
}

#[tokio::test]
async fn a_body_over_the_limit_or_without_sense_is_none_to_choose_a_replica_by() {
    let recorder = Recorder::start().await;
    let mut world = World::with(&[&recorder.replica]).await;
    affine(&mut world, 4000, |service| service.body_limit = 10).await;
    let chunked = post("Transfer-Encoding: chunked\r\n");
    for (body, status) in [("14\r\n01234567890123456789\r\n", 413), ("zz\r\n", 400)] {
        let mut client = Client::connect(world.address).await;
        client.write(&format!("{chunked}{body}")).await;
        assert_eq!(client.answer().await.status, status, "{body:?}");
        // What looks like the end of the body, and a request behind it.
        let _ = client.stream.get_mut().write_all(format!("0\r\n\r\n{HIDDEN}").as_bytes()).await;
        let mut rest = String::new();
        let _ = client.stream.read_to_string(&mut rest).await;
        assert!(!rest.contains("HTTP/1.1"), "{rest}");
    }
    assert!(recorder.seen().is_empty());
}

/// A hostile model can make browsers send such a cookie.
#[tokio::test]
async fn the_consoles_cookie_is_kept_back_beside_one_that_is_no_text() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    let mut head =
        format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nCookie: x=").into_bytes();
    head.extend_from_slice(b"\xff; __Host-inference-gateway=secret; y=1\r\n\r\n");
    let mut client = Client::connect(world.address).await;
    client.stream.get_mut().write_all(&head).await.unwrap();
    assert_eq!(client.answer().await.status, 200);
    let seen = format!("{:?}", recorder.seen());
    assert!(seen.contains("y=1") && !seen.contains("secret"), "{seen}");
}

#[tokio::test]
async fn a_replica_that_says_much_before_its_answer_has_none() {
    let replica = Replica::serve(|mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        while stream.write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n").await.is_ok() {}
    })
    .await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    client.write(HIDDEN).await;
    let mut answer = client.answer_head().await.unwrap();
    while answer.status == 103 {
        answer = client.answer_head().await.unwrap();
    }
    assert_eq!(answer.status, 502);
}

/// Once it has begun to answer it may have done what it was asked for.
#[tokio::test]
async fn what_a_replica_has_begun_to_answer_is_not_sent_again() {
    let replica = Replica::serve(|mut stream| async move {
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let _ = stream.read(&mut buffer).await;
        let _ = stream.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").await;
    })
    .await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    let asked = format!("{}x", post("Content-Length: 1\r\n"));
    assert_eq!(client.raw(&asked).await.status, 200);
    client.write(&asked).await;
    let mut answer = client.answer_head().await.unwrap();
    if answer.status == 102 {
        answer = client.answer_head().await.unwrap();
    }
    assert_eq!((answer.status, replica.connections.load(SeqCst)), (502, 1));
}

/// Its body is read by the replica's connection, which does not know who asked.
#[tokio::test]
async fn a_client_that_goes_is_noticed_also_where_the_replica_speaks_http2() {
    let (replica, mut calls) = Replica::silent_over_http2().await;
    let mut world = World::with(&[&replica]).await;
    let mut service = service();
    service.policy.upstream = UpstreamProtocol::Http2;
    world.put(Resource::Service(service)).await;
    let mut client = Client::connect(world.address).await;
    client.write(&post("Content-Length: 3\r\n")).await;
    client.write("abc").await;
    let cancelled = calls.recv().await.unwrap();
    drop(client);
    tokio::time::timeout(Duration::from_secs(2), cancelled).await.expect("its call to be cancelled").unwrap();
    until("its record", async || {
        let mut records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.find(|record| record.status == 499 && record.bytes_in == 3)
    })
    .await;
}

/// It may have acted before it gave up: only what may be done twice is sent again.
#[tokio::test]
async fn what_a_replica_of_http2_resets_is_not_sent_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let replica = Replica::serve(move |stream| {
        let calls = counted.clone();
        async move {
            let mut serving = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((request, mut respond))) = serving.accept().await {
                if request.uri().path().ends_with("/fine") {
                    let _ = respond.send_response(http::Response::new(()), true);
                    continue;
                }
                calls.fetch_add(1, SeqCst);
                let refuses = request.uri().path().ends_with("/refused");
                respond.send_reset(if refuses { h2::Reason::REFUSED_STREAM } else { h2::Reason::INTERNAL_ERROR });
            }
        }
    })
    .await;
    let mut world = World::with(&[&replica]).await;
    let mut service = service();
    service.policy.upstream = UpstreamProtocol::Http2;
    world.put(Resource::Service(service)).await;
    let mut client = Client::connect(world.address).await;
    assert_eq!(client.get("/api/predict/model/fine").await.status, 200);
    assert_eq!(client.raw(&post("Content-Length: 0\r\n")).await.status, 502);
    assert_eq!(calls.load(SeqCst), 1);
    // What it says that it has not looked at is safe on another connection.
    let refused = post("Content-Length: 0\r\n").replace("/model ", "/model/refused ");
    assert_eq!(client.raw(&refused).await.status, 502);
    assert_eq!(calls.load(SeqCst), 3);
}

/// The client has it already.
#[tokio::test]
async fn nothing_is_asked_again_once_a_hint_came() {
    let replica = |mut stream: tokio::net::TcpStream| async move {
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await;
        let _ = stream.write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n").await;
    };
    let (one, other) = (Replica::serve(replica).await, Replica::serve(replica).await);
    let world = World::with(&[&one, &other]).await;
    let mut client = Client::connect(world.address).await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    let mut seen = vec![client.answer_head().await.unwrap().status];
    while seen.last() == Some(&103) {
        seen.push(client.answer_head().await.unwrap().status);
    }
    assert_eq!(seen, [103, 502]);
    assert_eq!(one.connections.load(SeqCst) + other.connections.load(SeqCst), 1);
}

/// Whom an authority vouched for that counts no longer.
#[tokio::test]
async fn replaced_authorities_are_asked_on_open_connections() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let ((before, client), (after, _)) = (Made::authority_and_client(), Made::authority_and_client());
    let address = free_address();
    let asking = |authority: &str| {
        let mut gateway = gateway(free_address(), &["127.0.0.0/8"]);
        gateway.tls.client_authorities = Some(authority.into());
        gateway
    };
    let (asks_before, asks_after) = (asking(&before), asking(&after));
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST], true).resource());
            snapshot.put(Resource::Gateway(asks_before.clone()));
        })
        .await;
    let mut open = Browser::showing(&client).connect(address, HOST).await.unwrap().client();
    assert_eq!(open.get("/api/predict/model").await.status, 200);
    // Something else of the gateway says nothing about its clients.
    let mut same = asks_before.clone();
    same.public.as_mut().unwrap().whitelist.push(domain::cidr::Cidr::parse("192.0.2.0/24").unwrap());
    world.put(Resource::Gateway(same)).await;
    assert_eq!(open.get("/api/predict/model").await.status, 200);
    world.put(Resource::Gateway(asks_after)).await;
    assert_eq!(open.get("/api/predict/model").await.code(), "MisdirectedRequest");
}
