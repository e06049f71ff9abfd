//! Asks a replica whether it can take requests.

use bytes::Bytes;
use domain::service::Probe;
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

pub const TIMEOUT: Duration = Duration::from_secs(2);

/// Why it cannot, in words for a report.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("nothing answers on {address}: {source}")]
    Connect { address: SocketAddr, source: io::Error },
    #[error("no answer from {address} within 2 s")]
    Slow { address: SocketAddr },
    #[error("GET {path} answered {status}; 200 to 399 is expected")]
    Status { path: String, status: u16 },
    #[error("GET {path} failed: {source}")]
    Http { path: String, source: hyper::Error },
    #[error("{path} cannot be asked for: {source}")]
    Path { path: String, source: http::Error },
}

pub async fn probe(kind: &Probe, address: SocketAddr) -> Result<(), ProbeError> {
    match tokio::time::timeout(TIMEOUT, ask(kind, address)).await {
        Ok(result) => result,
        Err(_) => Err(ProbeError::Slow { address }),
    }
}

async fn ask(kind: &Probe, address: SocketAddr) -> Result<(), ProbeError> {
    let stream = TcpStream::connect(address).await.map_err(|source| ProbeError::Connect { address, source })?;
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

    #[tokio::test]
    async fn statuses() {
        let http = Probe::Http { path: "/ready?x=1".into() };
        let fine = server(b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n").await;
        probe(&http, fine).await.unwrap();
        let broken = server(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await;
        assert!(probe(&http, broken).await.unwrap_err().to_string().contains("answered 500"));
        probe(&Probe::Tcp, broken).await.unwrap();
        let nonsense = server(b"220 smtp\r\n").await;
        assert!(matches!(probe(&http, nonsense).await, Err(ProbeError::Http { .. })));
    }

    #[tokio::test]
    async fn nobody_there() {
        let address = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        assert!(matches!(probe(&Probe::Tcp, address).await, Err(ProbeError::Connect { .. })));
    }
}
