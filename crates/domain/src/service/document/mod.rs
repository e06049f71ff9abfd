//! A service as JSON: the document's own, unchanged, and what this product has besides.
//!
//! Nothing in it is ignored in silence: a key is taken, or refused by its name with a reason (`keys`). What is read
//! from a printed service is that service.

mod check;
mod hidden;
mod keys;
mod limits;
mod normal;
pub(in crate::service) mod path;
mod print;
mod read;
mod refusal;
mod tables;
#[cfg(test)]
mod tests;
mod tree;
pub(in crate::service) mod words;

pub use hidden::{hide, reveal};
/// Bytes of a whole document.
pub const LONGEST: usize = limits::DOCUMENT;
pub use keys::{Key, Kind, Meaning, key_of, keys};
pub use print::{print, text};
pub use refusal::Refusal;

use super::draft::CheckedDraft;
use crate::error::Invalid;
use crate::gateway::GatewayKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is wrong with one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyError {
    /// Its path, such as `containers[0].port`; empty for the whole document.
    pub key: String,
    pub error: Invalid,
}

/// Longest path that is repeated to its writer, characters.
const LONGEST_KEY: usize = 160;
/// Most errors of a document; somebody who has so many reads the first ones.
const MOST_ERRORS: usize = 50;

impl KeyError {
    pub(super) fn new(key: &str, error: Invalid) -> Self {
        let seen = key.chars().take(LONGEST_KEY);
        Self { key: seen.map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(), error }
    }

    fn under(self, at: &str) -> Self {
        Self::new(&format!("{at}.{}", self.key), self.error)
    }
}

/// The service that a document says.
///
/// # Errors
/// All that is wrong with it, each by its key.
pub fn parse(text: &str) -> Result<CheckedDraft, Vec<KeyError>> {
    let mut errors = Vec::new();
    let root = root(text, &mut errors)?;
    checked(&root, errors)
}

/// The same of a document that was read already; keys that are there twice are not seen any more.
///
/// # Errors
/// As [`parse`].
pub fn parse_value(document: &Value) -> Result<CheckedDraft, Vec<KeyError>> {
    let mut errors = Vec::new();
    let root = normal::normal(document.into(), &mut errors);
    checked(&root, errors)
}

/// A document as JSON with each key in its place, also where keys are unknown or refused.
///
/// # Errors
/// It is no JSON, no object, too long, or has keys twice.
pub fn normalised(text: &str) -> Result<Value, Vec<KeyError>> {
    let mut errors = Vec::new();
    let root = root(text, &mut errors)?;
    if errors.is_empty() { Ok(root) } else { Err(errors) }
}

pub(super) fn normal_value(document: &Value) -> Value {
    normal::normal(document.into(), &mut Vec::new())
}

fn root(text: &str, errors: &mut Vec<KeyError>) -> Result<Value, Vec<KeyError>> {
    if text.trim().is_empty() {
        return Err(vec![KeyError::new("", Invalid::Required)]);
    }
    if text.len() > limits::DOCUMENT {
        return Err(vec![KeyError::new("", Invalid::TooLong { max: limits::DOCUMENT, len: text.len() })]);
    }
    let node = serde_json::from_str(text).map_err(|error| {
        let error = Invalid::Json { line: error.line(), column: error.column() };
        vec![KeyError::new("", error)]
    })?;
    Ok(normal::normal(node, errors))
}

fn checked(root: &Value, mut errors: Vec<KeyError>) -> Result<CheckedDraft, Vec<KeyError>> {
    check::check(root, &mut errors);
    let draft = read::read(root, &mut errors);
    match draft {
        Some(draft) if errors.is_empty() => Ok(draft),
        _ => {
            if errors.is_empty() {
                errors.push(KeyError::new("", Invalid::Required));
            }
            errors.truncate(MOST_ERRORS);
            Err(errors)
        }
    }
}

impl CheckedDraft {
    /// What stands against serving it by a gateway of this kind.
    pub fn check_for(&self, kind: &GatewayKind) -> Vec<KeyError> {
        let refused = || Invalid::KeyRefused { why: Refusal::AlbGateway, instead: String::new() };
        let traffic = &self.spec.traffic;
        let said = [
            (traffic.request_ms.is_some(), "metadata.rpc.keepalive"),
            (traffic.in_flight.is_some(), "networking.gateway_policy.concurrency_limit"),
        ];
        let is_alb = *kind == GatewayKind::Alb;
        let against = said.into_iter().filter(|(said, _)| is_alb && *said);
        against.map(|(_, key)| KeyError::new(key, refused())).collect()
    }
}
