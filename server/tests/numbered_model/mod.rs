//! A model whose streams are numbered, and connections to it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use super::common::{Console, Product, read, until};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Counts up on event streams, sends back what comes over WebSockets, and ends all streams when it is asked for `/end`.
const REPLICA: &str = r#"
import asyncio, os
ended = asyncio.Event()
async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b'\r\n\r\n')).lower()
            if b'upgrade: websocket' in head:
                writer.write(b'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')
                while data := await reader.read(4096):
                    writer.write(data)
                return
            if not head.startswith(b'get /events '):
                if head.startswith(b'get /end '):
                    ended.set()
                writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
                continue
            writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
            number = 0
            while not ended.is_set():
                event = b'data: %d\n\n' % number
                writer.write(b'%x\r\n%s\r\n' % (len(event), event))
                await writer.drain()
                number += 1
                await asyncio.sleep(0.2)
            writer.write(b'0\r\n\r\n')
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', int(os.environ['PORT']), backlog=1000)
    await server.serve_forever()
asyncio.run(main())
"#;

pub fn deploy(product: &Product, console: &mut Console, gateway: &str) -> String {
    let script = product.home().join("numbered.py");
    std::fs::write(&script, REPLICA).unwrap();
    // The replica's user is nobody in particular.
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o644)).unwrap();
    let service = console
        .call(
            "service.deploy",
            &[
                ("draft[name]", "numbered"),
                ("draft[command]", &format!("/usr/bin/python3 {}", script.display())),
                ("draft[env]", ""),
                ("draft[port]", ""),
                ("draft[replicas]", "1"),
                ("draft[readiness_method]", "http"),
                ("draft[readiness_path]", "/health"),
                ("draft[gateway]", gateway),
            ],
        )
        .id();
    until("the replica", || (console.service(&service)["summary"]["status"] == "running").then_some(()));
    service
}

/// The installation's own authority.
pub fn roots(product: &Product) -> RootCertStore {
    trusting(&read(&product.data.join("tls/local-ca.pem")))
}

/// Nobody but whom this certificate is of.
pub fn trusting(root: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(certificate_of(root)).unwrap();
    roots
}

pub fn certificate_of(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// Over TLS by a name, trusting nobody but these.
pub async fn secure(product: &Product, host: &str, roots: RootCertStore) -> TlsStream<TcpStream> {
    try_secure(product, host, roots).await.unwrap()
}

pub async fn try_secure(product: &Product, host: &str, roots: RootCertStore) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(product.ports.https()).await.unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

pub fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}
