//! Header fields as they came: one piece of memory and where in it the names and values are. Nothing is copied,
//! hashed or lower-cased to look at a few of them and to pass the others on.

use super::name::Name;
use http::HeaderMap;

/// All of a head. Longer ones are refused, so that places fit into half a word.
pub const LONGEST: usize = 64 * 1024 - 1;

#[derive(Clone, Copy)]
struct Field {
    name: Name,
    name_at: u16,
    name_len: u16,
    value_at: u16,
    value_len: u16,
}

#[derive(Default)]
pub struct Fields {
    bytes: Vec<u8>,
    all: Vec<Field>,
    /// The names that are in it, a bit each.
    seen: u64,
}

/// A place in the memory of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    at: u16,
    len: u16,
}

impl Place {
    pub fn new(at: usize, len: usize) -> Option<Self> {
        Some(Self { at: u16::try_from(at).ok()?, len: u16::try_from(len).ok()? })
    }

    pub fn in_bytes(self, bytes: &[u8]) -> &[u8] {
        let at = usize::from(self.at);
        bytes.get(at..at + usize::from(self.len)).unwrap_or_default()
    }
}

impl Fields {
    /// Of a head that lies in `bytes`, read by httparse: its slices are within.
    pub fn of_parsed(bytes: &[u8], headers: &[httparse::Header<'_>]) -> Option<Self> {
        let start = bytes.as_ptr() as usize;
        let at = |part: &[u8]| u16::try_from((part.as_ptr() as usize).wrapping_sub(start)).ok();
        let mut fields = Self { bytes: Vec::new(), all: Vec::with_capacity(headers.len()), seen: 0 };
        for header in headers {
            let name = Name::of(header.name.as_bytes());
            fields.seen |= name.bit();
            fields.all.push(Field {
                name,
                name_at: at(header.name.as_bytes())?,
                name_len: u16::try_from(header.name.len()).ok()?,
                // An empty value may point anywhere.
                value_at: if header.value.is_empty() { 0 } else { at(header.value)? },
                value_len: u16::try_from(header.value.len()).ok()?,
            });
        }
        fields.bytes = bytes.to_vec();
        Some(fields)
    }

    /// Behind `bytes`, which are the caller's own. `None` if that is too much.
    pub fn of_map(bytes: Vec<u8>, map: &HeaderMap) -> Option<Self> {
        let mut fields = Self { bytes, all: Vec::with_capacity(map.len()), seen: 0 };
        for (name, value) in map {
            fields.push(name.as_str().as_bytes(), value.as_bytes())?;
        }
        Some(fields)
    }

    pub fn push(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        let name_at = u16::try_from(self.bytes.len()).ok()?;
        let value_at = u16::try_from(self.bytes.len() + name.len()).ok()?;
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        let (name_len, value_len) = (u16::try_from(name.len()).ok()?, u16::try_from(value.len()).ok()?);
        let name = Name::of(name);
        self.seen |= name.bit();
        self.all.push(Field { name, name_at, name_len, value_at, value_len });
        Some(())
    }

    pub fn at(&self, place: Place) -> &[u8] {
        place.in_bytes(&self.bytes)
    }

    fn value(&self, field: &Field) -> &[u8] {
        self.at(Place { at: field.value_at, len: field.value_len })
    }

    pub fn has(&self, name: Name) -> bool {
        self.seen & name.bit() != 0
    }

    pub fn all(&self, name: Name) -> impl Iterator<Item = &[u8]> {
        // Most are asked for names that are not there.
        let fields = if self.has(name) { &self.all[..] } else { &[] };
        fields.iter().filter(move |field| field.name == name).map(|field| self.value(field))
    }

    pub fn first(&self, name: Name) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// The value of a name that is there once.
    pub fn only(&self, name: Name) -> Option<&[u8]> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    pub fn is_repeated(&self, name: Name) -> bool {
        self.all(name).nth(1).is_some()
    }

    /// Of any name, lower case or not.
    pub fn named(&self, name: &str) -> Option<&[u8]> {
        let found = self.iter().find(|(_, text, _)| text.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, _, value)| value)
    }

    /// Whether one of this name, in any case, has exactly this value.
    pub fn has_value(&self, name: &str, value: &[u8]) -> bool {
        self.iter().any(|(_, text, its)| its == value && text.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Name, its text, and value.
    pub fn iter(&self) -> impl Iterator<Item = (Name, &[u8], &[u8])> {
        self.all.iter().map(|field| {
            let text = self.at(Place { at: field.name_at, len: field.name_len });
            (field.name, text, self.value(field))
        })
    }

    /// What `Connection` nominates.
    pub fn nominated(&self) -> impl Iterator<Item = &[u8]> {
        tokens(self.all(Name::Connection))
    }
}

/// The elements of a comma separated list that may be in several fields.
pub fn tokens<'v>(values: impl Iterator<Item = &'v [u8]>) -> impl Iterator<Item = &'v [u8]> {
    values.flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found() {
        let mut fields = Fields::default();
        for (name, value) in [("Host", "a"), ("X-Other", ""), ("connection", "a, B"), ("Connection", ",c")] {
            fields.push(name.as_bytes(), value.as_bytes()).expect("room");
        }
        assert_eq!(fields.first(Name::Host), Some(&b"a"[..]));
        assert_eq!(fields.only(Name::Connection), None);
        assert!(fields.is_repeated(Name::Connection) && !fields.is_repeated(Name::Host));
        assert_eq!(fields.named("x-other"), Some(&b""[..]));
        assert_eq!(fields.nominated().collect::<Vec<_>>(), [&b"a"[..], b"B", b"c"]);
        assert!(!fields.has(Name::Cookie) && fields.first(Name::Cookie).is_none());
    }
}
