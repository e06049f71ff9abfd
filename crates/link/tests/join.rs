//! A host joins the console that its token names, and no other.
#![allow(clippy::unwrap_used)]

mod stage;

use domain::secret::{Digest256, Secret};
use link::{Authority, HostIdentity, JoinError, JoinToken, LinkError};
use stage::{SECRET, Stage, host_id, joining};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use x509_parser::prelude::{FromDer, X509Certificate};

#[tokio::test]
async fn a_host_joins() {
    let stage = Stage::start();
    let identity = link::join(&stage.console(), &stage.token(), joining()).await.unwrap();
    assert_eq!((&identity.host_id, &identity.console), (&host_id(), &stage.console()));
    let joins = stage.heard.joins.lock().unwrap().clone();
    let [asked] = joins.as_slice() else { panic!("{joins:?}") };
    assert_eq!((asked.token.reveal(), &asked.public), (SECRET, &joining().public));
    assert!(!format!("{identity:?}").contains("PRIVATE KEY"));

    let authority = Authority::from_pem(&identity.authority, stage.heard.authority.key_pem()).unwrap();
    assert_eq!(authority.fingerprint(), stage.heard.authority.fingerprint(), "the identity names the console");
}

#[tokio::test]
async fn nothing_is_said_to_another_console() {
    let (stage, other) = (Stage::start(), Stage::start());
    let refused = link::join(&other.console(), &stage.token(), joining()).await.unwrap_err();
    assert!(matches!(refused, JoinError::Stranger { .. }), "{refused}");
    assert!(refused.to_string().contains("nothing was sent"), "{refused}");
    assert!(other.heard.joins.lock().unwrap().is_empty());

    let thief = Authority::create().unwrap();
    let mixed = Authority::from_pem(stage.heard.authority.cert_pem(), thief.key_pem());
    assert!(matches!(mixed, Err(LinkError::Mismatch)));
}

/// Shows these certificates (PEM), the first with its key, and tells whether it heard anything after the handshake.
async fn imposter(certificates: &[&str], key: &str) -> (String, tokio::task::JoinHandle<bool>) {
    let chain = certificates.iter().map(|pem| pem::parse(pem).unwrap().into_contents().into()).collect();
    let key = rustls::pki_types::PrivateKeyDer::try_from(pem::parse(key).unwrap().into_contents()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        match acceptor.accept(stream).await {
            Ok(mut stream) => stream.read_u8().await.is_ok(),
            Err(_) => false,
        }
    });
    (address, heard)
}

#[tokio::test]
async fn nothing_is_said_to_who_only_shows_the_right_authority() {
    let stage = Stage::start();
    let genuine = stage.heard.authority.cert_pem();
    // With a certificate of its own authority for the console's name.
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["console.link.inference-gateway.internal".into()]).unwrap();
    let own = own.self_signed(&key).unwrap().pem();
    // One that has joined plays the console.
    let host = link::join(&stage.console(), &stage.token(), joining()).await.unwrap();
    for (certificate, key) in [(own.as_str(), key.serialize_pem()), (&host.certificate, host.key.reveal().to_owned())] {
        let (address, heard) = imposter(&[certificate, genuine], &key).await;
        let refused = link::join(&address, &stage.token(), joining()).await.unwrap_err();
        assert!(matches!(refused, JoinError::Stranger { .. }), "{refused}");
        assert!(!heard.await.unwrap(), "something was sent");
    }
    // Nor does a host that has joined say anything to another one.
    let (address, heard) = imposter(&[&host.certificate, genuine], host.key.reveal()).await;
    let elsewhere = HostIdentity { console: address, ..host };
    assert!(link::Console::Remote(Arc::new(elsewhere)).connect().await.is_err());
    assert!(!heard.await.unwrap(), "something was sent");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_consoles_words() {
    let stage = Stage::start();
    let used = JoinToken::new(&Secret::new("used"), stage.heard.authority.fingerprint());
    let refused = link::join(&stage.console(), &used, joining()).await.unwrap_err();
    assert!(matches!(refused, JoinError::Refused { .. }), "{refused:?}");
    let sentence = "the console refused: this token was used; make a new one on the Hosts page";
    assert_eq!(refused.to_string(), sentence, "without control characters");
}

#[tokio::test]
async fn who_is_no_console_is_said_to_be_none() {
    let token = JoinToken::new(&Secret::new(SECRET), Digest256::of(b"somebody"));
    for bad in [
        "",
        "10.0.0.1",
        ":7443",
        "10.0.0.1:0",
        "10.0.0.1:99999",
        "http://10.0.0.1:7443/",
        "2001:db8::1",
        "a b:1",
        "[x]:1",
        "[::1]:x",
    ] {
        let refused = link::join(bad, &token, joining()).await.unwrap_err();
        assert!(matches!(refused, JoinError::Address { .. }), "{bad}: {refused}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let console = closed.local_addr().unwrap().to_string();
    drop(closed);
    let refused = link::join(&console, &token, joining()).await.unwrap_err();
    assert!(matches!(refused, JoinError::Unreachable { .. }), "{refused}");

    // A web server, say the console's own pages.
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let console = web.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = web.accept().await.unwrap();
        let mut hello = vec![0; 4096];
        let length = stream.read(&mut hello).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        hello.truncate(length);
        hello
    });
    let refused = link::join(&console, &token, joining()).await.unwrap_err();
    assert!(matches!(refused, JoinError::NotALink { .. }), "{refused}");
    let hello = serving.await.unwrap();
    assert!(!String::from_utf8_lossy(&hello).contains(SECRET));
}

