//! Requests that two servers could read differently: none brings a second one to a replica.
#![allow(clippy::unwrap_used)]

mod harness;

use domain::snapshot::Resource;
use harness::recorder::{Recorder, Seen};
use harness::{HOST, SOON, TOKEN, World, service, until};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Vector {
    number: usize,
    verdict: String,
    name: String,
    /// Request line and headers.
    head: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("data/desync.txt").lines().filter(|line| !line.starts_with('#'));
    let vector = |(number, line): (usize, &str)| {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        let mut next = || parts.next().unwrap();
        Vector { number, verdict: next(), name: next(), head: unescaped(&next()) }
    };
    lines.enumerate().map(vector).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            bytes.extend(char.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        bytes.push(match chars.next().unwrap() {
            'r' => b'\r',
            'n' => b'\n',
            't' => b'\t',
            'x' => u8::from_str_radix(&chars.by_ref().take(2).collect::<String>(), 16).unwrap(),
            '\\' => b'\\',
            other => panic!("{other}"),
        });
    }
    bytes
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from);
    at.map_or_else(|| bytes.to_vec(), |at| [&bytes[..at], to, &bytes[at + from.len()..]].concat())
}

impl Vector {
    /// The head for this engine, ended, with its number in a header.
    fn bytes(&self) -> Vec<u8> {
        let line = self.head.windows(2).position(|end| end == b"\r\n").unwrap() + 2;
        let (line, headers) = self.head.split_at(line);
        let line = replaced(line, b" /", b" /api/predict/model/");
        let has_host = [b"\n", headers].concat().windows(6).any(|start| start.eq_ignore_ascii_case(b"\nhost:"));
        let host = if has_host { String::new() } else { format!("Host: {HOST}\r\n") };
        let ours = format!("Authorization: {TOKEN}\r\nX-Vector: {}\r\n{host}", self.number);
        [&line, ours.as_bytes(), headers, b"\r\n"].concat()
    }

    /// The body that its head promises.
    fn body(&self) -> Vec<u8> {
        let head = String::from_utf8_lossy(&self.head).to_ascii_lowercase();
        if head.contains("transfer-encoding:") {
            return b"3\r\nabc\r\n0\r\n\r\n".to_vec();
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        vec![b'x'; length.unwrap_or(0)]
    }

    fn second(&self) -> String {
        format!(
            "GET /api/predict/model/second HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nX-Vector: {}\r\n",
            self.number
        )
    }
}

/// The statuses of all answers, until the engine closes the connection.
async fn answers(address: SocketAddr, bytes: Vec<u8>) -> Vec<u16> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may be refused in the middle.
    let _ = stream.write_all(&bytes).await;
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(len @ 1..) = tokio::time::timeout(SOON, stream.read(&mut buffer)).await.expect("an end") {
        read.extend(&buffer[..len]);
    }
    let text = String::from_utf8(read).unwrap();
    // Not those in the sentences of refusals.
    text.split("\r\n")
        .filter_map(|line| line.rsplit_once("HTTP/1.1 "))
        .map(|(_, answer)| answer)
        .filter_map(|answer| answer.get(..3)?.parse().ok())
        .collect()
}

async fn world() -> (World, Recorder) {
    let recorder = Recorder::start().await;
    let mut world = World::with(&[&recorder.replica]).await;
    let mut service = service();
    service.body_limit = 100_000;
    world.put(Resource::Service(service)).await;
    (world, recorder)
}

fn of_vector(seen: &[Seen], vector: &Vector) -> Vec<Seen> {
    let number = vector.number.to_string();
    seen.iter().filter(|seen| seen.one("x-vector") == Some(&number)).cloned().collect()
}

/// All of them at once: a refused body is waited for for a while.
async fn send_all(world: &World, vectors: &[Vector], bytes: impl Fn(&Vector) -> Vec<u8>) -> Vec<Vec<u16>> {
    // At the gateway's own port: their hosts are others' hosts.
    let asked: Vec<_> = vectors.iter().map(|vector| tokio::spawn(answers(world.own, bytes(vector)))).collect();
    let mut all = Vec::new();
    for answered in asked {
        all.push(answered.await.unwrap());
    }
    all
}

#[tokio::test]
async fn what_follows_an_unclear_head_is_no_request() {
    let (world, recorder) = world().await;
    let mut vectors = vectors();
    assert_eq!(vectors.len(), 159);
    vectors.retain(|vector| matches!(vector.verdict.as_str(), "severe" | "ambiguous"));
    // A request where a body could be, and then what is none in any case.
    let hostile = |vector: &Vector| {
        let garbage = "\0".repeat(40_000);
        [&vector.bytes(), format!("{}\r\n{garbage}\r\n\r\n", vector.second()).as_bytes()].concat()
    };
    let answered = send_all(&world, &vectors, hostile).await;
    let seen = recorder.seen();
    for (vector, answered) in vectors.iter().zip(answered) {
        let seen = of_vector(&seen, vector);
        let name = &vector.name;
        if vector.verdict == "severe" {
            assert_eq!((answered.as_slice(), seen.len()), (&[400][..], 0), "{name}: {seen:?}");
        } else {
            assert!(!seen.iter().any(|seen| seen.line.contains("/second")), "{name}: {seen:?}");
            // A GET with a length is served with what followed as its body; the garbage behind it is none.
            assert!(matches!(answered[..], [400] | [200, 400]), "{name}: {answered:?}");
        }
    }
}

