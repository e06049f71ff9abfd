//! The rows of the table of keys.

mod metadata;
mod running;
mod scaling;
mod top;
mod traffic;

use super::keys::{Key, Kind, Meaning};
use super::refusal::Refusal;

pub(super) const ALL: [&[Key]; 5] = [top::KEYS, metadata::KEYS, running::KEYS, traffic::KEYS, scaling::KEYS];

const fn taken(path: &'static str, kind: Kind, default: &'static str, means: &'static str) -> Key {
    Key { path, kind, default, meaning: Meaning::Taken(means) }
}

const fn own(path: &'static str, kind: Kind, default: &'static str, means: &'static str) -> Key {
    Key { path, kind, default, meaning: Meaning::Own(means) }
}

const fn refused(path: &'static str, why: Refusal, instead: &'static str) -> Key {
    Key { path, kind: Kind::Object, default: "", meaning: Meaning::Refused(why, instead) }
}

const fn off(path: &'static str, kind: Kind, value: &'static str, why: Refusal, instead: &'static str) -> Key {
    Key { path, kind, default: value, meaning: Meaning::OnlyOff(value, why, instead) }
}