#[tokio::test]
async fn clocks_that_differ_are_blamed_for_it() {
    let stage = Stage::start();
    let (pem, key) = (stage.heard.authority.cert_pem(), stage.heard.authority.key_pem());
    let issuer = rcgen::Issuer::from_ca_cert_pem(pem, rcgen::KeyPair::from_pem(key.reveal()).unwrap()).unwrap();
    for (from, to) in [(2001, 2002), (2901, 2902)] {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["console.link.inference-gateway.internal".into()];
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(from, 1, 1), rcgen::date_time_ymd(to, 1, 1));
        let certificate = params.signed_by(&key, &issuer).unwrap().pem();
        let (address, heard) = imposter(&[&certificate, pem], &key.serialize_pem()).await;
        let refused = link::join(&address, &stage.token(), joining()).await.unwrap_err();
        assert!(matches!(refused, JoinError::Clock { .. }), "{refused}");
        assert!(!heard.await.unwrap(), "something was sent");
    }
}

#[test]
fn an_authority_gives_the_key_a_certificate_and_nothing_else() {
    let authority = Authority::create().unwrap();
    let again = Authority::from_pem(authority.cert_pem(), authority.key_pem()).unwrap();
    assert_eq!(again.fingerprint(), authority.fingerprint());
    let key = rcgen::KeyPair::generate().unwrap();
    let mut greedy = rcgen::CertificateParams::new(vec!["console.link.inference-gateway.internal".into()]).unwrap();
    greedy.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    greedy.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    greedy.distinguished_name.push(rcgen::DnType::CommonName, "host-somebodyelse");
    let request = greedy.serialize_request(&key).unwrap().pem().unwrap();

    let signed = again.sign(&request, &host_id()).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(signed.certificate.as_bytes()).unwrap();
    assert_eq!(Digest256::of(&pem.contents), signed.fingerprint);
    let (_, certificate) = X509Certificate::from_der(&pem.contents).unwrap();
    let names: Vec<_> = certificate.subject().iter_common_name().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, [host_id().as_str()]);
    assert!(!certificate.is_ca() && certificate.subject_alternative_name().unwrap().is_none());
    let uses = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(uses.client_auth && !uses.server_auth && !uses.any);
    assert!(certificate.validity().time_to_expiration().unwrap().whole_days() > 3600);

    // Somebody else's public key in it: its signature does not fit.
    let (_, mut altered) = x509_parser::pem::parse_x509_pem(request.as_bytes()).unwrap();
    *altered.contents.last_mut().unwrap() ^= 1;
    let altered = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", altered.contents));
    for bad in ["", "no PEM", authority.cert_pem(), &altered, &"A".repeat(1 << 20)] {
        assert!(matches!(again.sign(bad, &host_id()), Err(LinkError::Request)));
    }
}

#[tokio::test]
async fn an_identity_is_kept_for_its_owner_alone() {
    let stage = Stage::start();
    let identity = link::join(&stage.console(), &stage.token(), joining()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("identity.json");
    assert_eq!(HostIdentity::load(&path).unwrap(), None);
    // Left behind by one who was interrupted, for everybody to read.
    std::fs::write(path.with_extension("new"), "half").unwrap();
    identity.save(&path).unwrap();
    assert_eq!(HostIdentity::load(&path).unwrap().as_ref(), Some(&identity));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(HostIdentity::load(&path), Err(LinkError::Open { .. })));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for damaged in [&text[..text.len() / 2], "", "{}", "null"] {
        std::fs::write(&path, damaged).unwrap();
        let said = HostIdentity::load(&path).unwrap_err().to_string();
        assert!(said.contains("join") && !said.contains("PRIVATE"), "{said}");
    }
    assert!(identity.save(&folder.path().join("nowhere/identity.json")).is_err());
}

#[tokio::test]
async fn a_console_that_takes_the_connection_and_says_nothing_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let console = silent.local_addr().unwrap().to_string();
    let token = JoinToken::new(&Secret::new(SECRET), Digest256::of(b"somebody"));
    let asked = tokio::time::timeout(Duration::from_secs(20), link::join(&console, &token, joining())).await;
    let refused = asked.expect("an end").unwrap_err();
    assert!(matches!(refused, JoinError::Slow { .. }), "{refused}");
}
