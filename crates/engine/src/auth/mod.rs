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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Whichever fits, and whether one does or is still valid: each is asked once, in order.
    #[test]
    fn all_tokens_are_asked_whatever_the_first_says() {
        let now = DateTime::UNIX_EPOCH;
        let tokens = |ends: &[i64]| -> Box<[Token]> {
            let token = |end: &i64| {
                let token = Vec::from(Service::for_tests("t").tokens).remove(0);
                Token { expires_at: Some(now + chrono::TimeDelta::seconds(*end)), ..token }
            };
            ends.iter().map(token).collect()
        };
        let mut service = Service::for_tests("t");
        service.tokens = tokens(&[5, -5, 5, 0, 5]);
        for (fitting, found) in [(None, None), (Some(0), Some(0)), (Some(1), None), (Some(3), None), (Some(4), Some(4))]
        {
            let asked = RefCell::new(Vec::new());
            let place = |token: &Token| service.tokens.iter().position(|one| std::ptr::eq(one, token));
            let fits = |token: &Token| {
                asked.borrow_mut().push(place(token));
                place(token) == fitting
            };
            assert_eq!(find(&service, now, fits), found);
            assert_eq!(asked.into_inner(), [0, 1, 2, 3, 4].map(Some), "{fitting:?} fits");
        }
        assert_eq!(find(&service, now, |_| true), Some(4), "one of several that fit");
    }
}
