//! Resources in the order of their keys, in parts that snapshots share: what changes one resource of a hundred thousand
//! copies one part, and comparing two snapshots looks only into parts that are not the same.

use super::{Resource, ResourceKey};
use std::collections::HashSet;
use std::sync::Arc;

/// Resources in a part, at most. Small, since a change copies one; not too small, since it copies the list of parts.
const PART: usize = 128;

type Entry = (ResourceKey, Arc<Resource>);
type Part = Arc<Vec<Entry>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Resources {
    /// None is empty.
    parts: Vec<Part>,
    len: usize,
}

impl Resources {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn iter(&self) -> impl Iterator<Item = (&ResourceKey, &Arc<Resource>)> {
        self.parts.iter().flat_map(|part| part.iter()).map(|(key, resource)| (key, resource))
    }

    /// The part that has this key or would get it.
    fn part(&self, key: &ResourceKey) -> usize {
        self.parts.partition_point(|part| part.first().is_some_and(|(first, _)| first <= key)).saturating_sub(1)
    }

    fn place(part: &[Entry], key: &ResourceKey) -> Result<usize, usize> {
        part.binary_search_by(|(each, _)| each.cmp(key))
    }

    pub fn get(&self, key: &ResourceKey) -> Option<&Arc<Resource>> {
        let part = self.parts.get(self.part(key))?;
        part.get(Self::place(part, key).ok()?).map(|(_, resource)| resource)
    }

    pub fn insert(&mut self, key: ResourceKey, resource: Arc<Resource>) {
        let at = self.part(&key);
        let Some(part) = self.parts.get_mut(at) else {
            self.parts.push(Arc::new(vec![(key, resource)]));
            self.len += 1;
            return;
        };
        match Self::place(part, &key) {
            Ok(place) => Arc::make_mut(part)[place].1 = resource,
            Err(place) => {
                let entries = Arc::make_mut(part);
                entries.insert(place, (key, resource));
                self.len += 1;
                if entries.len() > PART {
                    let half = entries.split_off(PART / 2);
                    self.parts.insert(at + 1, Arc::new(half));
                }
            }
        }
    }

    pub fn remove(&mut self, key: &ResourceKey) -> Option<Arc<Resource>> {
        let at = self.part(key);
        let part = self.parts.get_mut(at)?;
        let place = Self::place(part, key).ok()?;
        let (_, resource) = Arc::make_mut(part).remove(place);
        self.len -= 1;
        let left = part.len();
        if left == 0 {
            self.parts.remove(at);
        } else if self.parts.get(at + 1).is_some_and(|next| left + next.len() <= PART / 2) {
            // Or what once was large would stay many parts.
            let next = self.parts.remove(at + 1);
            Arc::make_mut(&mut self.parts[at]).extend(next.iter().cloned());
        }
        Some(resource)
    }

    /// All that `other` may not have in the same way: what is in no part that both share.
    pub fn apart_from(&self, other: &Self) -> impl Iterator<Item = (&ResourceKey, &Arc<Resource>)> {
        let shared: HashSet<*const Vec<Entry>> = other.parts.iter().map(Arc::as_ptr).collect();
        let apart = self.parts.iter().filter(move |part| !shared.contains(&Arc::as_ptr(part)));
        apart.flat_map(|part| part.iter()).map(|(key, resource)| (key, resource))
    }
}

/// The same resources, however they are parted.
impl PartialEq for Resources {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for Resources {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{ListenerConfig, Scheme};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn entry(port: u16, scheme: Scheme) -> Entry {
        let resource = Resource::Listener(ListenerConfig::new(([127, 0, 0, 1], port).into(), scheme));
        (resource.key(), Arc::new(resource))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// Enough of them for many parts, and mostly removals at the end, so that parts become one again.
        #[test]
        fn does_what_a_map_does(
            puts in prop::collection::vec((0u16..1500, any::<bool>()), 0..3000),
            takes in prop::collection::vec(0u16..1500, 0..3000),
        ) {
            let (mut resources, mut map) = (Resources::default(), BTreeMap::new());
            for (port, https) in puts {
                let (key, resource) = entry(port, if https { Scheme::Https } else { Scheme::Http });
                resources.insert(key.clone(), resource.clone());
                map.insert(key, resource);
            }
            let before = (resources.clone(), map.clone());
            for port in takes {
                let key = entry(port, Scheme::Http).0;
                prop_assert_eq!(resources.remove(&key), map.remove(&key));
            }
            prop_assert!(resources.iter().eq(map.iter()));
            prop_assert!(before.0.iter().eq(before.1.iter()), "who shares parts does not change them");
            prop_assert_eq!(resources.len(), map.len());
            prop_assert!(resources.parts.iter().all(|part| (1..=PART).contains(&part.len())));
            for port in 0..1500 {
                let key = entry(port, Scheme::Http).0;
                prop_assert_eq!(resources.get(&key), map.get(&key));
            }
            let apart: BTreeMap<_, _> = before.0.apart_from(&resources).collect();
            for (key, resource) in before.0.iter() {
                prop_assert!(resources.get(key) == Some(resource) || apart.contains_key(key));
            }
        }
    }

    #[test]
    fn a_change_copies_one_part() {
        let mut resources = Resources::default();
        for port in 0..10_000 {
            let (key, resource) = entry(port, Scheme::Http);
            resources.insert(key, resource);
        }
        let mut next = resources.clone();
        let (key, resource) = entry(5_000, Scheme::Https);
        next.insert(key, resource);
        assert!((1..=PART).contains(&next.apart_from(&resources).count()));
    }
}
