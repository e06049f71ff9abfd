//! Certificates and clients that look at them.

use super::Client;
use domain::id::{CertificateId, RANDOM_LEN};
use domain::secret::Secret;
use domain::snapshot::{CertificateConfig, Resource};
use rcgen::{CertificateParams, KeyPair};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, HandshakeKind, SignatureScheme, SupportedProtocolVersion};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A self-signed certificate, and its DER form to compare.
pub struct Made {
    pub config: CertificateConfig,
    pub der: CertificateDer<'static>,
}

impl Made {
    pub fn new(number: u8, names: &[&str], fallback: bool) -> Self {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let cert = CertificateParams::new(names.clone()).unwrap().self_signed(&key).unwrap();
        Self::of(number, names, fallback, &cert, &key)
    }

    fn of(number: u8, names: Vec<String>, fallback: bool, cert: &rcgen::Certificate, key: &KeyPair) -> Self {
        let config = CertificateConfig {
            id: CertificateId::from_random([number; RANDOM_LEN]),
            names,
            fallback,
            chain: cert.pem(),
            key: Secret::new(key.serialize_pem()),
        };
        Self { config, der: cert.der().clone() }
    }

    /// An authority, and what it signed as public ones would: for less than a year, with all that is asked for.
    pub fn for_a_year(number: u8, name: &str) -> (String, Self) {
        use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose};
        let key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = root.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(root, key);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let (now, day) = (std::time::SystemTime::now(), std::time::Duration::from_secs(86_400));
        (params.not_before, params.not_after) = ((now - day).into(), (now + 300 * day).into());
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let cert = params.signed_by(&key, &issuer).unwrap();
        (pem, Self::of(number, vec![name.to_owned()], true, &cert, &key))
    }

    /// An authority, and what it signed for a client.
    pub fn authority_and_client() -> (String, Self) {
        let key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let pem = root.self_signed(&key).unwrap().pem();
        let issuer = rcgen::Issuer::new(root, key);
        let own = KeyPair::generate().unwrap();
        let mut client = CertificateParams::new(vec!["client".into()]).unwrap();
        client.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let cert = client.signed_by(&own, &issuer).unwrap();
        let mut made = Self::new(9, &["client"], false);
        made.config.key = Secret::new(own.serialize_pem());
        made.der = cert.der().clone();
        (pem, made)
    }

    pub fn resource(&self) -> Resource {
        Resource::Certificate(self.config.clone())
    }
}

/// Takes any certificate: which one is shown is what tests ask.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>, Lenient);

/// The library checks no signature by a certificate that shows a proof: its critical extension is nothing that it knows.
type Lenient = bool;

impl ServerCertVerifier for Anything {
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
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        let seen = rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms);
        if self.1 { Ok(HandshakeSignatureValid::assertion()) } else { seen }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        let seen = rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms);
        if self.1 { Ok(HandshakeSignatureValid::assertion()) } else { seen }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Remembers sessions.
pub struct Browser(Arc<ClientConfig>);

impl Browser {
    pub fn new(versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::speaking(versions, b"http/1.1")
    }

    pub fn speaking_http2(versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::speaking(versions, b"h2")
    }

    /// As a certificate authority that wants to see a proof.
    pub fn asking_for_proof(version: &'static SupportedProtocolVersion) -> Self {
        Self::speaking(&[version], b"acme-tls/1")
    }

    fn speaking(versions: &[&'static SupportedProtocolVersion], protocol: &[u8]) -> Self {
        Self::with(versions, protocol, None)
    }

    /// With this certificate, if it is asked for one.
    pub fn showing(made: &Made) -> Self {
        Self::with(&[&rustls::version::TLS13], b"http/1.1", Some(made))
    }

    fn with(versions: &[&'static SupportedProtocolVersion], protocol: &[u8], shown: Option<&Made>) -> Self {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(versions)
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anything(provider, protocol == b"acme-tls/1")));
        let mut config = match shown {
            None => config.with_no_client_auth(),
            Some(made) => {
                let key = PrivateKeyDer::from_pem_slice(made.config.key.reveal().as_bytes()).unwrap();
                config.with_client_auth_cert(vec![made.der.clone()], key).unwrap()
            }
        };
        config.resumption = Resumption::in_memory_sessions(16);
        config.alpn_protocols = vec![protocol.to_vec()];
        Self(Arc::new(config))
    }

    pub fn config(&self) -> Arc<ClientConfig> {
        self.0.clone()
    }

    pub async fn connect(&self, address: SocketAddr, name: &str) -> std::io::Result<Shown> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let stream = TlsConnector::from(self.0.clone()).connect(name, stream).await?;
        Ok(Shown { stream })
    }
}

pub struct Shown {
    stream: TlsStream<TcpStream>,
}

impl Shown {
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
    }

    pub fn is_resumed(&self) -> bool {
        self.stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    pub fn into_stream(self) -> TlsStream<TcpStream> {
        self.stream
    }

    pub fn client(self) -> Client {
        Client::over(self.stream)
    }
}
