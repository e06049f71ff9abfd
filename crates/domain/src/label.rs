//! Labels: what operators call their things by, to find them again.

use crate::error::Invalid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Keys with values, ordered by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

pub const MAX_LABELS: usize = 20;
/// Characters of a key, and of a value.
pub const MAX_LABEL: usize = 63;

impl Labels {
    /// One in a line, `key=value` or a key alone.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let mut labels = BTreeMap::new();
        let lines = typed.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        for (at, line) in lines {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let (Some(key), Some(value)) = (part(key).filter(|key| !key.is_empty()), part(value)) else {
                return Err(Invalid::Label { line: at + 1 });
            };
            if labels.insert(key.clone(), value).is_some() {
                return Err(Invalid::LabelTwice { key });
            }
        }
        if labels.len() > MAX_LABELS {
            return Err(Invalid::TooManyLabels { max: MAX_LABELS });
        }
        Ok(Self(labels))
    }

    /// The same of keys and values that are apart already.
    pub fn of<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, Invalid> {
        let line =
            |(key, value): (&str, &str)| format!("{}={}", key.replace(['=', '\n'], "\0"), value.replace('\n', "\0"));
        Self::parse(&pairs.into_iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// As they are typed.
    pub fn text(&self) -> String {
        self.iter().map(|(key, value)| pair(key, value)).collect::<Vec<_>>().join("\n")
    }

    /// Whether one of them is `key`, or `key=value`.
    pub fn matches(&self, wanted: &str) -> bool {
        let (key, value) = match wanted.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (wanted.trim(), None),
        };
        self.0.get(key).is_some_and(|has| value.is_none_or(|value| has == value))
    }
}

/// One label as it is typed and shown.
pub fn pair(key: &str, value: &str) -> String {
    if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }
}

fn part(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./: ".contains(c);
    let is_one = typed.chars().count() <= MAX_LABEL && typed.chars().all(is_plain);
    is_one.then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_and_shown() {
        let labels = Labels::parse(" team = vision \n\nproduction\n环境=测试").expect("valid");
        assert_eq!(labels.text(), "production\nteam=vision\n环境=测试");
        assert_eq!(Labels::parse(&labels.text()), Ok(labels.clone()));
        for (wanted, found) in [
            ("team", true),
            ("team=vision", true),
            ("team = vision", true),
            ("team=", false),
            ("tea", false),
            ("production", true),
        ] {
            assert_eq!(labels.matches(wanted), found, "{wanted}");
        }
    }

    #[test]
    fn what_is_none() {
        let code = |typed: &str| Labels::parse(typed).map_err(|error| error.code());
        for typed in ["=x", "a=<script>", "a\u{202e}b=c", &format!("{}=1", "k".repeat(64))] {
            assert_eq!(code(typed), Err("label".into()), "{typed}");
        }
        assert_eq!(code("a=1\na=2"), Err("label_twice".into()));
        let many: String = (0..=MAX_LABELS).map(|n| format!("k{n}\n")).collect();
        assert_eq!(code(&many), Err("too_many_labels".into()));
    }
}
