//! Who may talk to a console from elsewhere, and what becomes of those who may not.
#![allow(clippy::unwrap_used)]

mod stage;

use link::engine_link_client::EngineLinkClient;
use link::message::EngineDown;
use link::{Authority, Console, HostIdentity};
use stage::{Stage, hello, joining};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_stream::StreamExt;
use tonic::{Status, Streaming};

async fn joined(stage: &Stage) -> HostIdentity {
    link::join(&stage.console(), &stage.token(), joining()).await.unwrap()
}

async fn session(identity: HostIdentity) -> Result<Streaming<EngineDown>, Box<dyn std::error::Error>> {
    let mut client = EngineLinkClient::new(Console::Remote(Arc::new(identity)).connect().await?);
    let mut down = client.session(tokio_stream::once(hello()).chain(tokio_stream::pending())).await?.into_inner();
    let first = down.message().await?;
    assert!(matches!(first, Some(EngineDown::TelemetryReceived { sequence: 7 })), "{first:?}");
    Ok(down)
}

#[tokio::test]
async fn who_has_joined_has_sessions() {
    let stage = Stage::start();
    let identity = joined(&stage).await;
    let _first = session(identity.clone()).await.unwrap();
    let _second = session(identity.clone()).await.unwrap();
    let shown = link_fingerprint(&identity.certificate);
    let peers = stage.heard.peers.lock().unwrap().clone();
    assert_eq!(peers.iter().map(|peer| peer.certificate).collect::<Vec<_>>(), [Some(shown), Some(shown)]);
    assert!(peers.iter().all(|peer| peer.address.ip().is_loopback()));
}

fn link_fingerprint(pem: &str) -> link::Fingerprint {
    link::Fingerprint::of(pem::parse(pem).unwrap().contents())
}

/// The console that it has joined is started again, with the authority that it kept.
#[tokio::test]
async fn a_console_is_known_again() {
    let stage = Stage::start();
    let mut identity = joined(&stage).await;
    let kept = Authority::from_pem(stage.heard.authority.cert_pem(), stage.heard.authority.key_pem()).unwrap();
    drop(stage);
    let again = Stage::with(kept);
    identity.console = again.console();
    session(identity.clone()).await.unwrap();

    let other = Stage::start();
    identity.console = other.console();
    let refused = Console::Remote(Arc::new(identity)).connect().await.unwrap_err().to_string();
    assert!(refused.contains("certificate") && other.heard.peers.lock().unwrap().is_empty(), "{refused}");
}

#[tokio::test]
async fn a_certificate_of_another_authority_opens_nothing() {
    let (stage, other) = (Stage::start(), Stage::start());
    let mut forged = joined(&other).await;
    forged.console = stage.console();
    forged.authority = stage.heard.authority.cert_pem().to_owned();
    assert!(session(forged).await.is_err());
    assert!(stage.heard.peers.lock().unwrap().is_empty());
    session(joined(&stage).await).await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_opens_nothing() {
    let stage = Stage::start();
    let (one, two) = (joined(&stage).await, joined(&stage).await);
    assert!(session(HostIdentity { key: two.key, ..one }).await.is_err());
    assert!(stage.heard.peers.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_a_certificate_there_is_no_session() {
    let stage = Stage::start();
    let connector = tonic_without_certificate(&stage).await;
    let refused = EngineLinkClient::new(connector).session(tokio_stream::once(hello())).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (tonic::Code::Unauthenticated, "join first"));
    let peers = stage.heard.peers.lock().unwrap().clone();
    assert_eq!(peers.iter().map(|peer| peer.certificate).collect::<Vec<_>>(), [None]);
}

/// As `join` has it, by way of rustls alone.
async fn tonic_without_certificate(stage: &Stage) -> tonic::transport::Channel {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots(stage)).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let address = stage.address;
    let connect = tower::service_fn(move |_: tonic::transport::Uri| {
        let connector = connector.clone();
        async move {
            let name = "console.link.inference-gateway.internal".try_into().unwrap();
            connector.connect(name, TcpStream::connect(address).await?).await.map(hyper_util::rt::TokioIo::new)
        }
    });
    tonic::transport::Endpoint::from_static("http://x.invalid").connect_with_connector(connect).await.unwrap()
}

#[tokio::test]
async fn older_tls_is_refused() {
    let stage = Stage::start();
    for (versions, fine) in [(&[&rustls::version::TLS12], false), (&[&rustls::version::TLS13], true)] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let mut config = config.with_root_certificates(roots(&stage)).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = "console.link.inference-gateway.internal".try_into().unwrap();
        let stream = TcpStream::connect(stage.address).await.unwrap();
        let shaken = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        assert_eq!(shaken.is_ok(), fine);
    }
}

