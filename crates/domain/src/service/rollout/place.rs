//! On which hosts replicas of a rollout are.

use super::step::{Placed, Scene};
use crate::id::HostId;
use crate::placement::{There, counts, spread};
use std::collections::BTreeMap;

/// What is there, by what becomes of it.
pub(super) struct Slots {
    /// New ones on hosts that shall have them; ready ones of hosts that answer.
    right: BTreeMap<HostId, There>,
    /// All others that can be ended, those that are worth most first: old ones, and new ones that are elsewhere.
    pub wrong: Vec<Wrong>,
    /// The same on hosts that do not answer just now.
    frozen_at: Placed,
    pub frozen: u32,
    pub stopping: u32,
}

pub(super) struct Wrong {
    host: HostId,
    version: u32,
    is_ready: bool,
}

impl Slots {
    pub fn right_all(&self) -> u32 {
        self.right.values().map(|there| there.all).sum()
    }

    pub fn right_ready(&self) -> u32 {
        self.right.values().map(|there| there.ready).sum()
    }

    /// Ready ones, and the others.
    pub fn wrong_counts(&self) -> (u32, u32) {
        let ready = self.wrong.iter().filter(|each| each.is_ready).count() as u32;
        (ready, self.wrong.len() as u32 - ready)
    }
}

fn targets(scene: &Scene<'_>) -> BTreeMap<HostId, u32> {
    counts(spread(scene.id, scene.wanted, scene.hosts.iter().copied()))
}

pub(super) fn slots(scene: &Scene<'_>) -> Slots {
    let targets = targets(scene);
    let mut slots = Slots {
        right: BTreeMap::new(),
        wrong: Vec::new(),
        frozen_at: Placed::new(),
        frozen: 0,
        stopping: scene.there.values().map(|host| host.stopping).sum(),
    };
    for (host, on_host) in scene.there {
        let target = targets.get(host).copied().unwrap_or_default();
        for (version, there) in &on_host.versions {
            let is_new = *version == scene.version;
            let right = if is_new { there.all.min(target) } else { 0 };
            let ready = if on_host.is_silent { 0 } else { there.ready.min(right) };
            if right > 0 {
                slots.right.insert(host.clone(), There { all: right, ready });
            }
            let wrong = there.all - right;
            if on_host.is_silent {
                slots.frozen += wrong;
                if wrong > 0 {
                    slots.frozen_at.entry(host.clone()).or_default().insert(*version, wrong);
                }
                continue;
            }
            let ready = there.ready.saturating_sub(ready);
            let slot = |n| Wrong { host: host.clone(), version: *version, is_ready: n < ready };
            slots.wrong.extend((0..wrong).map(slot));
        }
    }
    let rank = |version: u32| scene.rollout.old.iter().position(|old| *old == version).unwrap_or(usize::MAX);
    // Where new ones come the old ones go first: hosts are not fuller than they have to be.
    let crowd = |host: &HostId| {
        let all = scene.there.get(host).map_or(0, |there| there.versions.values().map(|each| each.all).sum::<u32>());
        i64::from(all) - i64::from(targets.get(host).copied().unwrap_or_default())
    };
    slots.wrong.sort_by_cached_key(|each| (!each.is_ready, rank(each.version), crowd(&each.host), each.host.clone()));
    slots
}

/// So many new and old ones, where they are as far as they are there.
pub(super) fn place(scene: &Scene<'_>, slots: &Slots, new: u32, old: u32) -> Placed {
    let targets = targets(scene);
    let turns = spread(scene.id, scene.hosts.len() as u32, scene.hosts.iter().copied());
    let is_silent = |host: &HostId| scene.there.get(host).is_some_and(|there| there.is_silent);
    let mut right: BTreeMap<HostId, u32> = slots.right.iter().map(|(host, there)| (host.clone(), there.all)).collect();
    let mut placed = slots.frozen_at.clone();
    for each in slots.wrong.iter().take(old as usize) {
        *placed.entry(each.host.clone()).or_default().entry(each.version).or_default() += 1;
    }
    let load = |placed: &Placed, host: &HostId| placed.get(host).map_or(0, |all| all.values().sum::<u32>());
    // More room first, and then whoever's turn it is.
    let roomiest = |placed: &Placed, right: &BTreeMap<HostId, u32>, may: &dyn Fn(&HostId) -> bool| {
        let room = |host: &HostId| {
            let target = targets.get(host).copied().unwrap_or_default();
            i64::from(target) - i64::from(load(placed, host) + right.get(host).copied().unwrap_or_default())
        };
        let may_come = turns.iter().enumerate().filter(|(_, host)| !is_silent(host) && may(host));
        may_come.max_by_key(|(turn, host)| (room(host), std::cmp::Reverse(*turn))).map(|(_, host)| (*host).clone())
    };
    for _ in slots.right_all()..new {
        let lacks = |host: &HostId| {
            let has = right.get(host).copied().unwrap_or_default();
            let port_is_taken = scene.insists_on_port
                && scene.there.get(host).is_some_and(|there| there.stopping > 0 || !there.versions.is_empty());
            has < targets.get(host).copied().unwrap_or_default() && !port_is_taken
        };
        let Some(host) = roomiest(&placed, &right, &lacks) else { break };
        *right.entry(host).or_default() += 1;
    }
    fewer(&mut right, slots, new, &is_silent);
    if let Some(version) = scene.rollout.old.first() {
        for _ in slots.wrong.len() as u32..old {
            let Some(host) = roomiest(&placed, &right, &|_| true) else { break };
            *placed.entry(host).or_default().entry(*version).or_default() += 1;
        }
    }
    for (host, count) in right.into_iter().filter(|(_, count)| *count > 0) {
        *placed.entry(host).or_default().entry(scene.version).or_default() += count;
    }
    placed
}

/// Ends new ones that are too many: those that are not ready first.
fn fewer(right: &mut BTreeMap<HostId, u32>, slots: &Slots, new: u32, is_silent: &dyn Fn(&HostId) -> bool) {
    let mut surplus = right.values().sum::<u32>().saturating_sub(new);
    for spares_ready in [true, false] {
        for (host, count) in right.iter_mut().filter(|(host, _)| !is_silent(host)) {
            let ready = slots.right.get(host).map_or(0, |there| there.ready);
            let may_go = if spares_ready { count.saturating_sub(ready) } else { *count };
            let goes = may_go.min(surplus);
            *count -= goes;
            surplus -= goes;
        }
    }
}
