//! HTTP/2 against its rules: what cannot be said in HTTP/1.1, and more of everything than anybody needs.
#![allow(clippy::unwrap_used)]

mod harness;

use harness::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Fate, Frames, HEADERS, PING, PRIORITY, SETTINGS, WINDOW_UPDATE, block,
    frame, request,
};
use harness::http2::Client2;
use harness::recorder::Recorder;
use harness::{HOST, Replica, World, until};
use link::telemetry::AccessRecord;
use std::time::Duration;
use tokio::io::AsyncReadExt;

async fn fate(world: &World, fields: &[(Vec<u8>, Vec<u8>)]) -> Fate {
    let mut frames = Frames::connect(world.address).await;
    frames.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(fields))).await;
    frames.fate(1).await
}

#[tokio::test]
async fn what_has_no_place_in_http1_goes_no_further() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    assert_eq!(fate(&world, &request("GET")).await, Fate::Status(200));
    assert_eq!(recorder.seen().len(), 1);
    let smuggled = "x\r\n\r\nGET /hidden HTTP/1.1\r\nhost: a";
    let added = [
        ("x", smuggled),
        ("x", "a\rb"),
        ("x", "a\nb"),
        ("x", "a\0b"),
        ("x\r\ny", "z"),
        ("x y", "z"),
        ("x:y", "z"),
        (":x", "z"),
        ("", "z"),
        ("X-Upper", "z"),
        ("x\0", "z"),
        ("x\x7f", "z"),
        ("connection", "close"),
        ("transfer-encoding", "chunked"),
        ("keep-alive", "x"),
        ("proxy-connection", "x"),
        ("upgrade", "websocket"),
        ("te", "gzip"),
        ("content-length", "5"),
        ("content-length", "nonsense"),
        ("content_length", "5"),
        ("host", "other.example"),
        ("host", "gw.example\r\nx: y"),
        ("authorization", "another"),
        (":path", "/api/predict/model/again"),
        (":authority", HOST),
        (":status", "200"),
        ("cookie", "a\r\nb"),
    ];
    for (name, value) in added {
        let mut fields = request("GET");
        fields.push((name.into(), value.into()));
        let fate = fate(&world, &fields).await;
        assert!(matches!(fate, Fate::Reset | Fate::Closed | Fate::Status(400)), "{name:?}: {value:?} {fate:?}");
    }
    let changed = [
        (":path", "/api/predict/model/a b"),
        (":path", "/api/predict/model HTTP/1.1\r\nx: y"),
        (":path", "/api/predict/model/\r\n"),
        (":path", "/api/predict/model/\0"),
        (":path", "/api/predict/model/../x"),
        (":path", "api/predict/model"),
        (":path", ""),
        (":path", "*"),
        (":method", "GET /hidden HTTP/1.1\r\nx: y"),
        (":method", "G T"),
        (":method", ""),
        (":method", "TRACE"),
        (":method", "CONNECT"),
        (":scheme", "http://evil/"),
        (":scheme", "ht tp"),
        (":scheme", "https"),
        (":scheme", ""),
        (":authority", "gw.example\r\nx: y"),
        (":authority", "user@gw.example"),
        (":authority", "gw.example/x"),
        (":authority", ""),
    ];
    for (name, value) in changed {
        let mut fields = request("GET");
        fields.iter_mut().find(|field| field.0 == name.as_bytes()).unwrap().1 = value.into();
        let fate = fate(&world, &fields).await;
        let refused = matches!(fate, Fate::Reset | Fate::Closed | Fate::Status(400 | 404));
        assert!(refused, "{name:?}: {value:?} {fate:?} {:?}", recorder.seen().last());
    }
    // Out of their order, and one that is missing.
    let mut late = request("GET");
    late.rotate_left(1);
    let mut without = request("GET");
    without.remove(2);
    for fields in [late, without] {
        assert!(!matches!(fate(&world, &fields).await, Fate::Status(200)));
    }
    assert_eq!(recorder.seen().len(), 1, "{:?}", recorder.seen());
    // Whoever refused it, each has its record, and none has two.
    let tried = 1 + added.len() + changed.len() + 2;
    let records = records(&world, tried).await;
    assert_eq!(records.len(), tried);
    let unread = |record: &&AccessRecord| record.detail.as_deref() == Some("StreamRefused");
    let unread: Vec<_> = records.iter().filter(unread).collect();
    assert!((20..tried).contains(&unread.len()), "{}", unread.len());
    assert!(unread.iter().all(|record| record.protocol == "HTTP/2" && record.client.is_loopback()));
}

