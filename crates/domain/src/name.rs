//! Names that people give.

use crate::error::Invalid;
use serde::{Deserialize, Serialize};

macro_rules! text_type {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.into()
            }
        }
    )*};
}

text_type! {
    /// 1 to 63 letters (of any script), digits, `-` and `_`; does not start with `-`.
    GatewayName;
    /// 1 to 63 characters: a lower-case letter, then lower-case letters, digits and `_`. It is part of the
    /// endpoint's path, so nothing in it ever needs escaping.
    ServiceName;
    /// 3 to 64 characters that can be seen, without blanks; compared without regard to case.
    UserName;
}

fn within(text: &str, max: usize) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid::Required);
    }
    // A megabyte of text must not be counted, echoed or stored to be refused.
    let len = if text.len() > 4 * max { text.len() } else { text.chars().count() };
    if len > max { Err(Invalid::TooLong { max, len }) } else { Ok(()) }
}

/// A character as it can be shown in a sentence, also when it is invisible.
fn shown(found: char) -> String {
    // A sign that every language has.
    if found == ' ' {
        return "␣".into();
    }
    if found.is_alphanumeric() || found.is_ascii_graphic() {
        found.to_string()
    } else {
        found.escape_unicode().to_string()
    }
}

/// Controls, and characters that only change how others look: by them one name could pass for another.
pub(crate) fn is_unseen(c: char) -> bool {
    let marks = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}', '\u{feff}'..='\u{feff}'];
    c.is_control() || c == '\u{ad}' || c == '\u{61c}' || marks.iter().any(|range| range.contains(&c))
}

impl GatewayName {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        within(text, 63)?;
        let bad = |(at, c): &(usize, char)| !(c.is_alphanumeric() || *c == '_' || (*c == '-' && *at > 0));
        match text.char_indices().find(bad) {
            Some((_, found)) => Err(Invalid::NameCharacter { found: shown(found) }),
            None => Ok(Self(text.into())),
        }
    }
}

impl ServiceName {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        within(text, 63)?;
        let bad = |(at, c): &(usize, char)| !(c.is_ascii_lowercase() || (*at > 0 && (c.is_ascii_digit() || *c == '_')));
        match text.char_indices().find(bad) {
            Some((_, found)) => Err(Invalid::ServiceNameCharacter { found: shown(found) }),
            None => Ok(Self(text.into())),
        }
    }
}

impl UserName {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        within(text, 64)?;
        if text.chars().count() < 3 {
            return Err(Invalid::TooShort { min: 3 });
        }
        match text.chars().find(|c| is_unseen(*c) || c.is_whitespace()) {
            Some(found) => Err(Invalid::UserNameCharacter { found: shown(found) }),
            None => Ok(Self(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_people_use() {
        for text in ["prod", "prod-1", "推理网关", "é_2", " trimmed "] {
            assert!(GatewayName::parse(text).is_ok(), "{text}");
        }
        for text in ["sample_model", "a", "llama3"] {
            assert!(ServiceName::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn hostile_names() {
        let long = "x".repeat(1 << 20);
        for text in ["", "a b", "-a", "</textarea><script>", "a\0b", "\u{202e}evil", "😀", long.as_str()] {
            assert!(GatewayName::parse(text).is_err(), "{:.20}", text);
            assert!(ServiceName::parse(text).is_err(), "{:.20}", text);
        }
        assert_eq!(GatewayName::parse(&long), Err(Invalid::TooLong { max: 63, len: 1 << 20 }));
    }

    #[test]
    fn nobody_can_look_like_somebody_else() {
        for text in ["ada", "</textarea><script>", "😀😀😀", "推理者"] {
            assert!(UserName::parse(text).is_ok(), "{text}");
        }
        for text in ["ad\u{200b}a", "\u{202e}ada", "a\0da", "a da"] {
            assert!(matches!(UserName::parse(text), Err(Invalid::UserNameCharacter { .. })), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_is_stable(text in ".{0,80}") {
            if let Ok(name) = GatewayName::parse(&text) {
                prop_assert_eq!(GatewayName::parse(name.as_str()), Ok(name));
            }
            if let Ok(name) = ServiceName::parse(&text) {
                prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            }
        }
    }
}
