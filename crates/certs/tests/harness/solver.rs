//! Tiny servers that answer challenges as the engine will.

use super::pebble::Pebble;
use certs::AlpnCertificate;
use certs::acme::{Challenge, Solver};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Puts answers where the servers of this test find them.
pub struct TestSolver {
    state: Arc<State>,
    dns_management: u16,
    servers: Vec<JoinHandle<()>>,
}

#[derive(Default, Debug)]
struct State {
    /// Host and token to key authorization.
    http: Mutex<BTreeMap<(String, String), String>>,
    tls: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
    open: Mutex<usize>,
    presented: Mutex<usize>,
}

impl TestSolver {
    pub async fn start(pebble: &Pebble) -> Self {
        let state = Arc::<State>::default();
        let http = TcpListener::bind((Ipv4Addr::LOCALHOST, pebble.http_port)).await.unwrap();
        let tls = TcpListener::bind((Ipv4Addr::LOCALHOST, pebble.tls_port)).await.unwrap();
        let servers = vec![tokio::spawn(serve_http(http, state.clone())), tokio::spawn(serve_tls(tls, state.clone()))];
        Self { state, dns_management: pebble.dns_management, servers }
    }

    pub fn presented(&self) -> usize {
        *self.state.presented.lock().unwrap()
    }

    /// Answers that were presented and not cleaned.
    pub fn open(&self) -> usize {
        *self.state.open.lock().unwrap()
    }
}

impl Drop for TestSolver {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl Solver for TestSolver {
    type Error = Infallible;

    async fn present(&self, challenge: &Challenge) -> Result<(), Infallible> {
        *self.state.open.lock().unwrap() += 1;
        *self.state.presented.lock().unwrap() += 1;
        match challenge {
            Challenge::Http { domain, token, key_authorization } => {
                let key = (domain.clone(), token.clone());
                self.state.http.lock().unwrap().insert(key, key_authorization.clone());
            }
            Challenge::TlsAlpn { domain, answer } => {
                self.state.tls.lock().unwrap().insert(domain.clone(), Arc::new(certified(answer)));
            }
            Challenge::Dns { name, value, .. } => {
                let body = json!({ "host": format!("{name}."), "value": value });
                Pebble::tell_dns(self.dns_management, "set-txt", &body);
            }
        }
        Ok(())
    }

    async fn clean(&self, challenge: &Challenge) {
        *self.state.open.lock().unwrap() -= 1;
        match challenge {
            Challenge::Http { domain, token, .. } => {
                drop(self.state.http.lock().unwrap().remove(&(domain.clone(), token.clone())));
            }
            Challenge::TlsAlpn { domain, .. } => drop(self.state.tls.lock().unwrap().remove(domain)),
            Challenge::Dns { name, .. } => {
                Pebble::tell_dns(self.dns_management, "clear-txt", &json!({ "host": format!("{name}.") }));
            }
        }
    }
}

fn certified(answer: &AlpnCertificate) -> CertifiedKey {
    let chain = vec![CertificateDer::from_pem_slice(answer.certificate_pem.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(answer.key.reveal().as_bytes()).unwrap();
    CertifiedKey::new(chain, rustls::crypto::ring::sign::any_supported_type(&key).unwrap())
}

async fn serve_http(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer_http(stream, state.clone()));
    }
}

async fn answer_http(stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut token, mut host, mut line) = (String::new(), String::new(), String::new());
    while stream.read_line(&mut line).await? > 2 {
        if let Some(rest) = line.strip_prefix("GET /.well-known/acme-challenge/") {
            token = rest.split(' ').next().unwrap_or_default().into();
        } else if let Some(rest) = line.to_ascii_lowercase().strip_prefix("host:") {
            host = rest.trim().split(':').next().unwrap_or_default().into();
        }
        line.clear();
    }
    let found = state.http.lock().unwrap().get(&(host, token)).cloned();
    let (status, body) = found.map_or(("404 Not Found", "nothing here".into()), |body| ("200 OK", body));
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(head.as_bytes()).await
}

impl ResolvesServerCert for State {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        hello.alpn()?.find(|protocol| *protocol == AlpnCertificate::PROTOCOL)?;
        self.tls.lock().unwrap().get(hello.server_name()?).cloned()
    }
}

async fn serve_tls(listener: TcpListener, state: Arc<State>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_cert_resolver(state);
    config.alpn_protocols = vec![AlpnCertificate::PROTOCOL.to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move { drop(acceptor.accept(stream).await) });
    }
}
