//! What a server answered, or did not, as a failure that says what to do.

use super::nonce::is_bad_nonce;
use ::http::header::RETRY_AFTER;
use ::http::{HeaderMap, HeaderValue, StatusCode};
use domain::certificate::{IssueFailure, Unreachable, tame};
use hyper_util::client::legacy;
use instant_acme::{Error, Problem};
use std::time::{Duration, Instant, SystemTime};

/// Let's Encrypt's longest limits are a week. A server that says more, or nonsense, is not believed.
const LONGEST_WAIT: u64 = 7 * 24 * 60 * 60;

/// Seconds from now.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().unwrap_or(u64::MAX)
    } else {
        let at = httpdate::parse_http_date(text).ok()?;
        at.duration_since(SystemTime::now()).unwrap_or_default().as_secs()
    };
    Some(seconds.min(LONGEST_WAIT))
}

/// Rewrites what the library would add to a clock unchecked.
pub(super) fn bound_retry_after(headers: &mut HeaderMap) {
    match retry_after(headers) {
        Some(seconds) => drop(headers.insert(RETRY_AFTER, HeaderValue::from(seconds))),
        None => drop(headers.remove(RETRY_AFTER)),
    }
}

/// Of an answer that is no success. `None` for a refused nonce, which is tried again.
pub(super) fn refusal(host: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<IssueFailure> {
    let wait = retry_after(headers);
    let problem = serde_json::from_slice::<Problem>(body).ok().filter(|problem| problem.r#type.is_some());
    match problem {
        Some(problem) if status == StatusCode::BAD_REQUEST && is_bad_nonce(&problem) => None,
        Some(problem) => Some(refused(&problem, status.as_u16(), wait)),
        None if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => {
            Some(IssueFailure::RateLimited { detail: format!("HTTP {}", status.as_u16()), retry_after: wait })
        }
        None => Some(IssueFailure::NotAcme { host: host.into(), status: status.as_u16() }),
    }
}

pub(super) fn refused(problem: &Problem, status: u16, retry_after: Option<u64>) -> IssueFailure {
    let (kind, detail) = words(problem);
    if kind == "rateLimited" || status == 429 {
        return IssueFailure::RateLimited { detail, retry_after };
    }
    IssueFailure::Refused { kind, detail, status: problem.status.unwrap_or(status), retry_after }
}

/// The kind without its prefix, and what the server says, of the parts as well.
pub(super) fn words(problem: &Problem) -> (String, String) {
    let kind = problem.r#type.as_deref().unwrap_or("unknown");
    let kind = kind.strip_prefix("urn:ietf:params:acme:error:").unwrap_or(kind);
    let parts = problem.subproblems.iter().map(ToString::to_string);
    let detail: Vec<String> = problem.detail.clone().into_iter().chain(parts).collect();
    (tame(kind), tame(&detail.join("; ")))
}

/// Of an error of the library. Ours come back out of it unchanged.
pub(super) fn failure(error: Error, host: &str, deadline: Duration) -> IssueFailure {
    let not_acme = || IssueFailure::NotAcme { host: host.into(), status: 200 };
    match error {
        Error::Api(problem) => refused(&problem, problem.status.unwrap_or(0), None),
        Error::Other(other) => match other.downcast::<IssueFailure>() {
            Ok(failure) => *failure,
            Err(_) => not_acme(),
        },
        Error::Timeout(Some(at)) => IssueFailure::RateLimited {
            detail: "the order takes longer".into(),
            retry_after: Some(at.saturating_duration_since(Instant::now()).as_secs()),
        },
        Error::Timeout(None) => IssueFailure::Deadline { seconds: deadline.as_secs() },
        Error::KeyRejected | Error::Crypto => IssueFailure::Account,
        _ => not_acme(),
    }
}

pub(super) fn unreachable(host: &str, error: &legacy::Error) -> IssueFailure {
    let how = match error.is_connect() {
        _ if is_untrusted(error) => Unreachable::Untrusted,
        true => Unreachable::Connect,
        false => Unreachable::Silent,
    };
    IssueFailure::Unreachable { host: host.into(), how }
}

fn is_untrusted(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    // An I/O error leaves out the one inside when it is asked for its cause.
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inside) => is_untrusted(inside),
        None => error.source().is_some_and(is_untrusted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &str) -> HeaderMap {
        [(RETRY_AFTER, HeaderValue::from_str(retry_after).unwrap())].into_iter().collect()
    }

    #[test]
    fn waits_are_read_in_both_forms_and_bounded() {
        assert_eq!(retry_after(&headers("120")), Some(120));
        assert_eq!(retry_after(&headers("99999999999999999999999")), Some(LONGEST_WAIT));
        assert_eq!(retry_after(&headers("Fri, 31 Dec 1999 23:59:59 GMT")), Some(0));
        assert_eq!(retry_after(&headers("Fri, 31 Dec 9999 23:59:59 GMT")), Some(LONGEST_WAIT));
        for nonsense in ["", "-1", "soon", "1.5"] {
            let mut headers = headers(nonsense);
            bound_retry_after(&mut headers);
            assert!(headers.is_empty(), "{nonsense}");
        }
    }

    #[test]
    fn the_servers_words_are_kept_and_tamed() {
        let body = br#"{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"not\nhere","status":400,
            "subproblems":[{"type":"x","detail":"no","identifier":{"type":"dns","value":"a.b"}}]}"#;
        let refusal = refusal("a", StatusCode::BAD_REQUEST, &HeaderMap::new(), body);
        let Some(IssueFailure::Refused { kind, detail, status: 400, .. }) = refusal else { panic!("{refusal:?}") };
        assert_eq!((kind.as_str(), detail.as_str()), ("rejectedIdentifier", "not here; for \"a.b\": no (x)"));
    }

    #[test]
    fn limits_and_strangers() {
        let of = |status, body: &[u8]| refusal("a", status, &headers("30"), body).unwrap().code();
        let limited = br#"{"type":"urn:ietf:params:acme:error:rateLimited","detail":"slow"}"#;
        assert_eq!(of(StatusCode::FORBIDDEN, limited), "rate_limited");
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, b"<html>"), "rate_limited");
        assert_eq!(of(StatusCode::NOT_FOUND, b"<html>"), "not_acme");
        assert_eq!(of(StatusCode::NOT_FOUND, b"{}"), "not_acme");
        let nonce = br#"{"type":"urn:ietf:params:acme:error:badNonce"}"#;
        assert_eq!(refusal("a", StatusCode::BAD_REQUEST, &HeaderMap::new(), nonce), None);
    }
}
