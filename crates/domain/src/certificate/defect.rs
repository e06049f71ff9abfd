//! What can be wrong with a certificate that somebody uploads.

use super::KeyKind;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One defect. Positions count from 1, in the order of the file; subjects are tamed (`super::tame`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CertificateDefect {
    #[error("the file is longer than {max} bytes; upload only the certificate, its issuers and the key")]
    TooLarge { max: usize },
    #[error("the file has {count} certificates, more than {max}; keep the server's and its issuers'")]
    TooManyCertificates { max: usize, count: usize },
    #[error(
        "this is neither PEM nor PKCS#12; upload a text that starts with -----BEGIN CERTIFICATE-----, or a .p12 or .pfx file"
    )]
    Garbage,
    #[error(
        "this is a binary certificate or key; upload PKCS#12 with its password, or convert it: openssl x509 -inform der -in FILE -out FILE.pem"
    )]
    Binary,
    #[error("block {position} of the text is damaged or cut off; copy it again, with its BEGIN and END lines")]
    BrokenPem { position: usize },
    #[error("there is no certificate in the file; add it, starting with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    #[error("this is a certificate request; upload the certificate that the authority sent back for it")]
    IsRequest,
    #[error("certificate {position} can't be read; download it again from the authority")]
    CertificateUnreadable { position: usize },
    #[error("there is no private key; add it, starting with -----BEGIN PRIVATE KEY-----")]
    NoKey,
    #[error("there are {count} different private keys; keep the one that belongs to the certificate")]
    SeveralKeys { count: usize },
    #[error("the private key can't be read; export it again as PKCS#8: openssl pkcs8 -topk8 -nodes -in FILE")]
    KeyUnreadable,
    #[error(
        "the private key is encrypted; decrypt it first (openssl pkey -in FILE -out FILE.plain), or upload PKCS#12 with its password"
    )]
    KeyEncrypted,
    #[error(
        "a key of this kind or size ({kind}) can't be served; use RSA with 2048 to 4096 bits, ECDSA P-256 or P-384, or Ed25519"
    )]
    KeyUnsupported { kind: KeyKind },
    #[error("the private key does not belong to this certificate; upload the key that its request was made with")]
    KeyMismatch,
    #[error("certificate {position} ({subject}) is the server's; put it first, its issuers after it")]
    LeafNotFirst { position: usize, subject: String },
    #[error("certificate {position} should be that of {issuer}, which is certificate {found}; put it there")]
    WrongOrder { position: usize, issuer: String, found: usize },
    #[error(
        "certificate {position} ({subject}) did not issue the one before it; add that of {issuer} in its place, or remove what follows"
    )]
    IssuerMissing { position: usize, subject: String, issuer: String },
    #[error(
        "certificate {position} ({subject}) has the right name, but another key than the one before it was signed with; download the chain again"
    )]
    SignatureWrong { position: usize, subject: String },
    #[error(
        "certificate {position} ({subject}) is not an authority's and can't issue others; replace it by the issuer's"
    )]
    IssuerNotAuthority { position: usize, subject: String },
    #[error("certificate {position} ({subject}) follows a self-signed one, which needs no issuer; remove it")]
    Surplus { position: usize, subject: String },
    #[error("certificate {position} is in the file already; remove it here")]
    Duplicate { position: usize },
    #[error("the certificate {subject} expired on {}; renew it and upload the new one", .on.format("%Y-%m-%d %H:%M UTC"))]
    Expired { subject: String, on: DateTime<Utc> },
    #[error(
        "the certificate {subject} is valid from {} on; upload it then, or set this host's clock",
        .from.format("%Y-%m-%d %H:%M UTC")
    )]
    NotYetValid { subject: String, from: DateTime<Utc> },
    #[error(
        "the key of {subject} is too weak ({kind}, {bits} bits); get a certificate for RSA with 2048 bits or more, or ECDSA P-256"
    )]
    WeakKey { subject: String, kind: KeyKind, bits: u16 },
    #[error(
        "the certificate {subject} is signed with {algorithm}, which clients refuse; have it issued again with SHA-256"
    )]
    WeakSignature { subject: String, algorithm: String },
    #[error(
        "the first certificate ({subject}) is an authority's (CA:TRUE); upload one that was issued for a server, with CA:FALSE"
    )]
    LeafIsAuthority { subject: String },
    #[error("the certificate {subject} is not for servers; get one with the extended key usage serverAuth")]
    NotForServers { subject: String },
    #[error(
        "the certificate {subject} names no host in its subject alternative names, the only ones that clients look at; have it issued with them"
    )]
    NoNames { subject: String },
    #[error("the password does not open this file; enter the one that it was exported with")]
    Password,
    #[error(
        "this PKCS#12 file is damaged or uses an encryption that can't be read; export it again: openssl pkcs12 -export -in FILE.pem -out FILE.p12"
    )]
    Pkcs12,
    #[error("a PKCS#12 file holds certificate and key already; choose it alone")]
    Pkcs12Alone,
    #[error("another PKCS#12 file is being read just now; try again in a minute")]
    Busy,
}

impl CertificateDefect {
    /// The stable name of this defect, for logs and programs.
    pub fn code(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.get("code")?.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// All that is wrong with an upload, at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateDefects(pub Vec<CertificateDefect>);

impl std::fmt::Display for CertificateDefects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, defect) in self.0.iter().enumerate() {
            write!(f, "{}{defect}", if at == 0 { "" } else { ". " })?;
        }
        Ok(())
    }
}

impl std::error::Error for CertificateDefects {}

impl From<CertificateDefect> for CertificateDefects {
    fn from(defect: CertificateDefect) -> Self {
        Self(vec![defect])
    }
}

/// What an operator should know of a certificate that can be served all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CertificateWarning {
    #[error("the certificate is self-signed: clients refuse it until they are told to trust it")]
    SelfSigned,
    #[error(
        "the chain ends below {issuer}, which is not a publicly trusted root: if it is an intermediate, add its certificate; if it is your own root, clients must trust it"
    )]
    IssuerUnknown { issuer: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_travels_with_its_code_and_says_what_to_do() {
        let on = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let defect = CertificateDefect::Expired { subject: "CN=a".into(), on };
        assert_eq!(defect.code(), "expired");
        assert_eq!(
            defect.to_string(),
            "the certificate CN=a expired on 2027-01-15 08:00 UTC; renew it and upload the new one"
        );
        let all = CertificateDefects(vec![defect, CertificateDefect::NoKey]);
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<CertificateDefects>(&text).unwrap(), all);
        assert!(all.to_string().contains("new one. there is no private key"));
    }
}
