//! Answers and WebSockets that take their time, with the timers that everybody has.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::client::Stream;
use harness::http2::{Client2, empty};
use harness::tls::{Browser, Made};
use harness::{HOST, Replica, TOKEN, World, free_address};
use http_body_util::BodyExt;
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const EVENT: &str = "data: an event\n\n";

/// What takes its time.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// An event every second.
    Moving,
    /// Nothing at all, then all of it.
    Late,
    /// One event, then nothing, then another one.
    Paused,
    /// A request's body, of which a piece comes every second.
    Upload,
    /// Nothing, then a message there and back.
    WebSocket,
}

const ALL: [Kind; 5] = [Kind::Moving, Kind::Late, Kind::Paused, Kind::Upload, Kind::WebSocket];

#[derive(Clone, Copy, Debug)]
enum Over {
    Clear,
    Tls,
    Http2,
}

#[derive(Clone)]
struct Doors {
    clear: SocketAddr,
    tls: SocketAddr,
}

/// Does what the path says: `/late/16`.
async fn model(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    let len = stream.read(&mut buffer).await.unwrap();
    let text = String::from_utf8_lossy(&buffer[..len]).into_owned();
    let mut path = text.split(' ').nth(1).unwrap().split('/').skip(1);
    let (kind, seconds) = (path.next().unwrap(), path.next().unwrap().parse().unwrap());
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let event = format!("{:x}\r\n{EVENT}\r\n", EVENT.len());
    let mut say = async |text: &str| stream.write_all(text.as_bytes()).await.unwrap();
    match kind {
        "Moving" => {
            say(head).await;
            for _ in 0..seconds {
                say(&event).await;
                sleep(Duration::from_secs(1)).await;
            }
        }
        "Late" => {
            sleep(Duration::from_secs(seconds)).await;
            say(head).await;
        }
        "Paused" => {
            say(&format!("{head}{event}")).await;
            sleep(Duration::from_secs(seconds)).await;
            say(&event).await;
        }
        "Upload" => {
            let mut seen = text.split_once("\r\n\r\n").unwrap().1.to_owned();
            while seen.matches('x').count() < seconds as usize {
                let len = stream.read(&mut buffer).await.unwrap();
                assert!(len > 0, "the upload was cut: {seen}");
                seen += &String::from_utf8_lossy(&buffer[..len]);
            }
            stream.write_all(head.as_bytes()).await.unwrap();
        }
        _ => {
            say("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n").await;
            let len = stream.read(&mut buffer).await.unwrap();
            stream.write_all(&buffer[..len]).await.unwrap();
            return;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
}

/// How many events the answer has to bring.
fn events(kind: Kind, seconds: u64) -> usize {
    match kind {
        Kind::Moving => seconds as usize,
        Kind::Paused => 2,
        _ => 0,
    }
}

async fn over_http1(mut stream: impl Stream, kind: Kind, seconds: u64) -> String {
    let more = match kind {
        Kind::WebSocket => {
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        }
        _ => "Connection: close\r\n",
    };
    let body = if matches!(kind, Kind::Upload) { format!("Content-Length: {seconds}\r\n") } else { String::new() };
    let method = if body.is_empty() { "GET" } else { "POST" };
    let line = format!("{method} /api/predict/model/{kind:?}/{seconds} HTTP/1.1\r\nHost: {HOST}\r\n");
    let request = format!("{line}Authorization: {TOKEN}\r\n{more}{body}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    match kind {
        Kind::Upload => {
            for _ in 0..seconds {
                sleep(Duration::from_secs(1)).await;
                stream.write_all(b"x").await.unwrap();
            }
        }
        Kind::WebSocket => {
            let mut head = [0; 4096];
            let len = stream.read(&mut head).await.unwrap();
            assert!(head[..len].starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head[..len]));
            sleep(Duration::from_secs(seconds)).await;
            stream.write_all(b"still here?").await.unwrap();
        }
        _ => {}
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn over_http2(mut client: Client2, kind: Kind, seconds: u64) -> String {
    let request = client.request("GET", &format!("/api/predict/model/{kind:?}/{seconds}")).body(empty()).unwrap();
    let answer = client.sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.expect("a whole answer").to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn one(doors: Doors, over: Over, kind: Kind, seconds: u64) {
    let asked = Instant::now();
    let browser = Browser::new(&[&TLS13]);
    let whole = async {
        match over {
            Over::Clear => over_http1(TcpStream::connect(doors.clear).await.unwrap(), kind, seconds).await,
            Over::Tls => {
                let stream = browser.connect(doors.tls, HOST).await.unwrap().into_stream();
                over_http1(stream, kind, seconds).await
            }
            Over::Http2 => over_http2(Client2::clear(doors.clear).await, kind, seconds).await,
        }
    };
    let what = format!("{kind:?} over {over:?}, {seconds} s");
    let answer = timeout(Duration::from_secs(seconds + 30), whole).await.unwrap_or_else(|_| panic!("{what}: no end"));
    assert!(asked.elapsed() >= Duration::from_secs(seconds), "{what}: {:?}", asked.elapsed());
    match (kind, over) {
        (Kind::WebSocket, _) => assert_eq!(answer, "still here?", "{what}"),
        (_, Over::Http2) => {}
        _ => assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("0\r\n\r\n"), "{what}: {answer}"),
    }
    assert_eq!(answer.matches(EVENT).count(), events(kind, seconds), "{what}: {answer}");
    assert!(!answer.contains("event: error"), "{what}: {answer}");
}

/// Each kind in each way, all at the same time.
async fn all(kinds: &[Kind], durations: &[u64]) {
    let replica = Replica::serve(model).await;
    let mut world = World::with(&[&replica]).await;
    let doors = Doors { clear: world.address, tls: free_address() };
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(doors.tls, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST], true).resource());
        })
        .await;
    let mut asked = JoinSet::new();
    for seconds in durations {
        for kind in kinds {
            for over in [Over::Clear, Over::Tls, Over::Http2] {
                // These two are asked for differently there.
                if !matches!((over, kind), (Over::Http2, Kind::Upload | Kind::WebSocket)) {
                    asked.spawn(one(doors.clone(), over, *kind, *seconds));
                }
            }
        }
    }
    while let Some(ended) = asked.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn of_a_quarter_of_a_minute_and_of_more_than_one() {
    all(&ALL, &[16, 61]).await;
}

