//! Asks a replica whether it can take requests.

use crate::driver::{ExecError, Running};
use bytes::Bytes;
use domain::service::Probe;
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// External replicas that are asked in the same moment: each is an open file.
static ELSEWHERE: Semaphore = Semaphore::const_new(256);

/// Who is asked.
pub struct Target {
    pub address: SocketAddr,
    pub running: Arc<dyn Running>,
    pub external: bool,
}

/// Why it cannot, in words for a report.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("nothing listens on {address}{}", hint(*external))]
    Refused { address: SocketAddr, external: bool },
    #[error("nothing answers on {address}: {source}")]
    Connect { address: SocketAddr, source: io::Error },
    #[error("no answer from {address} within {seconds} s")]
    Slow { address: SocketAddr, seconds: u64 },
    #[error("GET {path} answered {status}; 200 to 399 is expected")]
    Status { path: String, status: u16 },
    #[error("GET {path} failed: {source}")]
    Http { path: String, source: hyper::Error },
    #[error("{path} cannot be asked for: {source}")]
    Path { path: String, source: http::Error },
    #[error(transparent)]
    Exec(#[from] ExecError),
}

fn hint(external: bool) -> &'static str {
    if external {
        "; start what should answer there, or correct the address"
    } else {
        "; let the program listen on $HOST and $PORT, or correct the service's port"
    }
}

/// At most `timeout` long, from when it is its turn.
pub async fn probe(kind: &Probe, target: &Target, timeout: Duration) -> Result<(), ProbeError> {
    if let Probe::Exec { command } = kind {
        return Ok(target.running.exec(command, timeout).await?);
    }
    // It is never closed.
    let _turn = if target.external { ELSEWHERE.acquire().await.ok() } else { None };
    match tokio::time::timeout(timeout, ask(kind, target)).await {
        Ok(result) => result,
        Err(_) => Err(ProbeError::Slow { address: target.address, seconds: timeout.as_secs() }),
    }
}

async fn ask(kind: &Probe, &Target { address, external, .. }: &Target) -> Result<(), ProbeError> {
    let stream = TcpStream::connect(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::ConnectionRefused => ProbeError::Refused { address, external },
        _ => ProbeError::Connect { address, source },
    })?;
    let Probe::Http { path } = kind else { return Ok(()) };
    let failed = |source| ProbeError::Http { path: path.clone(), source };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let request = http::Request::get(path)
        .header(http::header::HOST, address.to_string())
        .header(http::header::USER_AGENT, concat!("inference-gateway-agent/", env!("CARGO_PKG_VERSION")))
        .header(http::header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|source| ProbeError::Path { path: path.clone(), source })?;
    // The connection is driven only until the head of the answer is there; the body does not matter.
    let response = tokio::select! {
        response = sender.send_request(request) => response.map_err(failed)?,
        Err(source) = connection => return Err(failed(source)),
    };
    match response.status().as_u16() {
        200..=399 => Ok(()),
        status => Err(ProbeError::Status { path: path.clone(), status }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::external::Elsewhere;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn server(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(answer).await;
            }
        });
        address
    }

    async fn asked(kind: &Probe, address: SocketAddr) -> Result<(), ProbeError> {
        let target = Target { address, running: Arc::new(Elsewhere), external: true };
        probe(kind, &target, Duration::from_secs(2)).await
    }

    #[tokio::test]
    async fn statuses() {
        let http = Probe::Http { path: "/ready?x=1".into() };
        let fine = server(b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n").await;
        asked(&http, fine).await.unwrap();
        let broken = server(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await;
        assert!(asked(&http, broken).await.unwrap_err().to_string().contains("answered 500"));
        asked(&Probe::Tcp, broken).await.unwrap();
        let nonsense = server(b"220 smtp\r\n").await;
        assert!(matches!(asked(&http, nonsense).await, Err(ProbeError::Http { .. })));
    }

    #[tokio::test]
    async fn nobody_there() {
        let address = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        assert!(matches!(asked(&Probe::Tcp, address).await, Err(ProbeError::Refused { .. })));
    }
}
