//! Who issued whom.

use super::single::Single;
use domain::certificate::CertificateDefect;

/// Names fit and the signature does, as far as it can be checked.
fn issued(parent: &Single<'_>, child: &Single<'_>) -> bool {
    parent.is_named_issuer_of(child) && parent.signed(child) != Some(false)
}

/// The first break of the chain: what follows it would only be noise. `certificates` have no duplicates.
pub(super) fn break_of(certificates: &[Single<'_>]) -> Option<CertificateDefect> {
    certificates.windows(2).find_map(|pair| match pair {
        [child, parent] => link(child, parent, certificates),
        _ => None,
    })
}

fn link(child: &Single<'_>, parent: &Single<'_>, all: &[Single<'_>]) -> Option<CertificateDefect> {
    let position = parent.position;
    let subject = parent.subject();
    if issued(parent, child) && !child.is_self_signed() {
        let refused = !parent.may_issue();
        return refused.then_some(CertificateDefect::IssuerNotAuthority { position, subject });
    }
    if child.is_self_signed() {
        return Some(CertificateDefect::Surplus { position, subject });
    }
    let issuer = child.issuer();
    let other = all.iter().find(|other| other.position != child.position && issued(other, child));
    Some(match other {
        Some(other) => CertificateDefect::WrongOrder { position, issuer, found: other.position },
        None if parent.is_named_issuer_of(child) => CertificateDefect::SignatureWrong { position, subject },
        None => CertificateDefect::IssuerMissing { position, subject, issuer },
    })
}

/// Leaf first, then each one's issuer, without those that are not in the chain. The leaf is the certificate of the
/// key, or else the first that is not an authority's. All of them, unsorted, where there is none or one can't be read.
pub(super) fn sorted(certificates: Vec<Vec<u8>>, key: Option<&[u8]>) -> Vec<Vec<u8>> {
    let parsed: Option<Vec<Single<'_>>> =
        certificates.iter().enumerate().map(|(at, der)| Single::parse(at + 1, der)).collect();
    let order = parsed.and_then(|all| {
        let of_key = all.iter().find(|each| key.is_some_and(|key| each.has_key(key)));
        let leaf = of_key.or_else(|| all.iter().find(|each| !each.is_authority()))?;
        let mut path = vec![leaf];
        while let Some(last) = path.last().filter(|last| !last.is_self_signed()) {
            let next =
                all.iter().find(|each| issued(each, last) && path.iter().all(|had| had.position != each.position));
            match next {
                Some(next) => path.push(next),
                None => break,
            }
        }
        Some(path.into_iter().map(|each| each.der.to_vec()).collect())
    });
    order.unwrap_or(certificates)
}
