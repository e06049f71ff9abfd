//! The table of keys: what each means here, or why it is refused. The reader goes by it, and so does the page of
//! documentation.

use super::refusal::Refusal;
use super::tables;

/// One key, or all keys of a shape.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `[]` for any index, `*` for any name. `$` is what runs: `containers[]`, `process` or `external`.
    pub path: &'static str,
    pub kind: Kind,
    /// What counts without it; empty where nothing does.
    pub default: &'static str,
    pub meaning: Meaning,
}

/// What may be written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    List,
    Text,
    Flag,
    /// A whole number.
    Count {
        min: u64,
        max: u64,
    },
    /// A number from `min` to `max` with a part behind the point.
    Number {
        min: u64,
        max: u64,
    },
    /// A number of replicas or a part of them: `2`, `"25%"`.
    Share,
    /// Text, or a list of words.
    Command,
    /// `"60s"`, or a whole number of seconds.
    Duration,
    Choice(&'static [&'static str]),
}

impl Kind {
    /// As it is written, for a sentence in any language.
    pub fn example(self) -> &'static str {
        match self {
            Self::Object => "{}",
            Self::List => "[]",
            Self::Text => "\"text\"",
            Self::Flag => "true",
            Self::Count { .. } => "1",
            Self::Number { .. } => "0.5",
            Self::Share => "1, \"25%\"",
            Self::Command => "\"text\", [\"text\"]",
            Self::Duration => "\"60s\"",
            Self::Choice(_) => "\"text\"",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The document's own key.
    Taken(&'static str),
    /// A key that only this product has.
    Own(&'static str),
    /// What to use instead is another key, or empty.
    Refused(Refusal, &'static str),
    /// Taken with the one value that asks for nothing, written as JSON.
    OnlyOff(&'static str, Refusal, &'static str),
}

/// All keys, the document's order.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    tables::ALL.iter().flat_map(|table| table.iter())
}

/// The row for a key of a document, such as `containers[0].env[3].name`.
pub fn key_of(path: &str) -> Option<&'static Key> {
    let wanted = pattern(path);
    keys().find(|key| key.path == wanted || free(key.path, &wanted))
}

/// Whether it is one of the keys that a user may call as they like.
fn free(path: &str, wanted: &str) -> bool {
    let Some(object) = path.strip_suffix(".*") else { return false };
    wanted.strip_prefix(object).is_some_and(|rest| rest.starts_with('.'))
}

/// The shape of a key, as in the table.
pub(super) fn pattern(path: &str) -> String {
    let parts = path.split('[').enumerate().map(|(at, part)| match part.split_once(']') {
        Some((index, rest)) if at > 0 && index.bytes().all(|byte| byte.is_ascii_digit()) => format!("[]{rest}"),
        _ if at > 0 => format!("[{part}"),
        _ => part.to_owned(),
    });
    let shape: String = parts.collect();
    for place in ["containers[]", "process", "external"] {
        if let Some(rest) = shape.strip_prefix(place).and_then(|rest| rest.strip_prefix('.')) {
            let is_check = CHECKS.iter().find(|check| rest == **check || rest.starts_with(&format!("{check}.")));
            let inner = match is_check {
                Some(check) => format!("$.*_check{}", &rest[check.len()..]),
                None => format!("$.{rest}"),
            };
            // Of what runs elsewhere nothing is known but whether it answers.
            let is_known = match place {
                "process" => !rest.starts_with("image") && !rest.starts_with("docker"),
                "external" => rest.starts_with("readiness_check"),
                _ => true,
            };
            return if is_known { inner } else { shape };
        }
    }
    shape
}

pub(super) const CHECKS: [&str; 3] = ["startup_check", "readiness_check", "liveness_check"];

/// The key that somebody may have meant, as it is written in the table; empty where none is near.
pub(super) fn nearest(path: &str) -> String {
    let wanted: String = pattern(path).chars().take(80).collect();
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let parent = |path: &str| path.rsplit_once('.').map(|(parent, _)| parent.to_owned()).unwrap_or_default();
    let taken = keys().filter(|key| !matches!(key.meaning, Meaning::Refused(..)) && !key.path.ends_with('*'));
    let scored = taken.filter_map(|key| {
        let away = distance(&last(key.path), &last(&wanted));
        let near = away * 3 <= last(&wanted).chars().count().max(3);
        near.then(|| (away * 2 + usize::from(parent(key.path) != parent(&wanted)), key.path))
    });
    let best = scored.min().map(|(_, path)| path).unwrap_or_default();
    let place = ["containers", "process", "external"].iter().find(|place| path.starts_with(**place));
    let runs = match place {
        Some(&"process") => "process",
        Some(&"external") => "external",
        _ => "containers[]",
    };
    let check = CHECKS.iter().find(|check| path.contains(**check)).unwrap_or(&"readiness_check");
    best.replace('$', runs).replace("*_check", check)
}

/// How many letters have to be changed, added or left out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, o) in row.iter_mut().skip(1).zip(&other) {
            let changed = diagonal + usize::from(c != *o);
            diagonal = *cell;
            left = changed.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
