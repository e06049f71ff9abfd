//! The certificate that all of them show: ECDSA on P-256, self-signed.

use super::{HOSTS, host};
use rcgen::{CertificateParams, KeyPair};

pub struct Certificate {
    pub chain: String,
    pub key: String,
}

impl Certificate {
    pub fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let chain = CertificateParams::new((0..HOSTS).map(host).collect::<Vec<_>>())?.self_signed(&key)?.pem();
        Ok(Self { chain, key: key.serialize_pem() })
    }
}
