//! Values by their path, and what is wrong with them. Kinds and ranges were judged before: a value of the wrong kind
//! is as good as none here, and no second error.

use crate::error::Invalid;
use crate::service::document::refusal::Refusal;
use crate::service::document::{KeyError, path};
use serde_json::Value;

pub(super) struct Reader<'d> {
    pub(super) root: &'d Value,
    pub(super) errors: &'d mut Vec<KeyError>,
}

impl<'d> Reader<'d> {
    pub(super) fn get(&self, path: &str) -> Option<&'d Value> {
        path::get(self.root, path)
    }

    pub(super) fn text(&self, path: &str) -> Option<&'d str> {
        self.get(path)?.as_str()
    }

    pub(super) fn list(&self, path: &str) -> &'d [Value] {
        self.get(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn long(&self, path: &str) -> Option<u64> {
        self.get(path)?.as_u64()
    }

    pub(super) fn number(&self, path: &str) -> Option<u32> {
        u32::try_from(self.long(path)?).ok()
    }

    pub(super) fn flag(&self, path: &str) -> bool {
        self.get(path).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn note(&mut self, path: &str, error: Invalid) {
        self.errors.push(KeyError::new(path, error));
    }

    pub(super) fn refuse(&mut self, path: &str, why: Refusal, instead: &str) {
        self.note(path, Invalid::KeyRefused { why, instead: instead.into() });
    }

    pub(super) fn take<T>(&mut self, path: &str, result: Result<T, Invalid>) -> Option<T> {
        result.map_err(|error| self.note(path, error)).ok()
    }

    /// What the text there means; `Some(None)` where there is none, `None` where it is wrong.
    pub(super) fn optional<T>(
        &mut self,
        path: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<Option<T>> {
        match self.get(path) {
            None => Some(None),
            Some(value) => self.take(path, parse(value.as_str()?)).map(Some),
        }
    }

    /// The same of what has to be there.
    pub(super) fn required<T>(&mut self, path: &str, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        match self.get(path) {
            None => self.take(path, Err(Invalid::Required)),
            Some(value) => self.take(path, parse(value.as_str()?)),
        }
    }

    /// Notes it where more than one of them is there.
    pub(super) fn at_most_one(&mut self, at: &str, keys: &[&str]) {
        let full = |key: &&str| if at.is_empty() { (*key).to_owned() } else { format!("{at}.{key}") };
        let there: Vec<String> = keys.iter().map(full).filter(|key| self.get(key).is_some()).collect();
        if let [_, second, ..] = there.as_slice() {
            self.note(second, Invalid::OneOf { keys: keys.join(", ") });
        }
    }
}
