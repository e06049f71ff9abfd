//! When to replace a certificate.

use crate::jitter::jitter;
use chrono::{DateTime, TimeDelta, Utc};
use domain::certificate::CertificateFacts;

/// A third of its lifetime before it expires, and up to a thirtieth earlier. `seed` says how much: take one that
/// differs from certificate to certificate and stays, such as a part of its fingerprint.
pub fn renew_at(facts: &CertificateFacts, seed: u64) -> DateTime<Utc> {
    let lifetime = (facts.not_after - facts.not_before).max(TimeDelta::zero());
    let most = (lifetime / 30).to_std().unwrap_or_default();
    let early = TimeDelta::from_std(jitter(seed, 0, most)).unwrap_or_default();
    facts.not_after - lifetime / 3 - early
}

pub fn is_due(facts: &CertificateFacts, seed: u64, now: DateTime<Utc>) -> bool {
    now >= renew_at(facts, seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::certificate::KeyKind;
    use domain::secret::Digest256;

    fn living(days: i64) -> CertificateFacts {
        let not_before = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        CertificateFacts {
            names: Vec::new(),
            addresses: Vec::new(),
            subject: String::new(),
            issuer: String::new(),
            not_before,
            not_after: not_before + TimeDelta::days(days),
            fingerprint: Digest256::of(b""),
            key: KeyKind::Ecdsa,
            key_bits: 256,
            self_signed: false,
            open_issuer: None,
        }
    }

    #[test]
    fn a_third_before_the_end_and_not_all_at_once() {
        let facts = living(90);
        let days: Vec<i64> = (0..500).map(|seed| (renew_at(&facts, seed) - facts.not_before).num_hours()).collect();
        assert!(days.iter().all(|hours| (57 * 24..=60 * 24).contains(hours)));
        // Each of the three days has its share.
        for day in 57..60 {
            assert!(days.iter().filter(|hours| *hours / 24 == day).count() > 100);
        }
        assert_eq!(renew_at(&facts, 7), renew_at(&facts, 7));
    }

    #[test]
    fn due_from_that_moment_on() {
        let facts = living(6);
        let at = renew_at(&facts, 1);
        assert!(!is_due(&facts, 1, at - TimeDelta::seconds(1)) && is_due(&facts, 1, at));
        assert!(is_due(&facts, 1, facts.not_after + TimeDelta::days(1)));
    }

    #[test]
    fn a_certificate_that_ends_before_it_starts_is_due() {
        let facts = living(-3);
        assert!(is_due(&facts, 1, facts.not_before));
    }
}
