//! The list of addresses that may enter. Empty means nobody.

use crate::cidr::{Cidr, canonical, excerpt};
use crate::error::{FieldErrors, Invalid};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Most CIDR blocks in one list.
pub const MAX_ENTRIES: usize = 15;
/// Most characters in an entry's comment.
pub const MAX_COMMENT: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub cidr: Cidr,
    #[serde(default)]
    pub comment: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Whitelist(Vec<Entry>);

impl Whitelist {
    pub fn new(entries: Vec<Entry>) -> Result<Self, Invalid> {
        if entries.len() > MAX_ENTRIES {
            return Err(Invalid::TooManyCidrs { max: MAX_ENTRIES, count: entries.len() });
        }
        for (at, entry) in entries.iter().enumerate() {
            if entries[..at].iter().any(|earlier| earlier.cidr == entry.cidr) {
                return Err(Invalid::DuplicateCidr { entry: entry.cidr.to_string() });
            }
            if entry.comment.chars().count() > MAX_COMMENT {
                return Err(Invalid::TooLong { max: MAX_COMMENT, len: entry.comment.chars().count() });
            }
        }
        Ok(Self(entries))
    }

    /// What the list of a private network of IPv4 starts as.
    pub fn everyone_v4() -> Self {
        Self(vec![Entry { cidr: Cidr::everyone_v4(), comment: "default".into() }])
    }

    /// What a private network's list starts as: everyone of the families that its blocks have.
    pub fn everyone_of(blocks: &[Cidr]) -> Self {
        let mut all = Self::everyone_v4();
        if blocks.iter().any(Cidr::is_ipv6) {
            all.0.push(Entry { cidr: Cidr::everyone_v6(), comment: "default".into() });
        }
        all
    }

    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first entry that lets this address in.
    pub fn matching(&self, address: IpAddr) -> Option<&Entry> {
        let address = canonical(address);
        self.0.iter().find(|entry| entry.cidr.contains(address))
    }

    /// This list with what somebody typed into the fields `blocks` and `comment` added.
    pub fn with_typed(&self, blocks: &str, comment: &str) -> Result<Self, FieldErrors> {
        // To tell which field is wrong: an empty comment cannot be.
        let field = if self.with_added(blocks, "").is_ok() { "comment" } else { "blocks" };
        self.with_added(blocks, comment).map_err(|error| FieldErrors::one(field, error))
    }

    /// This list with more: blocks separated by commas or line feeds, one comment for all.
    pub fn with_added(&self, typed: &str, comment: &str) -> Result<Self, Invalid> {
        let comment = comment.trim();
        if comment.chars().any(char::is_control) {
            return Err(Invalid::ControlCharacter);
        }
        let mut entries = self.0.clone();
        for cidr in parse_blocks(typed)? {
            entries.push(Entry { cidr, comment: comment.into() });
        }
        Self::new(entries)
    }

    pub fn without(&self, cidr: Cidr) -> Self {
        Self(self.0.iter().filter(|entry| entry.cidr != cidr).cloned().collect())
    }
}

/// Blocks separated by commas or line feeds; blanks around them and empty pieces do not count.
pub fn parse_blocks(typed: &str) -> Result<Vec<Cidr>, Invalid> {
    let pieces: Vec<&str> = typed.split([',', '\n', '\r']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if pieces.is_empty() {
        return Err(Invalid::Required);
    }
    // Before parsing: a megabyte of blocks is refused for its number.
    if pieces.len() > MAX_ENTRIES {
        return Err(Invalid::TooManyCidrs { max: MAX_ENTRIES, count: pieces.len() });
    }
    pieces.into_iter().map(Cidr::parse).collect()
}

/// One address that somebody typed into the tester.
pub fn parse_address(typed: &str) -> Result<IpAddr, Invalid> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Invalid::Required);
    }
    typed.parse().map(canonical).map_err(|_| Invalid::Address { entry: excerpt(typed) })
}

impl TryFrom<Vec<Entry>> for Whitelist {
    type Error = Invalid;
    fn try_from(entries: Vec<Entry>) -> Result<Self, Invalid> {
        Self::new(entries)
    }
}

impl From<Whitelist> for Vec<Entry> {
    fn from(list: Whitelist) -> Vec<Entry> {
        list.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(typed: &str) -> Result<Whitelist, Invalid> {
        Whitelist::default().with_added(typed, "")
    }

    #[test]
    fn commas_and_line_feeds_separate() {
        let list = list("192.0.2.0/24, 198.51.100.7\n2001:db8::/32,\r\n").expect("valid");
        assert_eq!(list.entries().len(), 3);
        assert!(list.matching("198.51.100.7".parse().expect("address")).is_some());
        assert!(list.matching("198.51.100.8".parse().expect("address")).is_none());
    }

    #[test]
    fn everyone_of_a_network_is_of_its_families() {
        let enters = |blocks: &[&str], client: &str| {
            let blocks: Vec<Cidr> = blocks.iter().map(|block| Cidr::parse(block).expect("block")).collect();
            Whitelist::everyone_of(&blocks).matching(client.parse().expect("address")).is_some()
        };
        assert!(enters(&["10.1.0.0/16"], "10.1.0.9") && !enters(&["10.1.0.0/16"], "fd00::9"));
        let both = ["10.1.0.0/16", "fd00::/64"];
        assert!(enters(&both, "10.1.0.9") && enters(&both, "fd00::9"));
        assert!(enters(&["fd00::/64"], "fd00::9"));
    }

    #[test]
    fn nobody_enters_through_an_empty_list() {
        assert!(Whitelist::default().matching("127.0.0.1".parse().expect("address")).is_none());
    }

    #[test]
    fn the_sixteenth_block_is_refused() {
        let fifteen: Vec<String> = (0..15).map(|n| format!("10.0.{n}.0/24")).collect();
        let full = list(&fifteen.join(",")).expect("fifteen are allowed");
        assert_eq!(full.with_added("10.9.0.0/16", ""), Err(Invalid::TooManyCidrs { max: 15, count: 16 }));
        assert!(list(&"1.2.3.4,".repeat(100_000)).is_err());
    }

    #[test]
    fn the_same_block_written_differently_is_a_duplicate() {
        assert_eq!(list("192.0.2.0/24,192.0.2.9/24"), Err(Invalid::DuplicateCidr { entry: "192.0.2.0/24".into() }));
    }

    #[test]
    fn hostile_comments_and_blocks() {
        assert!(Whitelist::default().with_added("1.2.3.4", "a\0b").is_err());
        for (blocks, comment, field) in [("1.2.3.4", "a\0b", "comment"), ("nonsense", "a\0b", "blocks")] {
            let errors = Whitelist::default().with_typed(blocks, comment).expect_err("refused");
            assert!(errors.get(field).is_some(), "{field}");
        }
        assert!(Whitelist::default().with_added("1.2.3.4", &"x".repeat(101)).is_err());
        let Err(Invalid::Cidr { entry }) = list(&"<script>".repeat(1000)) else { panic!("refused as a block") };
        assert!(entry.chars().count() < 60);
    }
}
