//! One form for what a document may write in several ways: dotted keys become objects, and old places the present ones.

use super::KeyError;
use super::tree::Node;
use crate::error::Invalid;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The old place of a key, and the one that counts.
const MOVED: [(&str, &str); 2] = [("name", "metadata.name"), ("metadata.gateway", "networking.gateway")];

/// Objects whose keys are the user's own, with all the dots in them.
const FREE_KEYS: [&str; 1] = ["labels"];

/// How many dots a key may have; without a bound a line of dots would be an object a thousand deep.
const MAX_DOTS: usize = 8;

/// The same document, each key in its place. What is there twice is noted, and the first one kept.
pub(super) fn normal(node: Node, errors: &mut Vec<KeyError>) -> Value {
    let mut root = Value::Object(Map::new());
    match node {
        Node::Object(pairs) => place(&mut root, Some(""), pairs, errors),
        _ => errors.push(KeyError::new("", Invalid::WrongKind { example: "{}".into() })),
    }
    root
}

/// `at` is where in the document these pairs belong; `None`: they are an item of a list, and `root` is that item.
fn place(root: &mut Value, at: Option<&str>, pairs: Vec<(String, Node)>, errors: &mut Vec<KeyError>) {
    let is_free = at.is_some_and(|at| FREE_KEYS.contains(&at));
    let mut seen = BTreeSet::new();
    for (key, node) in pairs {
        let mut path = match at {
            Some(at) if !at.is_empty() => format!("{at}.{key}"),
            _ => key.clone(),
        };
        // No key has them but one, and a path with such a key could be mistaken for an item of a list.
        let has_brackets = key.contains(['[', ']']) && !key.ends_with("gpu[util]");
        if !is_free && (has_brackets || key.matches('.').count() > MAX_DOTS) {
            errors.push(KeyError::new(&path, Invalid::UnknownKey { nearest: String::new() }));
            continue;
        }
        if !seen.insert(key.clone()) {
            errors.push(KeyError::new(&path, Invalid::KeyTwice));
            continue;
        }
        if let Some((_, now)) = MOVED.iter().find(|(old, _)| at.is_some() && *old == path) {
            path = (*now).into();
        }
        // A key inside of an object of free ones is one word, whatever it looks like.
        let steps: Vec<&str> = match at {
            Some(at) if is_free => vec![at, &key],
            _ => path.split('.').collect(),
        };
        let fits = match node {
            Node::Object(inner) => {
                let fits = open(root, &steps);
                if fits {
                    place(root, Some(&path), inner, errors);
                }
                fits
            }
            other => put(root, &steps, plain(other, &path, errors)),
        };
        if !fits {
            errors.push(KeyError::new(&path, Invalid::KeyTwice));
        }
    }
}

/// Values of lists are documents of their own: their keys are normalised among themselves.
fn plain(node: Node, at: &str, errors: &mut Vec<KeyError>) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Flag(flag) => flag.into(),
        Node::Number(number) => Value::Number(number),
        Node::Text(text) => text.into(),
        Node::List(nodes) => {
            let item = |(index, node)| {
                let at = format!("{at}[{index}]");
                match node {
                    Node::Object(pairs) => {
                        let mut item = Value::Object(Map::new());
                        let mut inner = Vec::new();
                        place(&mut item, None, pairs, &mut inner);
                        errors.extend(inner.into_iter().map(|error| error.under(&at)));
                        item
                    }
                    other => plain(other, &at, errors),
                }
            };
            nodes.into_iter().enumerate().map(item).collect()
        }
        Node::Object(_) => Value::Null,
    }
}

/// Makes the object at these steps, where nothing else is yet.
fn open(root: &mut Value, steps: &[&str]) -> bool {
    let mut here = root;
    for step in steps {
        let Value::Object(object) = here else { return false };
        here = object.entry(*step).or_insert_with(|| Value::Object(Map::new()));
    }
    here.is_object()
}

fn put(root: &mut Value, steps: &[&str], value: Value) -> bool {
    let Some((last, before)) = steps.split_last() else { return false };
    if !open(root, before) {
        return false;
    }
    let mut here = root;
    for step in before {
        let Some(inner) = here.get_mut(*step) else { return false };
        here = inner;
    }
    let Value::Object(object) = here else { return false };
    if object.contains_key(*last) {
        return false;
    }
    object.insert((*last).to_owned(), value);
    true
}