#[tokio::test]
async fn what_is_clear_is_served_and_its_connection_goes_on() {
    let (world, recorder) = world().await;
    let mut vectors = vectors();
    vectors.retain(|vector| matches!(vector.verdict.as_str(), "acceptable" | "compliant"));
    let whole = |vector: &Vector| {
        let second = format!("{}Connection: close\r\n\r\n", vector.second());
        [&vector.bytes(), &vector.body()[..], second.as_bytes()].concat()
    };
    let answered = send_all(&world, &vectors, whole).await;
    let mut refused = Vec::new();
    for (vector, answered) in vectors.iter().zip(answered) {
        let seen = of_vector(&recorder.seen(), vector);
        let name = &vector.name;
        if let [status @ (400 | 413)] = answered[..] {
            assert!(seen.is_empty(), "{name}: {seen:?}");
            refused.push((status, name.as_str()));
        } else {
            assert_eq!((answered, seen.len()), (vec![200, 200], 2), "{name}: {seen:?}");
            assert!(!seen[0].line.contains("second") && seen[1].line.contains("second"), "{name}: {seen:?}");
            assert_eq!(
                seen[0].body.len(),
                if seen[0].one("transfer-encoding").is_some() { 3 } else { vector.body().len() }
            );
        }
    }
    // Clear, but with what is not served here: codings, a fragment, an empty path, an immense body.
    let compliant: Vec<_> = vectors.iter().filter(|vector| vector.verdict == "compliant").collect();
    let of_compliant: Vec<_> = refused.iter().filter(|refused| compliant.iter().any(|v| v.name == refused.1)).collect();
    assert_eq!((compliant.len(), of_compliant.len()), (28, 10), "{of_compliant:?}");
}

#[tokio::test]
async fn what_is_unclear_is_refused_and_its_connection_closed() {
    let (world, recorder) = world().await;
    let own = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n");
    let post = "POST /api/predict/model HTTP/1.1\r\n";
    let with = |headers: &str, rest: &str| format!("{post}{own}{headers}\r\n{rest}");
    let chunked = |rest: &str| with("Transfer-Encoding: chunked\r\n", rest);
    let unclear = [
        with("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"),
        with("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\nG"),
        with("Transfer-Encoding: chunked\r\nContent-Length: nonsense\r\n", "0\r\n\r\n"),
        with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
        with("Content-Length: +3\r\n", "abc"),
        with("Content-Length: 0x3\r\n", "abc"),
        with("Content-Length: -0\r\n", ""),
        with("Content-Length:\r\n", ""),
        with("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: identity\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: chunked\r\nTransfer-encoding: identity\r\n", "0\r\n\r\n"),
        with("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("X: y\n", ""),
        with("X: y\r\n\n", ""),
        with("Content_Length: 3\r\n", ""),
        with("X_Forwarded_For: 192.0.2.1\r\n", ""),
        with("Connection: close, host\r\n", ""),
        with("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("Connection: keep-alive\r\nConnection: content-length\r\nContent-Length: 0\r\n", ""),
        with("Connection: \u{ff}, keep-alive\r\n", ""),
        with("Connection: keep alive\r\n", ""),
        with("Host: other.example\r\n", ""),
        with("Authorization: other\r\n", ""),
        format!("POST /api/predict/model HTTP/1.1\n{own}\r\n"),
        format!("POST /api/predict/model#/../ HTTP/1.1\r\n{own}\r\n"),
        format!("POST  /api/predict/model HTTP/1.1\r\n{own}\r\n"),
        format!("POST http://other.example/api/predict/model HTTP/1.1\r\n{own}\r\n"),
        format!("POST /api/predict/model HTTP/1.0\r\n{own}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!(
            "POST /api/predict/model HTTP/1.0\r\n{own}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        chunked("0x3\r\nabc\r\n0\r\n\r\n"),
        chunked("+3\r\nabc\r\n0\r\n\r\n"),
        chunked(" 3\r\nabc\r\n0\r\n\r\n"),
        chunked("3 3\r\nabc\r\n0\r\n\r\n"),
        chunked("3\nabc\r\n0\r\n\r\n"),
        chunked("3;a\nabc\r\n0\r\n\r\n"),
        chunked("3\r\nabcd\r\n0\r\n\r\n"),
        chunked("3\r\nabc\n0\r\n\r\n"),
        chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"),
        chunked("\r\nabc\r\n0\r\n\r\n"),
    ];
    let second = format!("GET /api/predict/model/second HTTP/1.1\r\n{own}\r\n");
    let asked: Vec<_> = unclear
        .into_iter()
        .map(|bytes| (bytes.clone(), tokio::spawn(answers(world.address, format!("{bytes}{second}").into_bytes()))))
        .collect();
    for (bytes, answered) in asked {
        assert_eq!(answered.await.unwrap(), [400], "{bytes}");
    }
    for seen in recorder.seen() {
        assert!(!seen.whole && !seen.line.contains("second"), "{seen:?}");
    }
}

#[tokio::test]
async fn a_refused_head_leaves_a_record() {
    let world = World::new().await;
    assert_eq!(answers(world.address, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n".to_vec()).await, [400]);
    let bytes = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nX: {}\r\n\r\n", "x".repeat(1_000_000)).into_bytes();
    assert_eq!(answers(world.address, bytes).await, [431]);
    let records = until("both records", async || {
        let records: Vec<_> = world.console.telemetry().into_iter().flat_map(|batch| batch.records).collect();
        (records.len() == 2).then_some(records)
    })
    .await;
    for (record, told) in records.iter().zip([(400, "BadRequest"), (431, "RequestHeaderFieldsTooLarge")]) {
        assert_eq!((record.status, record.detail.as_deref()), (told.0, Some(told.1)));
        assert!(record.client.is_loopback() && !record.request_id.is_empty());
    }
}
