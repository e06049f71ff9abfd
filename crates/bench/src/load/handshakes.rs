//! New TLS connections, a request on each, no resumption.

use super::Done;
use anyhow::{Result, ensure};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// Connections that are made at the same time.
const AT_ONCE: usize = 16;

pub async fn run(to: SocketAddr, host: &str, head: &str, length: Duration) -> Result<Done> {
    let connector = TlsConnector::from(Arc::new(config()?));
    let name = ServerName::try_from(host.to_owned())?;
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (connector, name, head) = (connector.clone(), name.clone(), head.to_owned());
        clients.spawn_local(async move {
            let mut micros = Vec::new();
            while started.elapsed() < length {
                let began = Instant::now();
                once(to, &connector, &name, &head).await?;
                micros.push(u32::try_from(began.elapsed().as_micros())?);
            }
            anyhow::Ok(micros)
        });
    }
    let mut done = Done::default();
    while let Some(micros) = clients.join_next().await {
        done.micros.extend(micros??);
    }
    done.count = done.micros.len() as u64;
    done.seconds = started.elapsed().as_secs_f64();
    Ok(done)
}

async fn once(to: SocketAddr, connector: &TlsConnector, name: &ServerName<'static>, head: &str) -> Result<()> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let mut stream = connector.connect(name.clone(), stream).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut answer = [0; 2048];
    let got = stream.read(&mut answer).await?;
    ensure!(answer[..got].starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer[..got]));
    Ok(())
}

fn config() -> Result<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The client shares a core with the backend: what a proxy proves is left unchecked to save time for it.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
