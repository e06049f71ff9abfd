//! Loopback ports that are free, and waiting until they are not.

use crate::process::Process;
use anyhow::{Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

pub fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Envoy takes some seconds for a thousand clusters.
const SOON: Duration = Duration::from_secs(60);

pub async fn wait(addresses: &[SocketAddr], process: &mut Process) -> Result<()> {
    let end = Instant::now() + SOON;
    for address in addresses {
        while TcpStream::connect(address).await.is_err() {
            process.check()?;
            if Instant::now() > end {
                bail!("{} does not listen on {address}", process.name);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}
