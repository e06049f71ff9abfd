//! HTTP/1.1 on both sides, where messages begin and end in unusual places.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::Resource;
use harness::{Client, HOST, Replica, TOKEN, World, service, until};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn get(path: &str) -> String {
    format!("GET /api/predict/model{path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")
}

fn post(more: &str) -> String {
    format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n{more}\r\n")
}

/// Answers each request of a connection with these bytes, in pieces of this size.
async fn in_pieces(answer: &'static str, size: usize) -> Replica {
    Replica::serve(move |mut stream| async move {
        let mut buffer = [0; 4096];
        while stream.read(&mut buffer).await.is_ok_and(|len| len > 0) {
            for piece in answer.as_bytes().chunks(size) {
                let _ = stream.write_all(piece).await;
                if size < 10 {
                    tokio::task::yield_now().await;
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn an_answer_byte_by_byte_is_the_same_answer() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-a: b\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nt: v\r\n\r\n";
    let replica = in_pieces(chunked, 1).await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    for _ in 0..3 {
        let answer = client.get("/api/predict/model").await;
        assert_eq!((answer.status, answer.body.as_str(), answer.headers["x-a"].as_str()), (200, "abc0123456789", "b"));
    }
    assert_eq!(replica.connections.load(SeqCst), 1, "the end of each was found");
}

#[tokio::test]
async fn a_request_byte_by_byte_and_several_at_once() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    let chunked = format!("{}3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", post("Transfer-Encoding: chunked\r\n"));
    for byte in chunked.as_bytes().chunks(1) {
        client.stream.get_mut().write_all(byte).await.unwrap();
    }
    assert_eq!(client.answer().await.json()["len"], 3);
    // In one piece, with an empty line between them as old clients send it.
    let length = format!("{}12345\r\n", post("Content-Length: 5\r\n"));
    client.write(&[&get("/1"), &length, &chunked, &get("/4")].map(String::as_str).concat()).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let json = client.answer().await.json();
        seen.push((json["uri"].as_str().unwrap().to_owned(), json["len"].as_u64().unwrap()));
    }
    assert_eq!(seen, [("/1".into(), 0), ("/".into(), 5), ("/".into(), 3), ("/4".into(), 0)]);
}

#[tokio::test]
async fn what_a_replica_says_before_its_answer() {
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nconnection: x-b\r\nx-b: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
                 HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let replica = in_pieces(early, 4096).await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    client.write(&get("")).await;
    let hints = client.answer_head().await.unwrap();
    assert_eq!((hints.status, hints.headers.get("link").map(String::as_str)), (103, Some("</a>")));
    assert!(!hints.headers.contains_key("x-b") && !hints.headers.contains_key("connection"));
    assert_eq!(client.answer().await.body, "ok");
    // HTTP/1.0 has no such thing.
    let old = get("").replace("HTTP/1.1", "HTTP/1.0");
    assert_eq!(Client::connect(world.address).await.raw(&old).await.body, "ok");
}

#[tokio::test]
async fn an_answer_without_a_length_ends_as_the_client_understands() {
    let replica = Replica::serve(|mut stream| async move {
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await;
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nto the end").await;
    })
    .await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    for _ in 0..2 {
        let answer = client.raw(&get("")).await;
        assert_eq!((answer.headers["transfer-encoding"].as_str(), answer.body.as_str()), ("chunked", "to the end"));
    }
    let mut old = Client::connect(world.address).await;
    old.write(&get("").replace("HTTP/1.1", "HTTP/1.0")).await;
    let answer = old.answer_head().await.unwrap();
    assert!(!answer.headers.contains_key("transfer-encoding") && !answer.headers.contains_key("content-length"));
    let mut rest = String::new();
    old.stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!((rest.as_str(), answer.headers["connection"].as_str()), ("to the end", "close"));
}

#[tokio::test]
async fn an_old_client_that_asks_for_it_is_kept() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    let kept = get("").replace("HTTP/1.1\r\n", "HTTP/1.0\r\nConnection: keep-alive\r\n");
    for _ in 0..2 {
        let answer = client.raw(&kept).await;
        assert_eq!((answer.status, answer.headers["connection"].as_str()), (200, "keep-alive"));
    }
    let answer = client.raw(&get("").replace("HTTP/1.1", "HTTP/1.0")).await;
    assert_eq!((answer.status, answer.headers["connection"].as_str()), (200, "close"));
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn answers_that_have_no_body_whatever_they_say() {
    for (method, answer, length) in [
        ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", Some("5")),
        ("HEAD", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", None),
        ("GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: \"a\"\r\n\r\n", Some("5")),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", None),
    ] {
        let replica = in_pieces(answer, 4096).await;
        let world = World::with(&[&replica]).await;
        let mut client = Client::connect(world.address).await;
        for _ in 0..3 {
            client.write(&get("").replace("GET", method)).await;
            let got = client.answer_head().await.unwrap();
            assert_eq!(got.headers.get("content-length").map(String::as_str), length, "{method} {answer}");
            assert!(!got.headers.contains_key("transfer-encoding"), "{method} {answer}");
        }
        assert_eq!(replica.connections.load(SeqCst), 1, "{method} {answer}");
    }
}

/// The replica has its answer ready before it has read the body; the client sends all of it first.
#[tokio::test]
async fn an_answer_that_comes_before_the_body_has_gone() {
    let replica = Replica::serve(|mut stream| async move {
        let mut buffer = [0; 256];
        let _ = stream.read(&mut buffer).await;
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await;
        // It stays open and reads no more.
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let mut world = World::with(&[&replica]).await;
    let mut service = service();
    service.body_limit = 100_000_000;
    world.put(Resource::Service(service)).await;
    let mut client = Client::connect(world.address).await;
    client.write(&post("Content-Length: 50000000\r\n")).await;
    let piece = "x".repeat(100_000);
    client.write(&piece).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.body.as_str(), answer.headers["connection"].as_str()), (403, "no", "close"));
}

#[tokio::test]
async fn who_waits_for_a_continue_gets_one_or_the_answer() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    client.write(&post("Content-Length: 5\r\nExpect: 100-continue\r\n")).await;
    assert_eq!(client.answer_head().await.unwrap().status, 100);
    client.write("12345").await;
    let answer = client.answer().await;
    assert_eq!((answer.json()["len"].as_u64(), answer.json()["headers"]["expect"].is_null()), (Some(5), true));
    // One who sends the body at once is not told to.
    client.write(&format!("{}12345", post("Content-Length: 5\r\nExpect: 100-continue\r\n"))).await;
    let mut answer = client.answer_head().await.unwrap();
    if answer.status == 100 {
        answer = client.answer_head().await.unwrap();
    }
    assert_eq!(answer.status, 200);
    // Refused at once; whether the body comes nobody knows, so nothing follows on this connection.
    let mut client = Client::connect(world.address).await;
    let refused = post("Content-Length: 5\r\nExpect: 100-continue\r\n").replace(TOKEN, "wrong");
    let answer = client.raw(&refused).await;
    assert_eq!((answer.status, answer.headers["connection"].as_str()), (401, "close"));
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn an_address_in_the_request_line_has_to_be_the_host() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let ask = |address: &str| {
        let line =
            format!("GET {address}/api/predict/model/x?y HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n");
        let address = world.address;
        async move { Client::connect(address).await.raw(&line).await }
    };
    let answer = ask(&format!("http://{HOST}")).await;
    assert_eq!((answer.status, answer.json()["uri"].as_str()), (200, Some("/x?y")));
    for other in ["http://other.example", &format!("https://{HOST}"), &format!("http://u@{HOST}"), "ftp://a"] {
        assert_eq!(ask(other).await.status, 400, "{other}");
    }
}

/// Of refused and of lost requests alike: nothing is held for a client that has gone.
#[tokio::test]
async fn a_client_that_stops_in_the_middle_of_its_body() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.address).await;
    client.write(&format!("{}123", post("Content-Length: 500\r\n"))).await;
    until("the replica to be asked", async || (replica.connections.load(SeqCst) > 0).then_some(())).await;
    drop(client);
    until("its record", async || {
        let mut records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.find(|record| record.status == 499 && record.bytes_in == 3)
    })
    .await;
    assert_eq!(world.get("/api/predict/model").await.status, 200);
}

/// What begins and does not go on is given up after half a minute.
#[tokio::test]
async fn a_head_that_never_ends_has_a_record() {
    let world = World::new().await;
    let mut slow = world.client().await;
    slow.write("GET / HTTP/1.1\r\nHost: ").await;
    let began = std::time::Instant::now();
    assert!(slow.is_closed().await);
    assert!((29..=40).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let record =
        until("its record", async || world.console.telemetry().into_iter().flat_map(|batch| batch.records).next())
            .await;
    assert_eq!((record.detail.as_deref(), record.status), (Some("HeadTimeout"), 0));
}
