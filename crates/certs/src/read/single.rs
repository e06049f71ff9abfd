//! One certificate of a chain.

use super::facts::{Public, public};
use chrono::{DateTime, Utc};
use domain::certificate::{CertificateDefect, tame};
use x509_parser::error::X509Error;
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};
use x509_parser::signature_algorithm::RsaSsaPssParams;

pub(super) struct Single<'a> {
    /// In the file, from 1.
    pub position: usize,
    pub der: &'a [u8],
    pub parsed: X509Certificate<'a>,
    pub public: Public,
}

impl<'a> Single<'a> {
    /// `None` if it is not a whole X.509 certificate with extensions that can be read.
    pub fn parse(position: usize, der: &'a [u8]) -> Option<Self> {
        let (rest, parsed) = X509Certificate::from_der(der).ok()?;
        let readable = rest.is_empty()
            && parsed.basic_constraints().is_ok()
            && parsed.subject_alternative_name().is_ok()
            && parsed.extended_key_usage().is_ok()
            && DateTime::from_timestamp(parsed.validity().not_before.timestamp(), 0).is_some()
            && DateTime::from_timestamp(parsed.validity().not_after.timestamp(), 0).is_some();
        let public = public(parsed.public_key());
        readable.then_some(Self { position, der, parsed, public })
    }

    pub fn subject(&self) -> String {
        tame(&self.parsed.subject().to_string())
    }

    pub fn issuer(&self) -> String {
        tame(&self.parsed.issuer().to_string())
    }

    pub fn not_before(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.parsed.validity().not_before.timestamp(), 0).unwrap_or_default()
    }

    pub fn not_after(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.parsed.validity().not_after.timestamp(), 0).unwrap_or_default()
    }

    pub fn has_key(&self, public: &[u8]) -> bool {
        self.parsed.public_key().subject_public_key.data.as_ref() == public
    }

    pub fn is_authority(&self) -> bool {
        self.parsed.is_ca()
    }

    /// Roots of the first version have no extensions that could say it.
    pub fn may_issue(&self) -> bool {
        self.parsed.is_ca() || self.parsed.version() != X509Version::V3
    }

    pub fn is_named_issuer_of(&self, child: &Single<'_>) -> bool {
        self.parsed.subject().as_raw() == child.parsed.issuer().as_raw()
    }

    /// `None` where the signature is one that can't be checked here: of an old or a rare algorithm, or by a weak key,
    /// which is a defect of its own.
    pub fn signed(&self, child: &Single<'_>) -> Option<bool> {
        if self.public.is_weak() {
            return None;
        }
        match child.parsed.verify_signature(Some(self.parsed.public_key())) {
            Ok(()) => Some(true),
            Err(X509Error::SignatureUnsupportedAlgorithm) => None,
            Err(_) => Some(false),
        }
    }

    pub fn is_self_signed(&self) -> bool {
        self.is_named_issuer_of(self) && self.signed(self) != Some(false)
    }

    /// What can be wrong with any certificate of a chain. Nobody checks the signature of a root.
    pub fn defects(&self, now: DateTime<Utc>, is_leaf: bool) -> Vec<CertificateDefect> {
        let mut defects = Vec::new();
        if now > self.not_after() {
            defects.push(CertificateDefect::Expired { subject: self.subject(), on: self.not_after() });
        }
        if now < self.not_before() {
            defects.push(CertificateDefect::NotYetValid { subject: self.subject(), from: self.not_before() });
        }
        if self.public.is_weak() {
            let Public { kind, bits } = self.public;
            defects.push(CertificateDefect::WeakKey { subject: self.subject(), kind, bits });
        }
        if let Some(algorithm) = self.weak_signature().filter(|_| is_leaf || !self.is_named_issuer_of(self)) {
            defects.push(CertificateDefect::WeakSignature { subject: self.subject(), algorithm: algorithm.into() });
        }
        defects
    }

    fn weak_signature(&self) -> Option<&'static str> {
        let algorithm = &self.parsed.signature_algorithm;
        match algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.2" => Some("MD2"),
            "1.2.840.113549.1.1.4" => Some("MD5"),
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => Some("SHA-1"),
            "1.2.840.113549.1.1.10" => {
                let parameters = algorithm.parameters.as_ref().and_then(|any| RsaSsaPssParams::try_from(any).ok());
                let hash = parameters.map(|parameters| parameters.hash_algorithm_oid().to_id_string());
                // The default, if nothing is said.
                hash.is_none_or(|hash| hash == "1.3.14.3.2.26").then_some("SHA-1")
            }
            _ => None,
        }
    }

    /// What can be wrong with a server's certificate only.
    pub fn leaf_defects(&self, names: usize) -> Vec<CertificateDefect> {
        let subject = || self.subject();
        let mut defects = Vec::new();
        if self.is_authority() {
            defects.push(CertificateDefect::LeafIsAuthority { subject: subject() });
        }
        let usage = self.parsed.extended_key_usage().ok().flatten();
        if usage.is_some_and(|usage| !usage.value.server_auth && !usage.value.any) {
            defects.push(CertificateDefect::NotForServers { subject: subject() });
        }
        if names == 0 {
            defects.push(CertificateDefect::NoNames { subject: subject() });
        }
        if !self.public.is_weak() && !self.public.is_served() {
            defects.push(CertificateDefect::KeyUnsupported { kind: self.public.kind });
        }
        defects
    }
}