/// What is recorded when there are so many, and a little later.
async fn records(world: &World, count: usize) -> Vec<AccessRecord> {
    let all = || world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect::<Vec<_>>();
    until("the records", async || Some(all()).filter(|records| records.len() >= count)).await;
    // Telemetry goes in turns: one that is too many is there with the record of one more request.
    Client2::clear(world.address).await.get("/").await;
    let with_last = || Some(all()).filter(|records| records.iter().any(|record| record.path == "/"));
    let mut records = until("the last record", async || with_last()).await;
    records.retain(|record| record.path != "/");
    records
}

#[tokio::test]
async fn one_stream_too_many_has_its_record() {
    let replica = Replica::serve(|mut stream| async move {
        // It takes its time, until the client is gone.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let world = World::with(&[&replica]).await;
    let mut frames = Frames::connect(world.address).await;
    let block = block(&request("GET"));
    let head = |stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, &block);
    let all: Vec<u8> = (0..300).flat_map(|n| head(2 * n + 1)).collect();
    frames.send(&all).await;
    let (last, resets) = (2 * 299 + 1, 300 - 256);
    assert_eq!(frames.fate(last).await, Fate::Reset);
    let refused = records(&world, resets).await;
    assert!(refused.iter().all(|record| record.detail.as_deref() == Some("StreamRefused")));
    assert_eq!(refused.len(), resets);
    drop(frames);
    // Those that were let in are the client's own end.
    assert_eq!(records(&world, 300).await.len(), 300);
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_it_says() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    let hidden = "GET /hidden HTTP/1.1\r\nhost: a\r\n\r\n";
    for (length, body) in [(0, hidden), (3, hidden), (100, "abc")] {
        let mut frames = Frames::connect(world.address).await;
        let mut fields = request("POST");
        fields.push(("content-length".into(), length.to_string().into()));
        frames.send(&frame(HEADERS, END_HEADERS, 1, &block(&fields))).await;
        frames.send(&frame(DATA, END_STREAM, 1, body.as_bytes())).await;
        let fate = frames.fate(1).await;
        // What says that it has no body is complete without one, and may be answered before the rest comes.
        let answered = length == 0 && fate == Fate::Status(200);
        let refused = matches!(fate, Fate::Reset | Fate::Closed | Fate::Status(400..500));
        assert!(answered || refused, "{length}: {fate:?}");
    }
    for seen in recorder.seen() {
        let is_cut = !seen.whole || seen.one("content-length") == Some("0");
        assert!(seen.line.starts_with("POST / ") && is_cut, "{seen:?}");
    }
}

/// Of this process, in bytes: the engine's threads are in it.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// How long a client waits that is not read any more.
const STUCK: Duration = Duration::from_millis(300);

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Closed,
    Stuck,
    /// All of it was read.
    Borne,
}

/// Sends a piece many times over, until the engine closes the connection or reads no more of it.
async fn flood(frames: Frames, piece: &[u8], times: usize, reads: bool) -> Ended {
    let (mut reader, mut writer) = frames.stream.into_split();
    let reading = tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        while reads && reader.read(&mut buffer).await.is_ok_and(|len| len > 0) {}
        reader
    });
    // In larger writes: it is the engine that shall be busy.
    let many = piece.repeat(64);
    let mut ended = Ended::Borne;
    for _ in 0..times / 64 {
        let written = tokio::time::timeout(STUCK, tokio::io::AsyncWriteExt::write_all(&mut writer, &many)).await;
        ended = match written {
            Ok(Ok(())) => continue,
            Ok(Err(_)) => Ended::Closed,
            Err(_) => Ended::Stuck,
        };
        break;
    }
    reading.abort();
    ended
}

