//! Private keys.

use domain::certificate::KeyKind;
use domain::secret::Secret;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use x509_parser::der_parser::{asn1_rs::Tag, parse_der};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

/// A private key that is whole DER, at least outside.
pub(super) struct Key {
    der: PrivateKeyDer<'static>,
    tag: &'static str,
    /// The bits of the public key, if the engine can sign with this one.
    public: Option<Vec<u8>>,
}

/// rsaEncryption and id-ecPublicKey as DER has them.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

impl Key {
    /// `tag` is PEM's. `None` for what is no private key's tag or not one whole DER sequence.
    pub fn new(tag: &str, der: Vec<u8>) -> Option<Self> {
        if !is_sequence(&der) {
            return None;
        }
        let (tag, der) = match tag {
            "PRIVATE KEY" => ("PRIVATE KEY", PrivatePkcs8KeyDer::from(der).into()),
            "RSA PRIVATE KEY" => ("RSA PRIVATE KEY", PrivatePkcs1KeyDer::from(der).into()),
            "EC PRIVATE KEY" => ("EC PRIVATE KEY", PrivateSec1KeyDer::from(der).into()),
            _ => return None,
        };
        let public = public_of(&der);
        Some(Self { der, tag, public })
    }

    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.public, &other.public) {
            (Some(own), Some(other)) => own == other,
            _ => self.der == other.der,
        }
    }

    pub fn public(&self) -> Option<&[u8]> {
        self.public.as_deref()
    }

    pub fn der(&self) -> &PrivateKeyDer<'static> {
        &self.der
    }

    pub fn pem(&self) -> Secret {
        Secret::new(super::pem_text::encode(self.tag, self.der.secret_der()))
    }

    /// What it seems to be, where the engine can't sign with it.
    pub fn kind(&self) -> Option<KeyKind> {
        let bytes = self.der.secret_der();
        let has = |oid: &[u8]| bytes.windows(oid.len()).take(32).any(|window| window == oid);
        match self.tag {
            "RSA PRIVATE KEY" => Some(KeyKind::Rsa),
            "EC PRIVATE KEY" => Some(KeyKind::Ecdsa),
            _ if has(RSA) => Some(KeyKind::Rsa),
            _ if has(EC) => Some(KeyKind::Ecdsa),
            _ => None,
        }
    }
}

/// Asks the library that the engine signs with, so that nothing is accepted here that fails there.
fn public_of(der: &PrivateKeyDer<'static>) -> Option<Vec<u8>> {
    let key = rustls::crypto::ring::sign::any_supported_type(der).ok()?;
    let info = key.public_key()?;
    let (_, info) = SubjectPublicKeyInfo::from_der(info.as_ref()).ok()?;
    Some(info.subject_public_key.data.to_vec())
}

pub(super) fn is_sequence(der: &[u8]) -> bool {
    parse_der(der).is_ok_and(|(rest, object)| rest.is_empty() && object.header.tag() == Tag::Sequence)
}
