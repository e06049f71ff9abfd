//! What is wrong with an uploaded certificate, in the reader's language.

use crate::texts::Texts;
use domain::certificate::CertificateDefect as Defect;

const DAY: &str = "%Y-%m-%d %H:%M UTC";

impl Texts {
    pub(crate) fn defect(&self, defect: Defect) -> String {
        match defect {
            Defect::TooLarge { max } => say!(self, defect.too_large, max = max),
            Defect::TooManyCertificates { max, count } => {
                say!(self, defect.too_many_certificates, max = max, count = count)
            }
            Defect::Binary => say!(self, defect.binary),
            Defect::BrokenPem { position } => say!(self, defect.broken_pem, position = position),
            Defect::NoCertificate => say!(self, defect.no_certificate),
            Defect::IsRequest => say!(self, defect.is_request),
            Defect::CertificateUnreadable { position } => {
                say!(self, defect.certificate_unreadable, position = position)
            }
            Defect::NoKey => say!(self, defect.no_key),
            Defect::SeveralKeys { count } => say!(self, defect.several_keys, count = count),
            Defect::KeyUnreadable => say!(self, defect.key_unreadable),
            Defect::KeyEncrypted => say!(self, defect.key_encrypted),
            Defect::KeyUnsupported { kind } => say!(self, defect.key_unsupported, kind = kind.to_string()),
            Defect::KeyMismatch => say!(self, defect.key_mismatch),
            Defect::Password => say!(self, defect.password),
            Defect::Pkcs12 => say!(self, defect.pkcs12),
            Defect::Pkcs12Alone => say!(self, certificate_files.alone),
            Defect::Busy => say!(self, certificate_files.busy),
            other => self.chain_defect(other),
        }
    }

    /// What is wrong between the certificates, or with one of them.
    fn chain_defect(&self, defect: Defect) -> String {
        match defect {
            Defect::LeafNotFirst { position, subject } => {
                say!(self, defect.leaf_not_first, position = position, subject = subject)
            }
            Defect::WrongOrder { position, issuer, found } => {
                say!(self, defect.wrong_order, position = position, issuer = issuer, found = found)
            }
            Defect::IssuerMissing { position, subject, issuer } => {
                say!(self, defect.issuer_missing, position = position, subject = subject, issuer = issuer)
            }
            Defect::SignatureWrong { position, subject } => {
                say!(self, defect.signature_wrong, position = position, subject = subject)
            }
            Defect::IssuerNotAuthority { position, subject } => {
                say!(self, defect.issuer_not_authority, position = position, subject = subject)
            }
            Defect::Surplus { position, subject } => {
                say!(self, defect.surplus, position = position, subject = subject)
            }
            Defect::Duplicate { position } => say!(self, defect.duplicate, position = position),
            Defect::Expired { subject, on } => {
                say!(self, defect.expired, subject = subject, on = on.format(DAY).to_string())
            }
            Defect::NotYetValid { subject, from } => {
                say!(self, defect.not_yet_valid, subject = subject, on = from.format(DAY).to_string())
            }
            Defect::WeakKey { subject, kind, bits } => {
                say!(self, defect.weak_key, subject = subject, kind = kind.to_string(), bits = bits)
            }
            Defect::WeakSignature { subject, algorithm } => {
                say!(self, defect.weak_signature, subject = subject, algorithm = algorithm)
            }
            Defect::LeafIsAuthority { subject } => say!(self, defect.leaf_is_authority, subject = subject),
            Defect::NotForServers { subject } => say!(self, defect.not_for_servers, subject = subject),
            Defect::NoNames { subject } => say!(self, defect.no_names, subject = subject),
            // Whatever else it is, it cannot be used as it is.
            _ => say!(self, defect.garbage),
        }
    }
}
