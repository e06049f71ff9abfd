//! Whether what a server issued is what was ordered.

use crate::Certificate;
use crate::read::read_pem;
use chrono::{DateTime, TimeDelta, Utc};
use domain::certificate::{CertificateDefect, CertificateDefects, IssueFailure};
use domain::secret::Secret;

/// Judged like one that an operator uploads. A server's clock may be somewhat ahead of ours.
pub(super) fn usable(
    chain: &str,
    key: &Secret,
    names: &[String],
    now: DateTime<Utc>,
) -> Result<Certificate, IssueFailure> {
    const AHEAD: TimeDelta = TimeDelta::hours(24);
    let read = |now| read_pem(chain.as_bytes(), key.reveal().as_bytes(), now);
    let started = |defect: &CertificateDefect| match defect {
        CertificateDefect::NotYetValid { from, .. } if *from < now + AHEAD => Some(*from),
        _ => None,
    };
    let result = match read(now) {
        Err(CertificateDefects(defects)) if defects.iter().all(|defect| started(defect).is_some()) => {
            read(defects.iter().filter_map(started).max().unwrap_or(now))
        }
        result => result,
    };
    let certificate = result.map_err(|defects| IssueFailure::Unusable { defects })?;
    if !names.iter().all(|name| certificate.covers(name)) {
        let subject = certificate.facts.subject;
        return Err(IssueFailure::Unusable { defects: CertificateDefect::NoNames { subject }.into() });
    }
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn made(name: &str, starts: DateTime<Utc>) -> (String, Secret) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = time::OffsetDateTime::from_unix_timestamp(starts.timestamp()).unwrap();
        (params.self_signed(&key).unwrap().pem(), Secret::new(key.serialize_pem()))
    }

    #[test]
    fn what_was_ordered_and_nothing_else() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let names = ["a.example.com".to_owned()];
        let codes = |result: Result<Certificate, IssueFailure>| match result {
            Ok(_) => Vec::new(),
            Err(IssueFailure::Unusable { defects }) => defects.0.iter().map(CertificateDefect::code).collect(),
            Err(other) => vec![other.code()],
        };
        let (chain, key) = made("a.example.com", now);
        assert!(codes(usable(&chain, &key, &names, now)).is_empty());
        let (_, other) = made("a.example.com", now);
        assert_eq!(codes(usable(&chain, &other, &names, now)), ["key_mismatch"]);
        assert_eq!(codes(usable("<html>", &key, &names, now)), ["garbage"]);
        let (chain, key) = made("b.example.com", now);
        assert_eq!(codes(usable(&chain, &key, &names, now)), ["no_names"]);
    }

    #[test]
    fn a_clock_may_be_ahead_by_hours_but_not_by_days() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let names = ["a.example.com".to_owned()];
        let (chain, key) = made("a.example.com", now + TimeDelta::hours(2));
        assert!(usable(&chain, &key, &names, now).is_ok());
        let (chain, key) = made("a.example.com", now + TimeDelta::days(2));
        assert!(usable(&chain, &key, &names, now).is_err());
    }
}