/// Silence for that long is ended by default, and so is a request without an answer.
#[tokio::test]
#[ignore = "takes ten minutes"]
async fn of_ten_minutes() {
    let moving = all(&[Kind::Moving], &[610]);
    let silent = all(&ALL, &[590]);
    tokio::join!(moving, silent);
}

/// A client that takes nothing holds its replica and its place for so long and no longer.
#[tokio::test]
#[ignore = "takes ten minutes"]
async fn who_takes_nothing_is_not_waited_for_longer() {
    for_both(async |http2| {
        let (ended, mut told) = tokio::sync::mpsc::unbounded_channel();
        let replica = Replica::serve(move |mut stream| {
            let ended = ended.clone();
            async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await;
                while stream.write_all(&[b'x'; 65536]).await.is_ok() {}
                let _ = ended.send(());
            }
        })
        .await;
        let world = World::with(&[&replica]).await;
        let asked = Instant::now();
        // Both are held until the end, and nothing is read from them.
        let mut clear = TcpStream::connect(world.address).await.unwrap();
        let _held = if http2 {
            let client = Client2::clear(world.address).await;
            let request = client.request("GET", "/api/predict/model").body(empty()).unwrap();
            let mut asking = client.clone();
            Some((asking.send(request).await, client))
        } else {
            let request = format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n");
            clear.write_all(request.as_bytes()).await.unwrap();
            None
        };
        timeout(Duration::from_secs(700), told.recv()).await.expect("its end").unwrap();
        let after = asked.elapsed();
        assert!(after > Duration::from_secs(590), "HTTP/2: {http2}, {after:?}");
        let records = harness::until("its record", async || {
            let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
            Some(records.collect::<Vec<_>>()).filter(|records| !records.is_empty())
        });
        assert_eq!(records.await[0].detail.as_deref(), Some("ClientGone"), "HTTP/2: {http2}");
    })
    .await;
}

/// Over HTTP/1.1 and HTTP/2 at the same time.
async fn for_both(test: impl AsyncFn(bool)) {
    tokio::join!(test(false), test(true));
}
