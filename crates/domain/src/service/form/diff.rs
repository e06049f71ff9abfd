//! What an update changes, key by key.

use crate::service::document::normal_value;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Of the document; variables of the environment by their name: `process.env.HF_TOKEN`.
    pub key: String,
    /// As JSON; `None`: it was not there.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Both are left out: it may be a secret.
    pub hidden: bool,
}

/// All keys that say something else, by key. Values that may be secrets are not in it.
pub fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let (old, new) = (flat(old), flat(new));
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    let changed = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    let change = |key: &String| {
        let hidden = is_secret(key);
        let shown = |all: &BTreeMap<String, String>| all.get(key).filter(|_| !hidden).cloned();
        Change { key: key.clone(), before: shown(&old), after: shown(&new), hidden }
    };
    changed.map(change).collect()
}

fn is_secret(key: &str) -> bool {
    let in_env = |way: &str| {
        let rest = key.strip_prefix(way).and_then(|rest| rest.strip_prefix(".env"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    key == "token"
        || key == "dockerAuth"
        || in_env("process")
        || key.starts_with("containers[") && key.contains("].env")
}

fn flat(document: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    leaves(&normal_value(document), "", &mut all);
    all
}

fn leaves(value: &Value, path: &str, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(value, &path, all);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (index, item) in list.iter().enumerate() {
                // By name, so that one more in front is not a change of all.
                let name = item.get("name").and_then(Value::as_str).filter(|_| path.ends_with(".env"));
                match name {
                    Some(name) => {
                        all.insert(format!("{path}.{name}"), item.to_string());
                    }
                    None => leaves(item, &format!("{path}[{index}]"), all),
                }
            }
        }
        Value::Null => {}
        other => {
            all.insert(path.to_owned(), other.to_string());
        }
    }
}
