//! Tokens: what a caller of a service has to show.

use crate::error::{FieldErrors, Invalid};
use crate::id::{ServiceId, TokenId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Of one service, expired ones as well: an engine looks at all of them.
pub const MAX_TOKENS: usize = 20;
/// Characters of what a token is for.
pub const MAX_TOKEN_LABEL: usize = 64;
/// How long a token may last that does not last for ever, seconds.
pub const LONGEST_LIFE: u32 = 10 * 365 * 24 * 3600;
/// How long the old token may go on after it was replaced, seconds.
pub const LONGEST_OVERLAP: u32 = 30 * 24 * 3600;
/// How long one that has expired is shown as that before it is forgotten, seconds.
pub const FORGOTTEN_AFTER: u32 = 30 * 24 * 3600;

/// A token of a service, without the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    pub id: TokenId,
    pub service_id: ServiceId,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whether a token that ends then opens anything now.
pub fn is_valid(expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    expires_at.is_none_or(|end| now < end)
}

/// What was typed of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenDraft {
    #[serde(default)]
    pub label: String,
    /// Seconds from now; empty: for ever.
    #[serde(default)]
    pub lifetime: String,
}

/// What was typed is fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedToken {
    pub label: String,
    pub lifetime: Option<TimeDelta>,
}

impl TokenDraft {
    pub fn validate(&self) -> Result<CheckedToken, FieldErrors> {
        let mut errors = FieldErrors::default();
        let label = errors.take("label", parse_label(&self.label));
        let lifetime = errors.take("lifetime", parse_lifetime(&self.lifetime));
        errors.finish(label.zip(lifetime).map(|(label, lifetime)| CheckedToken { label, lifetime }))
    }
}

fn parse_label(typed: &str) -> Result<String, Invalid> {
    let label = typed.trim();
    // Neither what breaks a line nor what turns the text around it.
    let hides = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    if label.chars().any(hides) {
        return Err(Invalid::ControlCharacter);
    }
    match label.chars().count() {
        len if len > MAX_TOKEN_LABEL => Err(Invalid::TooLong { max: MAX_TOKEN_LABEL, len }),
        _ => Ok(label.to_owned()),
    }
}

/// Seconds from now, 0 for at once; `None`: for ever.
pub fn parse_lifetime(typed: &str) -> Result<Option<TimeDelta>, Invalid> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    seconds(typed, LONGEST_LIFE).map(Some)
}

/// How long the old token goes on.
pub fn parse_overlap(typed: &str) -> Result<TimeDelta, Invalid> {
    seconds(typed, LONGEST_OVERLAP)
}

fn seconds(typed: &str, most: u32) -> Result<TimeDelta, Invalid> {
    let found = typed.trim().parse::<u32>().ok().filter(|seconds| *seconds <= most);
    let seconds = found.ok_or(Invalid::OutOfRange { min: 0, max: u64::from(most) })?;
    Ok(TimeDelta::seconds(i64::from(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_typed() {
        let draft = |label: &str, lifetime: &str| TokenDraft { label: label.into(), lifetime: lifetime.into() };
        let checked = draft(" batch jobs 推 ", "3600").validate().expect("valid");
        assert_eq!((checked.label.as_str(), checked.lifetime), ("batch jobs 推", Some(TimeDelta::hours(1))));
        assert_eq!(draft("", "").validate().expect("valid").lifetime, None);
        for (label, lifetime, field) in [
            ("a\nb", "", "label"),
            ("a\u{202e}b", "", "label"),
            (&*"x".repeat(65), "", "label"),
            ("", "-1", "lifetime"),
            ("", "soon", "lifetime"),
            ("", "4000000000", "lifetime"),
            ("", "99999999999999999999", "lifetime"),
        ] {
            let errors = draft(label, lifetime).validate().expect_err("invalid");
            assert!(errors.get(field).is_some(), "{label:?} {lifetime:?}: {errors:?}");
        }
        assert_eq!(parse_overlap("0"), Ok(TimeDelta::zero()));
        assert!(parse_overlap("").is_err() && parse_overlap("31536000").is_err());
    }
}
