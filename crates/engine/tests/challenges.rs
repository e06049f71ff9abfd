//! What certificate authorities look for is shown to whoever asks for exactly that, and to nobody else.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::secret::Secret;
use domain::snapshot::{ChallengeConfig, Delta, ListenerConfig, Proof, Resource, Scheme, TlsPolicy};
use harness::tls::{Browser, Made};
use harness::{Client, HOST, World, free_address, gateway};
use link::message::EngineDown;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::version::{TLS12, TLS13};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const TOKEN: &str = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA";

fn http(host: &str, token: &str) -> Resource {
    let proof = Proof::Http { token: token.into(), answer: format!("{token}.thumb") };
    Resource::Challenge(ChallengeConfig { host: host.into(), proof })
}

/// And its DER.
fn tls(host: &str) -> (Resource, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(&[7; 32])];
    let made = params.self_signed(&key).unwrap();
    let proof = Proof::Tls { certificate: made.pem(), key: Secret::new(key.serialize_pem()) };
    (Resource::Challenge(ChallengeConfig { host: host.into(), proof }), made.der().to_vec())
}

/// Status, and the body or its code.
async fn ask(client: &mut Client, method: &str, host: &str, path: &str) -> (u16, String) {
    let answer = client.head(&format!("{method} {path} HTTP/1.1"), &format!("Host: {host}\r\n")).await;
    let is_json = answer.headers.get("content-type").is_some_and(|kind| kind == "application/json");
    (answer.status, if is_json { answer.code() } else { answer.body.clone() })
}

fn path(token: &str) -> String {
    format!("/.well-known/acme-challenge/{token}")
}

#[tokio::test]
async fn in_clear_before_whitelist_and_redirection_and_for_hosts_of_nobody() {
    let mut world = World::new().await;
    let mut closed = gateway(world.own, &[]);
    closed.tls = TlsPolicy { redirect_to_port: Some(443), ..TlsPolicy::default() };
    world.put(Resource::Gateway(closed)).await;
    let mut client = world.client().await;
    let before = ask(&mut client, "GET", HOST, &path(TOKEN)).await;
    assert_eq!(before, (403, "SourceNotAllowed".into()));
    let nobody = ask(&mut client, "GET", "new.example", &path(TOKEN)).await;
    assert_eq!(nobody, (404, "NoSuchGateway".into()));

    for host in [HOST, "new.example"] {
        world.put(http(host, TOKEN)).await;
        // On the connection that was refused before, too.
        let proven = (200, format!("{TOKEN}.thumb"));
        assert_eq!(ask(&mut client, "GET", host, &path(TOKEN)).await, proven);
        assert_eq!(ask(&mut client, "GET", &format!("{}:80", host.to_uppercase()), &path(TOKEN)).await, proven);
    }
    // On a port of the gateway's own as well.
    let mut own = Client::connect(world.own).await;
    assert_eq!(ask(&mut own, "GET", HOST, &path(TOKEN)).await.0, 200);

    for (method, host, path) in [
        ("GET", HOST, path("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oB")),
        ("GET", HOST, path(&TOKEN.to_lowercase())),
        ("GET", HOST, path(&format!("{TOKEN}/"))),
        ("GET", HOST, path(&format!("x/../{TOKEN}"))),
        ("GET", HOST, path(&format!("{TOKEN}?x"))),
        ("GET", HOST, path(&TOKEN.replace('-', "%2d"))),
        ("GET", HOST, format!("/.well-known//acme-challenge/{TOKEN}")),
        ("GET", HOST, path("")),
        ("GET", HOST, "/".into()),
        ("POST", HOST, path(TOKEN)),
    ] {
        let mut client = world.client().await;
        let (status, said) = ask(&mut client, method, host, &path).await;
        assert_eq!((status, said.as_str()), (403, "SourceNotAllowed"), "{method} {path}");
    }
    for host in ["gw.example.test", "other.example", "w.example"] {
        let said = ask(&mut world.client().await, "GET", host, &path(TOKEN)).await;
        assert_eq!(said, (404, "NoSuchGateway".into()), "{host}");
    }

    // One of two is taken away; the other stays.
    world.put(http(HOST, "second")).await;
    let gone = http(HOST, TOKEN).key();
    world.change(|snapshot| assert!(snapshot.remove(&gone))).await;
    assert_eq!(ask(&mut client, "GET", HOST, &path(TOKEN)).await, before);
    assert_eq!(ask(&mut client, "GET", HOST, &path("second")).await, (200, "second.thumb".into()));
}

