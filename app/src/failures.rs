//! Why an ACME server issued nothing, in the reader's language. What the server said itself stands in its own words.

use crate::texts::Texts;
use domain::certificate::{ChallengeKind, IssueFailure as Failure, Unreachable};

impl Texts {
    pub(crate) fn failure(&self, failure: Failure) -> String {
        match failure {
            Failure::Name { name } => say!(self, issue.name, name = name),
            Failure::NameCount { max, count } => say!(self, issue.name_count, max = max, count = count),
            Failure::WildcardNeedsDns { name } => say!(self, issue.wildcard_needs_dns, name = name),
            Failure::DirectoryUrl { url } => say!(self, issue.directory_url, url = url),
            Failure::Root => say!(self, issue.root),
            Failure::TermsNotAgreed { .. } => say!(self, issue.terms_not_agreed),
            Failure::ExternalAccountRequired => say!(self, issue.external_account_required),
            Failure::ExternalAccountKey => say!(self, issue.external_account_key),
            Failure::Account => say!(self, issue.account),
            Failure::Request => say!(self, issue.request),
            Failure::Unreachable { host, how } => match how {
                Unreachable::Connect => say!(self, issue.connect, host = host),
                Unreachable::Untrusted => say!(self, issue.untrusted, host = host),
                Unreachable::Silent => say!(self, issue.silent, host = host),
            },
            Failure::NotAcme { host, status } => say!(self, issue.not_acme, host = host, status = status),
            other => self.refusal(other),
        }
    }

    /// What came of an order that was taken.
    fn refusal(&self, failure: Failure) -> String {
        match failure {
            Failure::Refused { kind, detail, .. } => {
                say!(self, issue.refused, kind = kind.clone(), detail = detail) + " " + &self.refused(&kind)
            }
            Failure::RateLimited { detail, .. } => say!(self, issue.rate_limited, detail = detail),
            Failure::NotOffered { name, challenge, offered } => {
                say!(self, issue.not_offered, name = name, challenge = challenge.to_string(), offered = offered)
            }
            Failure::Unproven { name, challenge, detail, .. } => {
                let said = say!(self, issue.unproven, name = name, challenge = challenge.to_string(), detail = detail);
                said + " " + &self.unproven(challenge)
            }
            Failure::NotPresented { name, challenge } => {
                say!(self, issue.not_presented, name = name, challenge = challenge.to_string())
            }
            Failure::Deadline { seconds } => say!(self, issue.deadline, seconds = seconds),
            Failure::Unusable { defects } => {
                let defects: Vec<String> = defects.0.into_iter().map(|defect| self.defect(defect)).collect();
                say!(self, issue.unusable, defects = defects.join(" "))
            }
            // It was withdrawn, and nobody says why.
            _ => say!(self, issue.order_invalid),
        }
    }

    fn refused(&self, kind: &str) -> String {
        match kind {
            "caa" => say!(self, issue.refused_caa),
            "rejectedIdentifier" | "unsupportedIdentifier" => say!(self, issue.refused_name),
            "invalidContact" | "unsupportedContact" => say!(self, issue.refused_contact),
            "accountDoesNotExist" | "unauthorized" => say!(self, issue.refused_account),
            _ => say!(self, issue.refused_other),
        }
    }

    fn unproven(&self, challenge: ChallengeKind) -> String {
        match challenge {
            ChallengeKind::Http01 => say!(self, issue.unproven_http),
            ChallengeKind::TlsAlpn01 => say!(self, issue.unproven_tls),
            ChallengeKind::Dns01 => say!(self, issue.unproven_dns),
        }
    }
}
