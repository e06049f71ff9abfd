//! Who calls: a token of the service in `Authorization`, as it is, as `Bearer`, or as the key of a signature.

mod signed;
mod token;

use crate::answer::Refusal;
use crate::config::{Service, Token};
use crate::message::{Head, Name};
use chrono::{DateTime, Utc};

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The token's place in the service's list.
    pub token: usize,
    /// What was signed: the MD5 of the body that has to follow.
    pub body: Option<[u8; 16]>,
}

pub fn check(service: &Service, head: &Head, now: DateTime<Utc>) -> Result<Caller, Refusal> {
    let value = head.fields.first(Name::Authorization).ok_or(Refusal::Unauthorized)?;
    match signed::signature_of(value) {
        Some(signature) => signed::check(service, head, signature, now),
        None => Ok(Caller { token: token::check(service, value, now)?, body: None }),
    }
}

/// The last token that is valid and fits. All are asked, whatever the first says: the time tells nothing.
fn find(service: &Service, now: DateTime<Utc>, fits: impl Fn(&Token) -> bool) -> Option<usize> {
    let mut found = None;
    for (at, token) in service.tokens.iter().enumerate() {
        let valid = token.expires_at.is_none_or(|end| now < end);
        if fits(token) & valid {
            found = Some(at);
        }
    }
    found
}
