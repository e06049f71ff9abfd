//! What went wrong in others' proxies and must not here.
//!
//! CVE-2026-2836 (one tenant's answer from another's cache entry) has no place here: the engine caches nothing.
#![allow(clippy::unwrap_used)]

mod harness;

use harness::recorder::Recorder;
use harness::{Client, HOST, Replica, TOKEN, World};

const HIDDEN: &str = "GET /api/predict/model/hidden HTTP/1.1\r\nHost: gw.example\r\nAuthorization: the-token\r\n\r\n";

fn hidden(recorder: &Recorder) -> bool {
    recorder.seen().iter().any(|seen| seen.line.contains("hidden"))
}

/// Until the engine closes the connection.
async fn statuses(client: &mut Client) -> Vec<u16> {
    let mut statuses = Vec::new();
    while let Some(head) = client.answer_head().await {
        statuses.push(head.status);
        if let Some(length) = head.headers.get("content-length") {
            client.skip(length.parse().unwrap()).await;
        }
    }
    statuses
}

/// CVE-2025-4366: the body of a request that was answered without it stayed on the connection and was read as the next
/// request.
#[tokio::test]
async fn the_body_of_a_refused_request_is_no_request() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    let length = format!("Content-Length: {}\r\n", HIDDEN.len());
    let chunks = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    let auth = format!("Authorization: {TOKEN}\r\n");
    for (line, headers, status) in [
        ("POST /api/predict/model HTTP/1.1", "", 401),
        ("POST /api/predict/other HTTP/1.1", auth.as_str(), 404),
        ("POST / HTTP/1.1", "", 405),
        ("GET / HTTP/1.1", "", 200),
    ] {
        for expect in ["", "Expect: 100-continue\r\n"] {
            for (framing, body) in [(length.as_str(), HIDDEN), ("Transfer-Encoding: chunked\r\n", chunks.as_str())] {
                let mut client = world.client().await;
                let last = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
                client.write(&format!("{line}\r\nHost: {HOST}\r\n{headers}{expect}{framing}\r\n{body}{last}")).await;
                let statuses = statuses(&mut client).await;
                // The next request is answered as what it is, or not at all.
                assert!(statuses == [status] || statuses == [status, 200], "{line} {expect}: {statuses:?}");
            }
        }
    }
    assert!(!hidden(&recorder));
}

/// CVE-2025-4366, the other way: a replica that answers before it read the body.
#[tokio::test]
async fn the_body_that_a_replica_did_not_read_is_no_request() {
    let early = Replica::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let world = World::with(&[&early]).await;
    let mut client = world.client().await;
    let head = format!("POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    client.write(&format!("{head}Content-Length: {}\r\n\r\n{HIDDEN}", 3 * HIDDEN.len())).await;
    assert_eq!(client.answer().await.status, 200);
    let last = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    client.write(&format!("{HIDDEN}{HIDDEN}{last}")).await;
    let statuses = statuses(&mut client).await;
    assert!(statuses.is_empty() || statuses == [200], "{statuses:?}");
}

/// CVE-2026-2833: bytes behind a request with `Upgrade` went to the replica raw, before it had agreed.
#[tokio::test]
async fn what_follows_an_upgrade_that_was_not_granted_is_a_request() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    let websocket = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for upgrade in ["websocket", "h2c", "anything", "websocket, h2c"] {
        let mut client = world.client().await;
        let asking = format!(
            "GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nConnection: Upgrade\r\n\
             Upgrade: {upgrade}\r\n{websocket}\r\n"
        );
        // Without a token, and behind the gateway's service a path of its own.
        let raw = "GET /hidden HTTP/1.1\r\nHost: replica\r\n\r\n";
        let last = format!("GET /api/predict/model/hidden HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        client.write(&format!("{asking}{raw}{last}")).await;
        let statuses = statuses(&mut client).await;
        assert_eq!(statuses, [200, 404, 401], "{upgrade}");
        let seen = recorder.seen().pop().unwrap();
        assert_eq!(seen.one("upgrade").is_some(), upgrade == "websocket", "{seen:?}");
    }
    assert!(!hidden(&recorder));
}

#[tokio::test]
async fn a_replica_cannot_switch_protocols_unasked() {
    let switching =
        Replica::saying("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    let world = World::with(&[&switching]).await;
    for headers in ["", "Connection: upgrade\r\nUpgrade: h2c\r\n"] {
        let headers = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n{headers}");
        let answer = world.client().await.head("GET /api/predict/model HTTP/1.1", &headers).await;
        assert_eq!(answer.status, 502);
    }
}

/// CVE-2026-2835: HTTP/1.0 bodies that end where nobody says, and encodings in HTTP/1.0.
#[tokio::test]
async fn an_old_request_has_the_body_that_it_names() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    let head = format!("POST /api/predict/model HTTP/1.0\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    for (headers, expected) in [
        ("", &[200][..]),
        ("Connection: close\r\n", &[200]),
        ("Transfer-Encoding: chunked\r\n", &[400]),
        ("Transfer-Encoding: identity\r\n", &[400]),
        ("Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", &[400]),
    ] {
        let mut client = world.client().await;
        client.write(&format!("{head}{headers}\r\n{HIDDEN}")).await;
        assert_eq!(statuses(&mut client).await, expected, "{headers}");
    }
    assert!(!hidden(&recorder));
    assert!(recorder.seen().iter().all(|seen| seen.body.is_empty() && seen.line.ends_with("HTTP/1.1")));
}

/// What a replica sends beyond its answer is nobody's answer.
#[tokio::test]
async fn more_than_one_answer_reaches_nobody() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let two: &'static str = format!("{answer}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison").leak();
    let both = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    for answer in [two, both] {
        let replica = Replica::saying(answer).await;
        let world = World::with(&[&replica]).await;
        for _ in 0..20 {
            let mut client = world.client().await;
            for _ in 0..3 {
                let answer = client.get("/api/predict/model").await;
                assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{answer:?}");
                let framing = ["content-length", "transfer-encoding"].map(|name| answer.headers.contains_key(name));
                assert_ne!(framing, [true, true]);
            }
        }
    }
}
