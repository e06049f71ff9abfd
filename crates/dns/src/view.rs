//! What one side sees: its own names, behind them the public ones, as one tree.

use crate::data::{Data, Near};
use crate::name::{ancestor, labels, shared_labels, wildcard_of};
use crate::tree::Tree;
use crate::zones::Zones;
use domain::id::VpcId;
use hickory_proto::rr::LowerName;
use std::collections::HashSet;
use std::net::IpAddr;

pub struct View<'a> {
    pub zones: &'a Zones,
    vpc: Option<&'a VpcId>,
    /// The side's own first.
    trees: [Option<&'a Tree>; 2],
}

/// Where a name lies, and what is there.
pub struct Place<'a> {
    /// The top of its DNS zone.
    pub apex: LowerName,
    pub found: Found<'a>,
}

pub enum Found<'a> {
    Data(&'a Data),
    /// The name exists, but only as the top of a zone or because names below it exist.
    Nothing,
    /// There is no such name.
    Missing,
}

impl<'a> View<'a> {
    pub fn new(zones: &'a Zones, vpc: Option<&'a VpcId>, own: Option<&'a Tree>, public: Option<&'a Tree>) -> Self {
        Self { zones, vpc, trees: [own, public] }
    }

    pub fn near(&self, client: IpAddr, unhealthy: &'a HashSet<IpAddr>) -> Near<'a> {
        Near { zone: self.zones.settings().zone_of(self.vpc, client), unhealthy }
    }

    fn trees(&self) -> impl Iterator<Item = &'a Tree> {
        self.trees.into_iter().flatten()
    }

    /// What is said about this very name.
    fn get(&self, name: &LowerName) -> Option<&'a Data> {
        let settings = self.zones.settings();
        let of_server = || (*name == settings.name_server).then(|| settings.name_server_of(self.vpc)).flatten();
        self.trees().find_map(|tree| tree.get(name)).or_else(of_server)
    }

    /// How many of the name's last labels exist.
    fn existing_labels(&self, name: &LowerName) -> usize {
        let settings = self.zones.settings();
        let mut most = self.trees().map(|tree| tree.existing_labels(name)).max().unwrap_or(0);
        if settings.zone.zone_of(name) {
            most = most.max(labels(&settings.zone));
            if settings.name_server_of(self.vpc).is_some() {
                most = most.max(shared_labels(&settings.name_server, name));
            }
        }
        most
    }

    /// Names below the base domain are in its zone. Elsewhere the nearest configured name at or above is the top of a
    /// zone of its own; of `*.example.com` that is `example.com`.
    fn apex(&self, name: &LowerName, existing: usize) -> Option<LowerName> {
        let settings = self.zones.settings();
        if settings.zone.zone_of(name) {
            return Some(settings.zone.clone());
        }
        let is_apex = |each: &LowerName| {
            let itself = each.iter().next() != Some(b"*") && self.get(each).is_some();
            itself || wildcard_of(each).is_some_and(|wildcard| self.get(&wildcard).is_some())
        };
        (1..=existing).rev().map(|count| ancestor(name, count)).find(is_apex)
    }

    /// `None`: the name is not ours. Wildcards as RFC 4592 has them: below the nearest name that exists.
    pub fn locate(&self, name: &LowerName) -> Option<Place<'a>> {
        let existing = self.existing_labels(name);
        let apex = self.apex(name, existing)?;
        let found = if let Some(data) = self.get(name) {
            Found::Data(data)
        } else if existing >= labels(name) {
            Found::Nothing
        } else {
            let wildcard = wildcard_of(&ancestor(name, existing));
            wildcard.and_then(|wildcard| self.get(&wildcard)).map_or(Found::Missing, Found::Data)
        };
        Some(Place { apex, found })
    }
}