#[tokio::test]
async fn a_flood_drowns_nobody_else() {
    let replica = Replica::silent().await;
    let world = World::with(&[&replica]).await;
    let address = world.address;
    let open = async |method: &str, flags: u8| {
        let mut frames = Frames::connect(address).await;
        frames.send(&frame(HEADERS, flags, 1, &block(&request(method)))).await;
        frames
    };
    let mut beside = Client2::clear(address).await;
    // What is there when all parts were used once.
    flood(Frames::connect(address).await, &frame(PING, 0, 0, &[1; 8]), 10_000, true).await;
    assert_eq!(beside.get("/").await.status, 200);
    let before = memory();
    let x = [("x".repeat(100).into_bytes(), "y".repeat(8000).into_bytes())];
    let floods = [
        ("PING", frame(PING, 0, 0, &[1; 8]), Frames::connect(address).await),
        ("SETTINGS", frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]), Frames::connect(address).await),
        ("PRIORITY", frame(PRIORITY, 0, 3, &[0, 0, 0, 0, 1]), Frames::connect(address).await),
        ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]), Frames::connect(address).await),
        ("unknown", frame(0x77, 0, 0, &[0; 1000]), Frames::connect(address).await),
        ("empty DATA", frame(DATA, 0, 1, &[]), open("POST", END_HEADERS).await),
        ("CONTINUATION", frame(CONTINUATION, 0, 1, &block(&x)), open("GET", END_STREAM).await),
        ("empty CONTINUATION", frame(CONTINUATION, 0, 1, &[]), open("GET", END_STREAM).await),
    ];
    for (name, piece, frames) in floods {
        let reads = !matches!(name, "PING" | "SETTINGS");
        // They cost as much as they are, and leave nothing behind.
        let is_borne = matches!(name, "PRIORITY" | "WINDOW_UPDATE" | "unknown" | "empty DATA");
        let ended = flood(frames, &piece, if is_borne { 30_000 } else { 1_000_000 }, reads).await;
        let bounded = match name {
            "CONTINUATION" | "empty CONTINUATION" => ended == Ended::Closed,
            // To one who does not read, nothing is answered on and on.
            "PING" | "SETTINGS" => ended != Ended::Borne,
            _ => true,
        };
        assert!(bounded, "{name}: {ended:?}");
        assert_eq!(beside.get("/").await.status, 200, "{name}");
        let grown = memory().saturating_sub(before);
        assert!(grown < 48 * 1024 * 1024, "{name}: {grown} bytes more");
    }
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let recorder = Recorder::start().await;
    let world = World::with(&[&recorder.replica]).await;
    let mut fields = request("GET");
    fields.extend((0..100).map(|n| (format!("x-{n}").into_bytes(), vec![b'y'; 1000])));
    let block = block(&fields);
    let mut frames = Frames::connect(world.address).await;
    let pieces: Vec<_> = block.chunks(16_000).collect();
    for (n, piece) in pieces.iter().enumerate() {
        let flags = if n + 1 == pieces.len() { END_HEADERS } else { 0 };
        let head =
            if n == 0 { frame(HEADERS, END_STREAM | flags, 1, piece) } else { frame(CONTINUATION, flags, 1, piece) };
        frames.send(&head).await;
    }
    let fate = frames.fate(1).await;
    assert!(matches!(fate, Fate::Status(431) | Fate::Reset | Fate::Closed), "{fate:?}");
    assert!(recorder.seen().is_empty());
    assert_eq!(records(&world, 1).await[0].detail.as_deref(), Some("StreamRefused"));
}
