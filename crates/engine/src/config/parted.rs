//! A hash map in parts that its states share: the next state of ten thousand entries copies the few that lie beside what
//! changed.

use std::borrow::Borrow;
use std::collections::{HashMap, hash_map};
use std::hash::{Hash, Hasher};
use std::iter::FlatMap;
use std::slice;
use std::sync::Arc;

/// Entries of a part in the mean, at most. More make copies slower, fewer the list of parts longer.
const PART: usize = 64;

#[derive(Clone)]
pub struct Parted<K, V> {
    /// None, or a power of two of them.
    parts: Vec<Part<K, V>>,
    len: usize,
}

type Part<K, V> = Arc<HashMap<K, V>>;
type Iter<'a, K, V> = FlatMap<slice::Iter<'a, Part<K, V>>, hash_map::Iter<'a, K, V>, Inner<'a, K, V>>;
type Inner<'a, K, V> = fn(&'a Part<K, V>) -> hash_map::Iter<'a, K, V>;

impl<'a, K, V> IntoIterator for &'a Parted<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, V> Default for Parted<K, V> {
    fn default() -> Self {
        Self { parts: Vec::new(), len: 0 }
    }
}

impl<K, V> Parted<K, V> {
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Hash + Eq, V> Parted<K, V> {
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.parts.get(self.part(key))?.get(key)
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // Most maps are small; theirs costs nothing.
        if self.parts.len() <= 1 {
            return 0;
        }
        let mut hasher = Quick(0);
        key.hash(&mut hasher);
        // The upper half is the better mixed one.
        (hasher.finish() >> 32) as usize & (self.parts.len() - 1)
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Parted<K, V> {
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if self.len >= self.parts.len() * PART {
            self.grow();
        }
        let at = self.part(&key);
        let before = Arc::make_mut(self.parts.get_mut(at)?).insert(key, value);
        self.len += usize::from(before.is_none());
        before
    }

    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.part(key);
        let part = self.parts.get_mut(at)?;
        if !part.contains_key(key) {
            return None;
        }
        self.len -= 1;
        Arc::make_mut(part).remove(key)
    }

    /// Seldom: a map that grows by one each time comes here after as many again.
    fn grow(&mut self) {
        let count = (self.parts.len() * 2).max(1);
        let old = std::mem::replace(&mut self.parts, (0..count).map(|_| Arc::default()).collect());
        for part in old {
            for (key, value) in Arc::unwrap_or_clone(part) {
                let at = self.part(&key);
                Arc::make_mut(&mut self.parts[at]).insert(key, value);
            }
        }
    }
}

/// Chooses a part; within it the map's own hash decides. Who finds names that meet makes changes slow, not requests.
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }

    fn write_u64(&mut self, word: u64) {
        // 2^64 divided by the golden ratio.
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn does_what_a_map_does(puts in prop::collection::vec(0u32..2000, 0..3000), takes in prop::collection::vec(0u32..2000, 0..500)) {
            let (mut parted, mut map) = (Parted::default(), HashMap::new());
            for (value, key) in puts.into_iter().enumerate() {
                prop_assert_eq!(parted.insert(key.to_string(), value), map.insert(key.to_string(), value));
            }
            let before = (parted.clone(), map.clone());
            for key in takes {
                prop_assert_eq!(parted.remove(key.to_string().as_str()), map.remove(&key.to_string()));
            }
            for (parted, map) in [(parted, map), before] {
                prop_assert_eq!(parted.len, map.len());
                prop_assert_eq!(parted.iter().collect::<HashMap<_, _>>(), map.iter().collect());
                for key in 0..2000u32 {
                    prop_assert_eq!(parted.get(key.to_string().as_str()), map.get(&key.to_string()));
                }
            }
        }
    }

    /// As services and hosts are named, and addresses differ.
    #[test]
    fn no_part_gets_most() {
        fn largest<K: Hash + Eq + Clone>(keys: impl Iterator<Item = K>) -> usize {
            let mut parted = Parted::default();
            for key in keys {
                parted.insert(key, ());
            }
            parted.parts.iter().map(|part| part.len()).max().unwrap_or(0)
        }
        assert!(largest((0..10_000).map(|n| format!("model_{n:05}"))) < 3 * PART);
        assert!(largest((0..10_000).map(|n| format!("gw-{n}.local.gw.example.com"))) < 3 * PART);
        let own = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        assert!(largest((0..10_000).map(own)) < 3 * PART);
    }

    #[test]
    fn a_change_copies_one_part() {
        let mut parted: Parted<u32, Arc<u32>> = Parted::default();
        (0..10_000).for_each(|n| drop(parted.insert(n, Arc::new(n))));
        let mut next = parted.clone();
        next.insert(5_000, Arc::new(0));
        let copied = next.values().filter(|value| Arc::strong_count(value) > 1).count();
        assert!(copied < 3 * PART, "{copied}");
    }
}
