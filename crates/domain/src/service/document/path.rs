//! Values of a document by their dotted path, such as `containers[0].port`.

use serde_json::{Map, Value};

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split('.').flat_map(|part| {
        let (key, indexes) = part.split_once('[').unwrap_or((part, ""));
        let indexes = indexes.split('[').filter_map(|index| index.strip_suffix(']')?.parse().ok());
        std::iter::once(Step::Key(key)).chain(indexes.map(Step::Index))
    })
}

/// The value there; `null` is none.
pub(in crate::service) fn get<'v>(root: &'v Value, path: &str) -> Option<&'v Value> {
    let found = steps(path).try_fold(root, |here, step| match step {
        Step::Key(key) => here.get(key),
        Step::Index(index) => here.get(index),
    });
    found.filter(|value| !value.is_null())
}

/// Writes it there, and makes the objects and the first item of a list that lead to it; what is no object on the way
/// makes room.
pub(in crate::service) fn put(root: &mut Value, path: &str, value: Value) {
    let mut here = root;
    for step in steps(path) {
        here = match step {
            Step::Key(key) => {
                if !here.is_object() {
                    *here = Value::Object(Map::new());
                }
                let Value::Object(object) = here else { return };
                object.entry(key).or_insert(Value::Null)
            }
            Step::Index(index) => {
                if !here.is_array() {
                    *here = Value::Array(Vec::new());
                }
                let Value::Array(list) = here else { return };
                if index >= list.len() {
                    list.push(Value::Null);
                }
                let last = list.len().saturating_sub(1);
                let Some(item) = list.get_mut(index.min(last)) else { return };
                item
            }
        };
    }
    *here = value;
}

/// Takes it away, and what is empty without it.
pub(in crate::service) fn remove(root: &mut Value, path: &str) -> Option<Value> {
    let (before, last) = path.rsplit_once('.').map_or((None, path), |(before, last)| (Some(before), last));
    let parent = match before {
        Some(before) => get_mut(root, before)?,
        None => root,
    };
    let taken = parent.as_object_mut()?.remove(last);
    let is_empty = parent.as_object().is_some_and(Map::is_empty);
    if let (true, Some(before)) = (is_empty, before.filter(|before| !before.ends_with(']'))) {
        remove(root, before);
    }
    taken
}

fn get_mut<'v>(root: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    steps(path).try_fold(root, |here, step| match step {
        Step::Key(key) => here.get_mut(key),
        Step::Index(index) => here.get_mut(index),
    })
}