fn roots(stage: &Stage) -> rustls::RootCertStore {
    let mut roots = rustls::RootCertStore::empty();
    let der = pem::parse(stage.heard.authority.cert_pem()).unwrap().into_contents();
    roots.add(der.into()).unwrap();
    roots
}

#[tokio::test]
async fn handshakes_that_hang_stop_nobody() {
    let stage = Stage::start();
    let identity = joined(&stage).await;
    // More than one address may have; those too many are closed at once.
    let mut hanging = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        // The head of a record whose rest never comes.
        let _ = stream.write_all(&[22, 3, 1, 2, 0]).await;
        hanging.push(stream);
    }
    let mut closed = 0;
    for stream in &mut hanging {
        let read = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut [0; 1])).await;
        closed += usize::from(read.is_ok());
    }
    assert!((60..100).contains(&closed), "{closed} of 100 were refused at once");
    // From another address nothing is in the way.
    let port = stage.address.port();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let through = forward(socket.connect(([127, 0, 0, 1], port).into()).await.unwrap()).await;
    let started = Instant::now();
    session(HostIdentity { console: through.to_string(), ..identity.clone() }).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    // And in the end not from the same one.
    let deadline = Instant::now() + Duration::from_secs(20);
    while session(identity.clone()).await.is_err() {
        assert!(Instant::now() < deadline, "places are given back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// An address whose first connection is continued by this one.
async fn forward(mut target: TcpStream) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut target).await;
    });
    address
}

#[tokio::test]
async fn what_is_no_tls_gets_no_answer_that_means_anything() {
    let stage = Stage::start();
    for said in [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n".as_slice(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0; 4096],
        &[0xff; 70_000],
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n",
    ] {
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        let _ = stream.write_all(said).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "the connection stays open after {:?}", &said[..8]);
        assert!(answer.len() < 16 && !answer.starts_with(b"HTTP"), "{answer:?}");
    }
    session(joined(&stage).await).await.unwrap();
}

/// A cable between two hosts, which can be cut so that neither end hears of it.
async fn cable(to: SocketAddr) -> (SocketAddr, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (cut, is_cut) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(to).await.unwrap();
            let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (near.into_split(), far.into_split());
            let mut is_cut = is_cut.clone();
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::io::copy(&mut near_in, &mut far_out) => return,
                    _ = tokio::io::copy(&mut far_in, &mut near_out) => return,
                    _ = is_cut.wait_for(|cut| *cut) => {}
                }
                // Open, and silent.
                std::future::pending::<()>().await;
            });
        }
    });
    (address, cut)
}

#[tokio::test]
async fn a_cut_cable_is_noticed_on_both_sides() {
    let stage = Stage::start();
    let identity = joined(&stage).await;
    let (through, cut) = cable(stage.address).await;
    let mut down = session(HostIdentity { console: through.to_string(), ..identity }).await.unwrap();
    // Idle connections stay.
    let idle = tokio::time::timeout(Duration::from_secs(12), down.message()).await;
    assert!(idle.is_err(), "{idle:?}");
    assert_eq!(*stage.heard.ended.borrow(), 0);
    cut.send_replace(true);
    let started = Instant::now();
    let ended: Result<Option<EngineDown>, Status> =
        tokio::time::timeout(Duration::from_secs(15), down.message()).await.expect("noticed here");
    assert!(ended.is_err(), "{ended:?}");
    let mut ends = stage.heard.ended.subscribe();
    let noticed = tokio::time::timeout(Duration::from_secs(15), ends.wait_for(|ended| *ended == 1)).await;
    assert!(noticed.is_ok(), "the console does not notice");
    assert!(started.elapsed() > Duration::from_secs(1), "it was the cable");
}
