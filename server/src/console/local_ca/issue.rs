//! What the authority signs.

use super::secret_of;
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

const ROOT_LIFE: TimeDelta = TimeDelta::days(3650);
const LIFE: TimeDelta = TimeDelta::days(90);
/// Clocks of clients may be behind.
const BACKDATED: TimeDelta = TimeDelta::days(1);
/// What is left of its life when a certificate is replaced.
const RENEWED: TimeDelta = TimeDelta::days(30);

/// A server's certificate; serialised where all around it is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Issued {
    /// PEM.
    pub chain: String,
    /// PEM.
    pub key: Secret,
    pub names: Vec<String>,
    pub not_after: DateTime<Utc>,
}

impl Issued {
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        now + RENEWED >= self.not_after
    }
}

fn time(at: DateTime<Utc>) -> Result<OffsetDateTime> {
    Ok(OffsetDateTime::from_unix_timestamp(at.timestamp())?)
}

fn valid(params: &mut CertificateParams, now: DateTime<Utc>, life: TimeDelta) -> Result<()> {
    params.not_before = time(now - BACKDATED)?;
    params.not_after = time(now + life)?;
    Ok(())
}

pub(super) fn new_root(now: DateTime<Utc>) -> Result<(String, Secret)> {
    let key = KeyPair::generate()?;
    let mut params = authority()?;
    valid(&mut params, now, ROOT_LIFE)?;
    Ok((params.self_signed(&key)?.pem(), secret_of(&key)))
}

/// What issued certificates say of who signed them.
fn authority() -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Inference Gateway local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

pub(super) fn issuer(key: &Secret) -> Result<Issuer<'static, KeyPair>> {
    Ok(Issuer::new(authority()?, KeyPair::from_pem(key.reveal())?))
}

pub(super) fn issue(
    issuer: &Issuer<'_, KeyPair>,
    names: Vec<String>,
    common_name: &str,
    now: DateTime<Utc>,
) -> Result<Issued> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.clone())?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, LIFE)?;
    let chain = params.signed_by(&key, issuer)?.pem();
    Ok(Issued { chain, key: secret_of(&key), names, not_after: now + LIFE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_before_it_ends() {
        let now = Utc::now();
        let (_, key) = new_root(now).expect("makes it");
        let issuer = issuer(&key).expect("reads it");
        let issued = issue(&issuer, vec!["*.local.gw.localhost".into(), "127.0.0.1".into()], "x", now).expect("signs");
        assert!(!issued.is_due(now) && !issued.is_due(now + TimeDelta::days(59)));
        assert!(issued.is_due(now + TimeDelta::days(60)) && issued.is_due(now + TimeDelta::days(100)));
        assert!(issued.chain.starts_with("-----BEGIN CERTIFICATE"));
    }
}
