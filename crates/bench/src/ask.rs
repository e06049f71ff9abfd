//! One request from a chosen address, written and read by hand.

use anyhow::{Context, Result};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

pub struct Ask<'a> {
    pub from: &'a str,
    pub host: &'a str,
    pub path: &'a str,
    pub token: &'a str,
}

pub struct Answer {
    /// 0 if the connection was closed instead.
    pub status: u16,
    pub body: String,
}

pub async fn ask(to: SocketAddr, ask: &Ask<'_>) -> Result<Answer> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(ask.from.parse()?, 0))?;
    let mut stream = socket.connect(to).await?;
    let Ask { host, path, token, .. } = ask;
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    // Refused connections may end with a reset.
    let _ = stream.read_to_end(&mut bytes).await;
    if bytes.is_empty() {
        return Ok(Answer { status: 0, body: String::new() });
    }
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("no HTTP")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    Ok(Answer { status, body: body.to_owned() })
}
