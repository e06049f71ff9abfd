//! Keys and certificates that are made here: requests to an authority, and answers to TLS-ALPN-01.

use domain::certificate::IssueFailure;
use domain::secret::Secret;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use sha2::{Digest, Sha256};

/// A request for a certificate (PKCS#10), and the key that it will be for.
#[derive(Clone, Debug)]
pub struct Request {
    /// DER.
    pub csr: Vec<u8>,
    /// PEM, PKCS#8, ECDSA P-256.
    pub key: Secret,
}

impl Request {
    /// With a new key each time. `names` are DNS names (wildcards among them) or IP addresses.
    pub fn new(names: &[String]) -> Result<Self, IssueFailure> {
        let make = || {
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::new(names)?;
            params.distinguished_name = DistinguishedName::new();
            let csr = params.serialize_request(&key)?.der().to_vec();
            Ok(Self { csr, key: Secret::new(key.serialize_pem()) })
        };
        make().map_err(|_: rcgen::Error| IssueFailure::Request)
    }
}

/// The certificate with which a server answers TLS-ALPN-01 (RFC 8737) on connections that ask for the protocol
/// `acme-tls/1`. For rustls: `CertifiedKey::new`; `from_der` refuses the critical extension that makes it what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlpnCertificate {
    /// DER and PEM of the same.
    pub certificate_der: Vec<u8>,
    pub certificate_pem: String,
    /// PEM, PKCS#8.
    pub key: Secret,
}

impl AlpnCertificate {
    pub const PROTOCOL: &'static [u8] = b"acme-tls/1";

    pub fn new(domain: &str, key_authorization: &str) -> Result<Self, IssueFailure> {
        let make = || {
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::new([domain.to_owned()])?;
            let digest: [u8; 32] = Sha256::digest(key_authorization).into();
            params.custom_extensions = vec![CustomExtension::new_acme_identifier(&digest)];
            let certificate = params.self_signed(&key)?;
            Ok(Self {
                certificate_der: certificate.der().to_vec(),
                certificate_pem: certificate.pem(),
                key: Secret::new(key.serialize_pem()),
            })
        };
        make().map_err(|_: rcgen::Error| IssueFailure::Request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate, X509CertificationRequest};

    #[test]
    fn a_request_has_its_names_and_is_signed_with_its_key() {
        let names = ["example.com".to_owned(), "*.example.com".to_owned()];
        let request = Request::new(&names).unwrap();
        let (_, parsed) = X509CertificationRequest::from_der(&request.csr).unwrap();
        assert!(parsed.verify_signature().is_ok());
        let found: Vec<String> = parsed
            .requested_extensions()
            .unwrap()
            .filter_map(|extension| match extension {
                ParsedExtension::SubjectAlternativeName(all) => Some(all.general_names.clone()),
                _ => None,
            })
            .flatten()
            .map(|name| match name {
                GeneralName::DNSName(name) => name.to_owned(),
                other => other.to_string(),
            })
            .collect();
        assert_eq!(found, names);
        let key = KeyPair::from_pem(request.key.reveal()).unwrap();
        assert_eq!(parsed.certification_request_info.subject_pki.subject_public_key.data, key.public_key_raw());
        assert_ne!(Request::new(&names).unwrap().key, request.key);
        assert!(!format!("{request:?}").contains("PRIVATE"));
    }

    #[test]
    fn names_that_fit_no_certificate_are_refused() {
        assert!(matches!(Request::new(&["bücher.example".to_owned()]), Err(IssueFailure::Request)));
    }

    #[test]
    fn the_answer_carries_the_digest_in_a_critical_extension() {
        let answer = AlpnCertificate::new("a.example.com", "token.thumbprint").unwrap();
        let (_, parsed) = X509Certificate::from_der(&answer.certificate_der).unwrap();
        let is_acme = |extension: &&_| -> bool {
            let extension: &x509_parser::prelude::X509Extension<'_> = extension;
            extension.oid.to_id_string() == "1.3.6.1.5.5.7.1.31"
        };
        let extension = parsed.extensions().iter().find(is_acme).unwrap();
        // An OCTET STRING of 32 bytes.
        let wanted = [&[0x04, 0x20], Sha256::digest("token.thumbprint").as_slice()].concat();
        assert!(extension.critical && extension.value == wanted);
        let names = parsed.subject_alternative_name().unwrap().unwrap();
        assert_eq!(names.value.general_names, [GeneralName::DNSName("a.example.com")]);
    }
}
