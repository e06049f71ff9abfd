//! Lists that are typed one a line. What no list can be made of stays the text that it is, so that it is shown again.

use crate::error::Invalid;
use crate::label::{Labels, pair};
use serde_json::{Map, Value, json};

/// Lines that count.
fn of(typed: &str) -> impl Iterator<Item = (usize, &str)> {
    typed.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn joined(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

pub(super) fn texts(value: &Value) -> String {
    match value {
        Value::Array(list) => joined(list.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned))),
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

pub(super) fn labels(value: &Value) -> String {
    match value {
        Value::Object(labels) => {
            joined(labels.iter().map(|(key, value)| pair(key, value.as_str().unwrap_or(&value.to_string()))))
        }
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

pub(super) fn to_labels(typed: &str) -> Value {
    match Labels::parse(typed) {
        Ok(labels) => labels.iter().map(|(key, value)| (key.to_owned(), value.into())).collect::<Map<_, _>>().into(),
        Err(_) => typed.into(),
    }
}

pub(super) fn env(value: &Value) -> String {
    let line = |item: &Value| {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        match item.get("value") {
            Some(Value::String(value)) if is_plain(value) => format!("{name}={value}"),
            Some(value) if !value.is_null() => format!("{name}={value}"),
            _ => format!("{name}="),
        }
    };
    match value {
        Value::Array(list) => joined(list.iter().map(line)),
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

/// Whether a value survives on a line without quotation marks.
fn is_plain(value: &str) -> bool {
    value.trim() == value && !value.starts_with('"') && !value.chars().any(char::is_control)
}

/// `old` keeps what its items say besides name and value.
pub(super) fn to_env(typed: &str, old: &Value) -> Value {
    let item = |(_, line): (usize, &str)| {
        let (name, value) = line.split_once('=')?;
        let value = match value.starts_with('"').then(|| serde_json::from_str::<String>(value)) {
            Some(Ok(quoted)) => quoted,
            _ => value.to_owned(),
        };
        let named = |item: &&Value| item.get("name").and_then(Value::as_str) == Some(name);
        let mut item = old.as_array().and_then(|old| old.iter().find(named)).cloned().unwrap_or_else(|| json!({}));
        let object = item.as_object_mut()?;
        object.insert("name".into(), name.into());
        object.insert("value".into(), value.into());
        Some(item)
    };
    of(typed).map(item).collect::<Option<Vec<Value>>>().map_or_else(|| typed.into(), Value::Array)
}

/// Folders of the host; what else is in the list is not shown, and kept.
pub(super) fn mounts(value: &Value) -> String {
    match value {
        Value::Array(list) => joined(list.iter().filter_map(mount)),
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

fn mount(item: &Value) -> Option<String> {
    let folder = item.get("host_path")?;
    let source = folder.get("path")?.as_str()?;
    let target = item.get("mount_path")?.as_str()?;
    // As a line it would say something else.
    if [source, target].iter().any(|path| path.contains([':', '\n', '\r']) || path.trim() != *path || path.is_empty()) {
        return None;
    }
    let end = if folder.get("readOnly") == Some(&Value::Bool(true)) { ":ro" } else { "" };
    Some(format!("{source}:{target}{end}"))
}

pub(super) fn to_mounts(typed: &str, old: &Value) -> Value {
    let old = old.as_array().map(Vec::as_slice).unwrap_or_default();
    let kept = old.iter().filter(|item| mount(item).is_none()).cloned();
    let item = |(_, line): (usize, &str)| {
        let parts: Vec<&str> = line.split(':').map(str::trim).collect();
        let (source, target, read_only) = match parts.as_slice() {
            [path] => (path, path, false),
            [path, "ro"] => (path, path, true),
            [source, target] => (source, target, false),
            [source, target, "ro"] => (source, target, true),
            _ => return None,
        };
        let same = |item: &&Value| item.get("mount_path").and_then(Value::as_str) == Some(target);
        let mut item = old.iter().filter(|item| mount(item).is_some()).find(same).cloned().unwrap_or_else(|| json!({}));
        let object = item.as_object_mut()?;
        object.insert("mount_path".into(), (*target).into());
        let mut folder = json!({ "path": source });
        if read_only {
            folder["readOnly"] = true.into();
        }
        object.insert("host_path".into(), folder);
        Some(item)
    };
    let shown = of(typed).map(item).collect::<Option<Vec<Value>>>();
    shown.map_or_else(|| typed.into(), |shown| kept.chain(shown).collect())
}

/// What is wrong with a line, for whoever types lines and never sees the list.
pub(super) fn wrong(field: &str, typed: &str) -> Option<Invalid> {
    match field {
        "labels" => Labels::parse(typed).err(),
        "env" => of(typed).find(|(_, line)| !line.contains('=')).map(|(at, _)| Invalid::EnvLine { line: at + 1 }),
        "mounts" => {
            let is_mount = |line: &str| {
                let parts: Vec<&str> = line.split(':').map(str::trim).collect();
                parts.len() <= 2 || (parts.len() == 3 && parts.last() == Some(&"ro"))
            };
            of(typed).find(|(_, line)| !is_mount(line)).map(|(at, _)| Invalid::MountLine { line: at + 1 })
        }
        _ => None,
    }
}
