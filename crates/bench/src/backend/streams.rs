//! Event streams and WebSockets, with as little of HTTP as they need, so that the core they share with the load has
//! time for both.

use crate::clock;
use crate::websocket::{ACCEPT, LENGTH, SERVER_FRAME};
use anyhow::Result;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval};

/// Between two events of a stream …
const PERIOD: Duration = Duration::from_millis(20);
/// … and where `/quiet` was asked for.
const QUIET: Duration = Duration::from_secs(1);

pub async fn serve(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A client that goes ends it.
        tokio::spawn(answer(stream));
    }
}

async fn answer(mut stream: TcpStream) -> Result<()> {
    let mut head = Vec::with_capacity(1024);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    if head.contains("upgrade: websocket") {
        return echo(stream).await;
    }
    events(stream, if head.starts_with("get /quiet ") { QUIET } else { PERIOD }).await
}

async fn events(mut stream: TcpStream, period: Duration) -> Result<()> {
    stream
        .write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\
              X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n",
        )
        .await?;
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        // In the shape and size of a token of a model.
        let event = format!(
            "data: {{\"sent\":\"{:020}\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"delta\":{{\"content\":\" token\"}}}}]}}\n\n",
            clock::nanos()
        );
        stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await?;
    }
}

async fn echo(mut stream: TcpStream) -> Result<()> {
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut frame = [0; LENGTH + 6];
    loop {
        stream.read_exact(&mut frame).await?;
        let mut answer = Vec::with_capacity(LENGTH + 2);
        answer.extend_from_slice(&SERVER_FRAME);
        // The mask of our own client is zeros.
        answer.extend_from_slice(&frame[6..]);
        stream.write_all(&answer).await?;
    }
}
