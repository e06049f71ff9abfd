//! The head of a request that opens a stream.

use crate::scene::Service;
use crate::websocket::KEY;
use anyhow::{Result, ensure};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub fn get(service: &Service, path: &str, more: &str) -> String {
    let (host, token) = (service.host_name(), &service.token);
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nAccept: */*\r\n{more}\r\n")
}

pub fn websocket(service: &Service, path: &str) -> String {
    let more = format!(
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
    );
    get(service, path, &more)
}

/// Connects, sends the head and reads that of the answer; what came behind it is returned as well.
pub async fn open(to: SocketAddr, head: &str, status: &str) -> Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    stream.write_all(head.as_bytes()).await?;
    let mut got = Vec::with_capacity(2048);
    loop {
        ensure!(stream.read_buf(&mut got).await? > 0, "closed instead of an answer");
        if let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&got[..end]);
            ensure!(text.split(' ').nth(1) == Some(status), "{text}");
            return Ok((stream, got.split_off(end + 4)));
        }
    }
}
