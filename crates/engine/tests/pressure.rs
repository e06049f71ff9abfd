//! Who sends faster than the other side takes has to wait: nothing piles up in between.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use bytes::Bytes;
use domain::snapshot::Resource;
use harness::http2::{Client2, empty};
use harness::{HOST, Replica, TOKEN, World, service, until};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PIECE: usize = 64 * 1024;
/// More than all sockets and windows on the way hold together.
const ALL: usize = 64 * 1024 * 1024;

/// Until no more is sent; what was.
async fn stuck(sent: &AtomicUsize) -> usize {
    let mut before = 0;
    until("nothing moves", async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = sent.load(SeqCst);
        (std::mem::replace(&mut before, now) == now && now > 0).then_some(now)
    })
    .await
}

/// Answers with as much as it can get rid of.
async fn talkative(sent: Arc<AtomicUsize>) -> Replica {
    Replica::serve(move |mut stream| {
        let sent = sent.clone();
        async move {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {ALL}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            while sent.load(SeqCst) < ALL && stream.write_all(&[b'x'; PIECE]).await.is_ok() {
                sent.fetch_add(PIECE, SeqCst);
            }
            let _ = stream.read(&mut request).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_replica() {
    for http2 in [false, true] {
        let sent = Arc::<AtomicUsize>::default();
        let replica = talkative(sent.clone()).await;
        let world = World::with(&[&replica]).await;
        let path = "/api/predict/model";
        if http2 {
            let mut client = Client2::clear(world.address).await;
            let request = client.request("GET", path).body(empty()).unwrap();
            let response = client.send(request).await;
            let taken = stuck(&sent).await;
            assert!(taken < ALL / 2, "{taken} over HTTP/2");
            let whole = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(whole.len(), ALL);
        } else {
            let mut client = world.client().await;
            client.write(&format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
            let taken = stuck(&sent).await;
            assert!(taken < ALL / 2, "{taken} over HTTP/1.1");
            assert_eq!(client.answer_head().await.unwrap().status, 200);
            client.skip(ALL).await;
        }
    }
}

/// Reads when it is told to.
async fn hesitant() -> (Replica, tokio::sync::watch::Sender<bool>) {
    let (go, told) = tokio::sync::watch::channel(false);
    let replica = Replica::serve(move |mut stream| {
        let mut told = told.clone();
        async move {
            told.wait_for(|go| *go).await.unwrap();
            let mut read = 0;
            let mut buffer = vec![0; PIECE];
            while read < ALL {
                read += stream.read(&mut buffer).await.unwrap();
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.read(&mut buffer).await;
        }
    })
    .await;
    (replica, go)
}

#[tokio::test]
async fn a_replica_that_does_not_read_stops_the_client() {
    for http2 in [false, true] {
        let (replica, go) = hesitant().await;
        let mut world = World::with(&[&replica]).await;
        let mut large = service();
        large.body_limit = 2 * ALL as u64;
        world.put(Resource::Service(large)).await;
        let sent = Arc::<AtomicUsize>::default();
        let count = sent.clone();
        let head = format!(
            "POST /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\nContent-Length: {ALL}\r\n\r\n"
        );
        let status = if http2 {
            let mut client = Client2::clear(world.address).await;
            let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Frame<Bytes>, Infallible>>(1);
            tokio::spawn(async move {
                for _ in 0..ALL / PIECE {
                    sender.send(Ok(Frame::data(vec![b'x'; PIECE].into()))).await.unwrap();
                    count.fetch_add(PIECE, SeqCst);
                }
            });
            let body = StreamBody::new(tokio_stream::wrappers::ReceiverStream::new(receiver)).boxed_unsync();
            let request = client.request("POST", "/api/predict/model").body(body).unwrap();
            let asking = tokio::spawn(async move { client.send(request).await.status().as_u16() });
            let taken = stuck(&sent).await;
            assert!(taken < ALL / 2, "{taken} over HTTP/2");
            go.send(true).unwrap();
            asking.await.unwrap()
        } else {
            let (reader, mut writer) = TcpStream::connect(world.address).await.unwrap().into_split();
            tokio::spawn(async move {
                writer.write_all(head.as_bytes()).await.unwrap();
                for _ in 0..ALL / PIECE {
                    writer.write_all(&[b'x'; PIECE]).await.unwrap();
                    count.fetch_add(PIECE, SeqCst);
                }
                // Kept open until the answer has come.
                std::future::pending::<()>().await;
            });
            let taken = stuck(&sent).await;
            assert!(taken < ALL / 2, "{taken} over HTTP/1.1");
            go.send(true).unwrap();
            let mut client = harness::Client::over(tokio::io::join(reader, tokio::io::sink()));
            client.answer().await.status
        };
        assert_eq!(status, 200);
    }
}
