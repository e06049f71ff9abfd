//! Who vouches for the console and for the hosts that have joined it: an authority of the link's own, that nobody else
//! trusts.

use crate::{Fingerprint, LinkError, tls};
use domain::id::HostId;
use domain::secret::{Digest256, Secret};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};

/// Membership is the row with the fingerprint that the console looks up, not a date.
const LIFE: Duration = Duration::days(3650);
/// Clocks of hosts may be behind.
const BACKDATED: Duration = Duration::days(1);
/// Bytes; one of ours has 400.
const LONGEST_REQUEST: usize = 16 * 1024;

pub struct Authority {
    pem: String,
    key: Secret,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// What a host that joins gets.
pub struct Signed {
    /// PEM.
    pub certificate: String,
    pub fingerprint: Fingerprint,
}

/// What the console shows while it runs.
pub(crate) struct ConsoleIdentity {
    pub certificate: CertificateDer<'static>,
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    pub fn create() -> Result<Self, LinkError> {
        let mut params = named("Inference Gateway link authority")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Self::from_pem(&pem, &Secret::new(key.serialize_pem()))
    }

    /// As they were given by [`Authority::cert_pem`] and [`Authority::key_pem`].
    pub fn from_pem(certificate: &str, key: &Secret) -> Result<Self, LinkError> {
        let der = tls::certificate(certificate, "the authority's certificate")?;
        let private = tls::private_key(key, "the authority's key")?;
        CertifiedKey::from_der(vec![der.clone()], private, &tls::provider()).map_err(|_| LinkError::Mismatch)?;
        let issuer = Issuer::from_ca_cert_der(&der, KeyPair::from_pem(key.reveal())?)?;
        Ok(Self { pem: certificate.to_owned(), key: key.clone(), certificate: der, issuer })
    }

    /// Public.
    pub fn cert_pem(&self) -> &str {
        &self.pem
    }

    pub fn key_pem(&self) -> &Secret {
        &self.key
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Digest256::of(&self.certificate)
    }

    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A certificate to call with, for the key that the request (PEM) proves to have; nothing else that it asks for is
    /// granted.
    ///
    /// # Errors
    /// [`LinkError::Request`] where it cannot be used.
    pub fn sign(&self, csr: &str, host: &HostId) -> Result<Signed, LinkError> {
        if csr.len() > LONGEST_REQUEST {
            return Err(LinkError::Request);
        }
        // Verifies its signature.
        let asked = CertificateSigningRequestParams::from_pem(csr).map_err(|_| LinkError::Request)?;
        let mut params = named(host.as_str())?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let granted = CertificateSigningRequestParams { params, public_key: asked.public_key };
        let certificate = granted.signed_by(&self.issuer)?;
        Ok(Signed { fingerprint: Digest256::of(certificate.der()), certificate: certificate.pem() })
    }

    /// Made anew at each start and never kept.
    pub(crate) fn console(&self) -> Result<ConsoleIdentity, LinkError> {
        let mut params = named("Inference Gateway console")?;
        params.subject_alt_names = vec![rcgen::SanType::DnsName(tls::CONSOLE.try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.der().clone();
        let key = tls::private_key(&Secret::new(key.serialize_pem()), "the console's key")?;
        Ok(ConsoleIdentity { certificate, key })
    }
}

fn named(common_name: &str) -> Result<CertificateParams, LinkError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let now = OffsetDateTime::now_utc();
    params.not_before = now - BACKDATED;
    params.not_after = now + LIFE;
    Ok(params)
}
