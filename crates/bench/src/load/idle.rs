//! Connections that have made a request and then say nothing.

use super::head;
use anyhow::Result;
use std::net::SocketAddr;
use tokio::net::TcpStream;

pub async fn open(to: SocketAddr, head: &str, count: usize) -> Result<Vec<TcpStream>> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(head::open(to, head, "200").await?.0);
    }
    Ok(all)
}
