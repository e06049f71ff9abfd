//! Every key against the table: known, taken, of the right kind and in its range.

use super::KeyError;
use super::keys::{Key, Kind, Meaning, key_of, nearest};
use super::limits::ITEMS;
use crate::error::Invalid;
use serde_json::Value;

pub(super) fn check(root: &Value, errors: &mut Vec<KeyError>) {
    inside(root, "", errors);
}

fn inside(value: &Value, path: &str, errors: &mut Vec<KeyError>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                one(value, &path, errors);
            }
        }
        Value::Array(list) if list.len() > ITEMS => {
            errors.push(KeyError::new(path, Invalid::TooLong { max: ITEMS, len: list.len() }));
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                one(value, &format!("{path}[{index}]"), errors);
            }
        }
        _ => {}
    }
}

fn one(value: &Value, path: &str, errors: &mut Vec<KeyError>) {
    let Some(key) = key_of(path) else {
        return errors.push(KeyError::new(path, Invalid::UnknownKey { nearest: nearest(path) }));
    };
    match key.meaning {
        Meaning::Refused(why, instead) => {
            errors.push(KeyError::new(path, Invalid::KeyRefused { why, instead: instead.into() }));
        }
        // Nothing said.
        _ if value.is_null() && !path.ends_with(']') => {}
        Meaning::OnlyOff(off, why, instead) => {
            if serde_json::from_str(off).ok().as_ref() != Some(value) {
                errors.push(KeyError::new(path, Invalid::KeyRefused { why, instead: instead.into() }));
            }
        }
        Meaning::Taken(_) | Meaning::Own(_) => match wrong(key, value) {
            Some(error) => errors.push(KeyError::new(path, error)),
            // The words of a command are no keys.
            None if key.kind == Kind::Command => {}
            None => inside(value, path, errors),
        },
    }
}

fn wrong(key: &Key, value: &Value) -> Option<Invalid> {
    let of_kind = match key.kind {
        Kind::Object => value.is_object(),
        Kind::List => value.is_array(),
        Kind::Text => value.is_string(),
        Kind::Flag => value.is_boolean(),
        Kind::Count { .. } | Kind::Number { .. } => value.is_number(),
        Kind::Share => share(value).is_some(),
        Kind::Command => value.is_string() || words(value).is_some(),
        Kind::Duration => seconds(value).is_some(),
        Kind::Choice(_) => value.is_string(),
    };
    if !of_kind {
        return Some(Invalid::WrongKind { example: key.kind.example().into() });
    }
    match key.kind {
        Kind::Count { min, max } => {
            let fits = value.as_u64().is_some_and(|number| (min..=max).contains(&number));
            (!fits).then_some(Invalid::OutOfRange { min, max })
        }
        Kind::Number { min, max } => {
            let fits = value.as_f64().is_some_and(|number| number >= min as f64 && number <= max as f64);
            (!fits).then_some(Invalid::OutOfRange { min, max })
        }
        Kind::Choice(words) => (!value.as_str().is_some_and(|text| words.contains(&text))).then_some(Invalid::Choice),
        _ => None,
    }
}

/// A number of replicas or a part of them.
pub(super) fn share(value: &Value) -> Option<crate::service::Share> {
    use crate::service::{MAX_REPLICAS, Share};
    match value {
        Value::String(text) => {
            let percent = digits(text.strip_suffix('%')?)?;
            u8::try_from(percent).ok().filter(|percent| *percent <= 100).map(Share::Percent)
        }
        _ => {
            let count = u32::try_from(value.as_u64()?).ok()?;
            (count <= MAX_REPLICAS).then_some(Share::Count(count))
        }
    }
}

/// Seconds, up to a day.
pub(super) fn seconds(value: &Value) -> Option<u32> {
    let seconds = match value {
        Value::String(text) => digits(text.strip_suffix('s')?)?,
        _ => u32::try_from(value.as_u64()?).ok()?,
    };
    (u64::from(seconds) <= super::limits::DAY).then_some(seconds)
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The words of a list.
pub(super) fn words(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}
