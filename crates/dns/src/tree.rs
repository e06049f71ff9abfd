//! The names of one side, in the order of their labels from the root. Copies share what they have in common, so a
//! change costs as much as a look-up, however many names there are.

use crate::data::Data;
use crate::name::{labels, shared_labels};
use hickory_proto::rr::LowerName;
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub struct Tree(RedBlackTreeMapSync<LowerName, Arc<Data>>);

impl Tree {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.size()
    }

    pub fn put(&mut self, name: LowerName, data: Data) {
        self.0.insert_mut(name, Arc::new(data));
    }

    pub fn remove(&mut self, name: &LowerName) -> bool {
        self.0.remove_mut(name)
    }

    pub fn get(&self, name: &LowerName) -> Option<&Data> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// How many of the name's last labels exist here: are a name or lead to one. In this order the names that share
    /// most with it are its neighbours.
    pub fn existing_labels(&self, name: &LowerName) -> usize {
        let before = self.0.range(..=name).next_back();
        let after = self.0.range(name..).next();
        let shared = before.into_iter().chain(after).map(|(each, _)| shared_labels(each, name)).max().unwrap_or(0);
        shared.min(labels(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{ancestor, parse};
    use proptest::prelude::*;

    fn name(text: &str) -> LowerName {
        LowerName::from(parse(text).expect("name"))
    }

    #[test]
    fn copies_do_not_see_what_comes_later() {
        let mut one = Tree::default();
        one.put(name("a.b"), Data::addresses([]));
        let two = one.clone();
        one.put(name("c.b"), Data::addresses([]));
        assert!(one.remove(&name("a.b")) && !one.remove(&name("a.b")));
        assert_eq!((one.len(), two.len()), (1, 1));
        assert!(two.get(&name("a.b")).is_some() && two.get(&name("c.b")).is_none());
    }

    proptest! {
        #[test]
        fn neighbours_know_as_much_as_all(names in prop::collection::vec("[ab*](\\.[ab*]){0,4}", 1..30), asked in "[ab*](\\.[ab*]){0,4}") {
            let raw = |text: &str| LowerName::from(
                hickory_proto::rr::Name::from_labels(text.split('.').map(str::as_bytes)).expect("name"),
            );
            let mut tree = Tree::default();
            names.iter().for_each(|each| tree.put(raw(each), Data::addresses([])));
            let asked = raw(&asked);
            let exists = |count: &usize| {
                let ending = ancestor(&asked, *count);
                names.iter().any(|each| shared_labels(&raw(each), &ending) == *count)
            };
            let expected = (0..=labels(&asked)).rev().find(exists).unwrap_or(0);
            prop_assert_eq!(tree.existing_labels(&asked), expected);
        }
    }
}