#[tokio::test]
async fn over_tls_to_who_offers_that_protocol_alone() {
    let mut world = World::new().await;
    let address: SocketAddr = free_address();
    let made = Made::new(1, &[HOST], true);
    let mut closed = gateway(world.own, &[]);
    let (authority, _) = Made::authority_and_client();
    // An authority shows no certificate of its own.
    closed.tls.client_authorities = Some(authority);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(made.resource());
            snapshot.put(Resource::Gateway(closed));
        })
        .await;
    let looks = Browser::asking_for_proof;
    assert!(looks(&TLS13).connect(address, HOST).await.is_err(), "there is no such protocol without a challenge");
    for host in [HOST, "new.example"] {
        let (challenge, der) = tls(host);
        world.put(challenge.clone()).await;
        for version in [&TLS12, &TLS13] {
            let shown = looks(version).connect(address, host).await.unwrap();
            assert_eq!(shown.certificate().as_ref(), der, "{version:?}");
            // And nothing else is said.
            let mut stream = shown.into_stream();
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: gw.example\r\n\r\n").await;
            let mut said = Vec::new();
            let _ = stream.read_to_end(&mut said).await;
            assert!(said.is_empty(), "{said:?}");
        }
        assert!(looks(&TLS13).connect(address, "other.example").await.is_err());
        let visitor = Browser::new(&[&TLS13]).connect(address, "new.example").await.unwrap();
        assert_eq!(visitor.certificate(), made.der, "visitors see what they saw before");
        world.change(|snapshot| assert!(snapshot.remove(&challenge.key()))).await;
        assert!(looks(&TLS13).connect(address, host).await.is_err());
    }
}

#[tokio::test]
async fn who_says_nothing_holds_up_nobody() {
    let mut world = World::new().await;
    let address: SocketAddr = free_address();
    let made = Made::new(1, &[HOST], true);
    let (challenge, der) = tls(HOST);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(made.resource());
            snapshot.put(challenge);
        })
        .await;
    let mut silent = Vec::new();
    for beginning in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        silent.push(stream);
    }
    let shown = Browser::asking_for_proof(&TLS13).connect(address, HOST).await.unwrap();
    assert_eq!(shown.certificate().as_ref(), der);
    let mut visitor = Browser::new(&[&TLS13]).connect(address, HOST).await.unwrap().client();
    assert_eq!(visitor.head("GET / HTTP/1.1", &format!("Host: {HOST}\r\n")).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_its_name() {
    let world = World::new().await;
    let (good, _) = tls(HOST);
    let Resource::Challenge(ChallengeConfig { proof: Proof::Tls { certificate, .. }, .. }) = good else { panic!() };
    let keyless = Proof::Tls { certificate, key: Secret::new("nonsense") };
    for (resource, named) in [
        (http("*.example", TOKEN), "challenge"),
        (http("Gw.Example", TOKEN), "Gw.Example"),
        (http(HOST, "../../etc/passwd"), "base64url"),
        (http(HOST, ""), "base64url"),
        (Resource::Challenge(ChallengeConfig { host: HOST.into(), proof: keyless }), "TLS challenge for gw.example"),
    ] {
        let mut next = world.snapshot.clone();
        next.put(resource);
        next.version += 1;
        world.console.forget();
        world.console.send(EngineDown::Config(Delta::between(&world.snapshot, &next))).await;
        let reason = world.console.refused(next.version).await;
        assert!(reason.contains(named), "{reason}");
        world.console.forget();
    }
}
