//! All names of all sides at one time. A copy is cheap, and so is a change to it.

use crate::data::Data;
use crate::error::DnsError;
use crate::name::parse;
use crate::settings::Settings;
use crate::tree::Tree;
use crate::view::View;
use domain::id::VpcId;
use domain::snapshot::dns::{DnsConfig, NameConfig};
use hickory_proto::rr::LowerName;
use rpds::RedBlackTreeMapSync;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Zones {
    settings: Arc<Settings>,
    serial: u32,
    sides: RedBlackTreeMapSync<Option<VpcId>, Tree>,
}

impl Zones {
    /// Refuses all if one name is wrong: half of a configuration is not what anybody asked for.
    pub fn new<'a>(config: &DnsConfig, names: impl IntoIterator<Item = &'a NameConfig>) -> Result<Self, DnsError> {
        let settings = Arc::new(Settings::new(config)?);
        // Shared with nobody yet, so nothing is copied.
        let mut sides: BTreeMap<Option<VpcId>, Tree> = BTreeMap::new();
        for name in names {
            let (key, data) = entry(name)?;
            sides.entry(name.vpc.clone()).or_default().put(key, data);
        }
        Ok(Self { settings, serial: 1, sides: sides.into_iter().collect() })
    }

    /// Other settings for the names that there are.
    pub fn configure(&mut self, config: &DnsConfig) -> Result<(), DnsError> {
        self.settings = Arc::new(Settings::new(config)?);
        Ok(())
    }

    /// The number that the SOA records show: a snapshot's version, so that all engines show the same. Serial numbers
    /// go round (RFC 1982).
    pub fn set_serial(&mut self, version: u64) {
        self.serial = (version & u64::from(u32::MAX)) as u32;
    }

    /// Adds or replaces. On an error nothing has changed.
    pub fn put(&mut self, name: &NameConfig) -> Result<(), DnsError> {
        let (key, data) = entry(name)?;
        let mut side = self.sides.get(&name.vpc).cloned().unwrap_or_default();
        side.put(key, data);
        self.sides.insert_mut(name.vpc.clone(), side);
        Ok(())
    }

    /// Tells whether it was there.
    pub fn remove(&mut self, name: &str, vpc: Option<&VpcId>) -> bool {
        let vpc = vpc.cloned();
        let (Ok(key), Some(side)) = (parse(name), self.sides.get(&vpc)) else { return false };
        let mut side = side.clone();
        let was_there = side.remove(&LowerName::from(key));
        if side.is_empty() {
            self.sides.remove_mut(&vpc);
        } else {
            self.sides.insert_mut(vpc, side);
        }
        was_there
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.sides.values().map(Tree::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.sides.is_empty()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn serial(&self) -> u32 {
        self.serial
    }

    /// What is seen from a listener of this network, or of the public side.
    pub(crate) fn view<'a>(&'a self, vpc: Option<&'a VpcId>) -> View<'a> {
        let own = vpc.and_then(|vpc| self.sides.get(&Some(vpc.clone())));
        View::new(self, vpc, own, self.sides.get(&None))
    }
}

fn entry(name: &NameConfig) -> Result<(LowerName, Data), DnsError> {
    Ok((LowerName::from(parse(&name.name)?), Data::new(&name.name, &name.data)?))
}
