//! How the text of a field and the value of a key say the same.

use super::lines;
use crate::service::document::path::{get, put, remove};
use crate::service::document::words::line;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A number where it is one; what is not stays text, for the reader of documents to judge.
    Number,
    Command,
    /// `true` or empty.
    Flag,
    /// `true` where the key says false.
    FlagOff,
    /// `true` or empty; without it nothing that belongs to it stays.
    ToZero,
    /// A limit with its switch.
    Limit,
    Method,
    Balance,
    User,
    Password,
    Secret,
    Labels,
    Env,
    Mounts,
    Lines,
}

const METHODS: [(&str, &str); 3] = [("http", "http_get"), ("tcp", "tcp_socket"), ("exec", "exec")];

impl Shape {
    /// The text that is shown for it.
    pub(super) fn read(self, document: &Value, path: &str) -> String {
        let Some(value) = get(document, path) else { return String::new() };
        match self {
            Self::Flag | Self::ToZero => on(value == &Value::Bool(true)),
            Self::FlagOff => on(value == &Value::Bool(false)),
            Self::Limit if value.get("enable") == Some(&Value::Bool(true)) => plain(value.get("limit")),
            Self::Limit => value.as_str().unwrap_or_default().to_owned(),
            Self::Method => {
                let found = METHODS.iter().find(|(_, key)| value.get(key).is_some());
                found.map_or("tcp", |(word, _)| *word).to_owned()
            }
            Self::Balance => plain(value.get("policy")),
            Self::Command => match value.as_array() {
                Some(words) => line(&words.iter().map(|word| plain(Some(word))).collect::<Vec<_>>()),
                None => plain(Some(value)),
            },
            Self::User => credentials(value).map(|(user, _)| user).unwrap_or_default(),
            Self::Password | Self::Secret => String::new(),
            Self::Labels => lines::labels(value),
            Self::Env => lines::env(value),
            Self::Mounts => lines::mounts(value),
            Self::Lines => lines::texts(value),
            Self::Text | Self::Number => plain(Some(value)),
        }
    }

    /// Writes what was typed; nothing takes the key away.
    pub(super) fn write(self, document: &mut Value, path: &str, typed: &str) {
        if typed.is_empty() {
            if self == Self::ToZero {
                remove(document, "autoscaler.behavior.onZero");
            }
            if !matches!(self, Self::Password | Self::Secret | Self::Mounts) {
                remove(document, path);
                return;
            }
        }
        let old = get(document, path).cloned().unwrap_or_default();
        let value = match self {
            Self::Text | Self::Command => typed.into(),
            Self::Number => number(typed),
            Self::Flag | Self::ToZero => true.into(),
            Self::FlagOff => false.into(),
            Self::Limit => json!({ "enable": true, "limit": number(typed) }),
            Self::Method => method(old, typed),
            Self::Balance => json!({ "policy": typed }),
            Self::User => encoded(typed, &credentials(&old).map(|(_, password)| password).unwrap_or_default()),
            Self::Password | Self::Secret if typed.is_empty() => return,
            Self::Password => encoded(&credentials(&old).map(|(user, _)| user).unwrap_or_default(), typed),
            Self::Secret => typed.into(),
            Self::Labels => lines::to_labels(typed),
            Self::Env => lines::to_env(typed, &old),
            Self::Mounts => match lines::to_mounts(typed, &old) {
                Value::Array(list) if list.is_empty() => {
                    remove(document, path);
                    return;
                }
                value => value,
            },
            Self::Lines => typed.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
        };
        put(document, path, value);
    }
}

fn on(on: bool) -> String {
    if on { "true".into() } else { String::new() }
}

/// A value as it is typed.
fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Only what is shown again as it was typed is a number.
fn number(typed: &str) -> Value {
    let number = serde_json::from_str::<serde_json::Number>(typed).ok();
    number.filter(|number| number.to_string() == typed).map_or_else(|| typed.into(), Value::Number)
}

/// The same check by another method.
fn method(old: Value, typed: &str) -> Value {
    let mut check = if let Value::Object(check) = old { check } else { Map::new() };
    let key = METHODS.iter().find(|(word, _)| *word == typed).map_or(typed, |(_, key)| key);
    let kept = check.get(key).cloned().unwrap_or_else(|| json!({}));
    METHODS.iter().for_each(|(_, other)| {
        check.remove(*other);
    });
    check.insert(key.to_owned(), kept);
    check.into()
}

fn credentials(value: &Value) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(value.as_str()?).ok()?).ok()?;
    plain.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn encoded(user: &str, password: &str) -> Value {
    STANDARD.encode(format!("{user}:{password}")).into()
}
