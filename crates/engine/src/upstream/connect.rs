//! A new connection to a replica.

use super::pool::Sender;
use crate::limit::RequestBody;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpStream;

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("{0}")]
    Tcp(#[from] io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
}

/// The connection lives in a task of its own until it is closed by either side or its sender is dropped.
pub async fn connect(address: SocketAddr) -> Result<Sender, ConnectError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake::<_, RequestBody>(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(async move {
        // Whoever sent the request hears of the error too, and says so in its record.
        if let Err(error) = connection.with_upgrades().await {
            tracing::trace!(%address, %error, "a replica's connection ended");
        }
    });
    Ok(sender)
}
