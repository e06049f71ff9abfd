//! Requests signed with a token, as the official clients send them: the token itself never travels.
//!
//! `Authorization: EAS <base64(HMAC-SHA1(token, text))>`, where the text is, a line each: `POST`, the body's MD5, its
//! type, the date, and the path (source: `eas-prediction` 0.36, `predict_client.py`). The query is not signed.
//!
//! Who overhears a request can send the same one again while its date is accepted, but no other one: path and date
//! are part of the text, and the body is compared with its MD5 while it streams (`limit::body`).

use super::{Caller, find};
use crate::answer::Refusal;
use crate::config::Service;
use crate::message::{Head, Name};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use http::Method;
use ring::hmac;

const SCHEME: &[u8] = b"EAS ";
const DATE_FORMAT: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// How far a client's clock may be off.
const SKEW: TimeDelta = TimeDelta::minutes(15);
/// The official client writes its *local* time and calls it GMT, so a right clock anywhere on Earth has to do: from
/// twelve hours behind (Baker Island) to fourteen ahead (Kiribati).
const BEHIND: TimeDelta = TimeDelta::hours(12);
const AHEAD: TimeDelta = TimeDelta::hours(14);

/// What follows the scheme's name, if this is the scheme.
pub fn signature_of(value: &[u8]) -> Option<&[u8]> {
    let (scheme, signature) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| signature.trim_ascii())
}

pub fn check(service: &Service, head: &Head, signature: &[u8], now: DateTime<Utc>) -> Result<Caller, Refusal> {
    if head.method != Method::POST {
        return Err(Refusal::BadSignature("Only POST requests can be signed; send the token itself instead."));
    }
    let md5 = one(head, Name::ContentMd5, "A signed request needs one Content-MD5 header.")?;
    let kind = one(head, Name::ContentType, "A signed request needs one Content-Type header.")?;
    let date = one(head, Name::Date, "A signed request needs one Date header.")?;
    let body =
        digest_of(md5).ok_or(Refusal::BadSignature("Content-MD5 is not the body's MD5 in 32 hexadecimal digits."))?;
    if !is_now(date, now) {
        return Err(Refusal::BadSignature("The Date header is not the time of now; check the client's clock."));
    }
    let mut tag = [0; 24];
    // Longer or shorter than the one that is right, it is wrong like any other.
    let tag = STANDARD.decode_slice(signature, &mut tag).ok().and_then(|len| tag.get(..len)).unwrap_or_default();
    let text = [b"POST".as_slice(), md5, kind, date, head.path().as_bytes()].join(&b'\n');
    // Compares in constant time.
    let fits =
        |token: &crate::config::Token| token.signing.as_ref().is_some_and(|key| hmac::verify(key, &text, tag).is_ok());
    let token = find(service, now, fits).ok_or(Refusal::BadSignature(
        "The signature is not that of a valid token of this service over method, headers and path.",
    ))?;
    Ok(Caller { token, body: Some(body) })
}

fn one<'h>(head: &'h Head, name: Name, missing: &'static str) -> Result<&'h [u8], Refusal> {
    head.fields.only(name).ok_or(Refusal::BadSignature(missing))
}

fn digest_of(text: &[u8]) -> Option<[u8; 16]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut digest = [0; 16];
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(digest)
}

fn is_now(date: &[u8], now: DateTime<Utc>) -> bool {
    let date = std::str::from_utf8(date).ok().and_then(|date| NaiveDateTime::parse_from_str(date, DATE_FORMAT).ok());
    date.is_some_and(|date| {
        let ahead = date.and_utc() - now;
        ahead <= AHEAD + SKEW && ahead >= -(BEHIND + SKEW)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_right_clock_anywhere_on_earth() {
        let date = b"Mon, 23 Nov 2026 12:00:00 GMT";
        for fine in ["2026-11-23T12:00:00Z", "2026-11-22T21:45:01Z", "2026-11-24T00:14:59Z"] {
            assert!(is_now(date, at(fine)), "{fine}");
        }
        for off in ["2026-11-22T21:44:59Z", "2026-11-24T00:15:01Z", "2027-11-23T12:00:00Z"] {
            assert!(!is_now(date, at(off)), "{off}");
        }
        for nonsense in ["", "now", "2026-11-23T12:00:00Z", "Tue, 23 Nov 2026 12:00:00 GMT"] {
            assert!(!is_now(nonsense.as_bytes(), at("2026-11-23T12:00:00Z")), "{nonsense}");
        }
    }

    #[test]
    fn digests() {
        assert_eq!(digest_of(b"000102030405060708090a0b0c0d0E0F").map(|d| d[15]), Some(15));
        for bad in ["", "00", "g0102030405060708090a0b0c0d0e0f0", "000102030405060708090a0b0c0d0e0f0"] {
            assert_eq!(digest_of(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            value in prop::collection::vec(any::<u8>(), 0..64),
            headers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..48), 3),
        ) {
            let names = ["content-md5", "content-type", "date"].map(str::as_bytes);
            let fields: Vec<_> = names.into_iter().zip(headers.iter().map(Vec::as_slice)).collect();
            let request = Head::for_tests("/api/predict/m", &fields);
            let service = Service::for_tests("the-token");
            let signature = signature_of(&value).unwrap_or(&value);
            prop_assert!(check(&service, &request, signature, at("2026-11-23T12:00:00Z")).is_err());
            let _ = (is_now(&value, at("2026-11-23T12:00:00Z")), digest_of(&value));
        }

        #[test]
        fn nothing_but_what_was_signed(changed in 0usize..6, secret in "[a-z0-9]{1,40}", byte in any::<u8>()) {
            let now = at("2026-11-23T12:00:00Z");
            let (md5, kind, date) = ("000102030405060708090a0b0c0d0e0f", "text/plain", "Mon, 23 Nov 2026 12:00:00 GMT");
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
            let text = format!("POST\n{md5}\n{kind}\n{date}\n/api/predict/m");
            let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
            let request = |md5: &str, kind: &str, date: &str, path: &str| {
                let fields = [("content-md5", md5), ("content-type", kind), ("date", date)];
                Head::for_tests(path, &fields.map(|(name, value)| (name.as_bytes(), value.as_bytes())))
            };
            let service = Service::for_tests(&secret);
            let honest = request(md5, kind, date, "/api/predict/m");
            prop_assert_eq!(check(&service, &honest, signature.as_bytes(), now).map(|caller| caller.token), Ok(0));
            let other = match changed {
                0 => request("100102030405060708090a0b0c0d0e0f", kind, date, "/api/predict/m"),
                1 => request(md5, "text/html", date, "/api/predict/m"),
                2 => request(md5, kind, "Mon, 23 Nov 2026 12:00:01 GMT", "/api/predict/m"),
                3 => request(md5, kind, date, "/api/predict/n"),
                _ => honest,
            };
            let mut wrong = signature.clone().into_bytes();
            if changed == 4 {
                wrong[3] = if wrong[3] == byte { byte.wrapping_add(1) } else { byte };
            } else if changed == 5 {
                wrong.truncate(usize::from(byte) % wrong.len());
            }
            prop_assert!(check(&service, &other, &wrong, now).is_err());
        }
    }
}
