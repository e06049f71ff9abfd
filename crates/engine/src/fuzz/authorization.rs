//! Tokens and signatures: accepted is only what whoever has the token can have sent.

use crate::auth::{Caller, check};
use crate::config::Service;
use crate::message::{Head, Target};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ring::hmac;
use std::sync::LazyLock;

const TOKEN: &str = "the-token";

static SERVICE: LazyLock<Service> = LazyLock::new(|| Service::for_tests(TOKEN));
static NOW: LazyLock<DateTime<Utc>> = LazyLock::new(|| "2026-11-23T12:00:00Z".parse().expect("a time"));

/// A line each: the header, the body's MD5, its type, the date, the path. Only the token opens.
pub fn look(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let value = next();
    let [md5, kind, date] = [next(), next(), next()];
    let target = next();
    let Ok(path) = std::str::from_utf8(target) else { return };
    if Target::parse(target, 0).is_err() {
        return;
    }
    let fields = [("authorization", value), ("content-md5", md5), ("content-type", kind), ("date", date)];
    let head = Head::for_tests(path, &fields.map(|(name, value)| (name.as_bytes(), value)));
    match check(&SERVICE, &head, *NOW) {
        Err(_) => {}
        Ok(Caller { body: None, .. }) => {
            let text = std::str::from_utf8(value).expect("the token is text").trim();
            let token = text.split_once(' ').map_or(text, |(_, token)| token).trim();
            assert_eq!(token, TOKEN);
        }
        Ok(Caller { body: Some(body), .. }) => {
            let hex: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(md5.eq_ignore_ascii_case(hex.as_bytes()));
            let path = head.path();
            let text = [b"POST", md5, kind, date, path.as_bytes()].join(&b'\n');
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
            let right = STANDARD.encode(hmac::sign(&key, &text));
            assert!(value.trim_ascii().ends_with(right.as_bytes()));
        }
    }
}
