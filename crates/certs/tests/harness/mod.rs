//! Authorities and certificates that tests make themselves.
#![allow(dead_code, clippy::unwrap_used)]

pub mod openssl;
pub mod pebble;
pub mod solver;

use certs::{Certificate, Upload, read};
use chrono::{DateTime, Utc};
use domain::certificate::{CertificateDefect, CertificateDefects};
use domain::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// A certificate, its key, and what it needs to sign others.
pub struct Made {
    pub pem: String,
    pub der: Vec<u8>,
    pub key: KeyPair,
    params: CertificateParams,
}

impl Made {
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

pub fn params(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = time::OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
    params.not_after = time::OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    params
}

/// Inside the validity of all that is made here.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

pub fn authority(common_name: &str, signer: Option<&Made>) -> Made {
    let mut params = params(common_name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    sign(params, signer)
}

pub fn server(name: &str, signer: Option<&Made>) -> Made {
    let mut params = params(name, &[name]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    sign(params, signer)
}

/// Self-signed without a signer.
pub fn sign(params: CertificateParams, signer: Option<&Made>) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = match signer {
        Some(signer) => params.signed_by(&key, &Issuer::from_params(&signer.params, &signer.key)).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    Made { pem: certificate.pem(), der: certificate.der().to_vec(), key, params }
}

/// Root, intermediate and a server's certificate for `www.example.com`.
pub struct Chain {
    pub root: Made,
    pub middle: Made,
    pub leaf: Made,
}

pub fn chain() -> Chain {
    let root = authority("Root", None);
    let middle = authority("Middle", Some(&root));
    let leaf = server("www.example.com", Some(&middle));
    Chain { root, middle, leaf }
}

pub fn upload(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Certificate, CertificateDefects> {
    with_password(certificate, key, "")
}

pub fn with_password(
    certificate: impl AsRef<[u8]>,
    key: impl AsRef<[u8]>,
    password: &str,
) -> Result<Certificate, CertificateDefects> {
    at(certificate, key, password, now())
}

pub fn at(
    certificate: impl AsRef<[u8]>,
    key: impl AsRef<[u8]>,
    password: &str,
    now: DateTime<Utc>,
) -> Result<Certificate, CertificateDefects> {
    let upload = Upload {
        certificate: certificate.as_ref().to_vec(),
        key: key.as_ref().to_vec(),
        password: Secret::new(password),
    };
    read(&upload, now)
}

pub fn defects(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Vec<CertificateDefect> {
    upload(certificate, key).expect_err("must be refused").0
}
