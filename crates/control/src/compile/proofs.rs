//! Answers to certificate authorities that are in place now. Nobody's wish and in no store: an order puts them there and
//! takes them away.

use domain::snapshot::dns::{NameConfig, NameData};
use domain::snapshot::{ChallengeConfig, Resource, ResourceKey};
use std::collections::BTreeMap;

/// One answer, wherever it has to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Shown(ChallengeConfig),
    /// A TXT record at each of these names, beside those that are there.
    Text {
        names: Vec<String>,
        value: String,
    },
}

impl Answer {
    pub fn keys(&self) -> Vec<ResourceKey> {
        match self {
            Self::Shown(config) => vec![Resource::Challenge(config.clone()).key()],
            Self::Text { names, .. } => names.iter().map(|name| text_key(name)).collect(),
        }
    }
}

fn text_key(name: &str) -> ResourceKey {
    ResourceKey::Name { vpc: None, name: name.into() }
}

#[derive(Clone, Debug, Default)]
pub struct Proofs {
    shown: BTreeMap<ResourceKey, ChallengeConfig>,
    texts: BTreeMap<String, Vec<String>>,
}

impl Proofs {
    pub fn add(&mut self, answer: &Answer) {
        match answer {
            Answer::Shown(config) => {
                self.shown.insert(Resource::Challenge(config.clone()).key(), config.clone());
            }
            Answer::Text { names, value } => {
                names.iter().for_each(|name| self.texts.entry(name.clone()).or_default().push(value.clone()));
            }
        }
    }

    pub fn remove(&mut self, answer: &Answer) {
        match answer {
            // Another order may have put another one there.
            Answer::Shown(config) => self.shown.retain(|_, shown| shown != config),
            Answer::Text { names, value } => {
                for name in names {
                    let Some(values) = self.texts.get_mut(name) else { continue };
                    if let Some(at) = values.iter().position(|each| each == value) {
                        values.remove(at);
                    }
                    if values.is_empty() {
                        self.texts.remove(name);
                    }
                }
            }
        }
    }

    /// As it is now; `None` if nothing is there any more.
    pub fn get(&self, key: &ResourceKey) -> Option<Resource> {
        match key {
            ResourceKey::Name { name, .. } => self.texts.get(name).map(|values| text(name, values)),
            key => self.shown.get(key).cloned().map(Resource::Challenge),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = Resource> {
        let shown = self.shown.values().cloned().map(Resource::Challenge);
        shown.chain(self.texts.iter().map(|(name, values)| text(name, values)))
    }
}

fn text(name: &str, values: &[String]) -> Resource {
    Resource::Name(NameConfig { name: name.into(), vpc: None, data: NameData::Text(values.to_vec()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_and_its_wildcard_have_two_values_at_once() {
        let of = |value: &str| Answer::Text { names: vec!["_acme-challenge.a.b".into()], value: value.into() };
        let (one, two) = (of("1"), of("2"));
        let key = &one.keys()[0];
        let mut proofs = Proofs::default();
        let values = |proofs: &Proofs| match proofs.get(key) {
            Some(Resource::Name(NameConfig { data: NameData::Text(values), .. })) => values,
            None => Vec::new(),
            other => panic!("{other:?}"),
        };
        proofs.add(&one);
        proofs.add(&two);
        assert_eq!(values(&proofs), ["1", "2"]);
        proofs.remove(&one);
        proofs.remove(&one);
        assert_eq!((values(&proofs), proofs.all().count()), (vec!["2".into()], 1));
        proofs.remove(&two);
        assert_eq!((values(&proofs), proofs.all().count()), (Vec::new(), 0));
    }
}
