//! What there shall be next, from what is there.

use super::place::{place, slots};
use super::state::Rollout;
use crate::id::HostId;
use crate::placement::There;
use crate::service::spec::RolloutPolicy;
use std::collections::BTreeMap;

/// What a host has of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnHost {
    /// By the version that replicas are of, without those that are on their way out.
    pub versions: BTreeMap<u32, There>,
    pub stopping: u32,
    /// Its agent does not answer just now: it keeps what it has, and none of it counts as ready.
    pub is_silent: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The service's.
    pub id: &'a str,
    pub wanted: u32,
    /// Under which the new replicas run.
    pub version: u32,
    pub rollout: &'a Rollout,
    pub policy: &'a RolloutPolicy,
    /// Two on one host would want the same port.
    pub insists_on_port: bool,
    /// Those that take replicas.
    pub hosts: &'a [&'a HostId],
    pub there: &'a BTreeMap<HostId, OnHost>,
}

/// Replicas by host and version.
pub type Placed = BTreeMap<HostId, BTreeMap<u32, u32>>;

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// New ones, where they shall be.
    pub all: u32,
    pub ready: u32,
    /// That are to go.
    pub old: u32,
    /// New ones that are let in so far.
    pub admitted: u32,
    pub wanted: u32,
}

impl Progress {
    pub fn is_done(&self) -> bool {
        self.ready >= self.wanted && self.old == 0
    }

    /// The same of the batch that was let in last.
    pub fn is_batch_done(&self) -> bool {
        self.ready >= self.admitted && self.old <= self.wanted - self.admitted.min(self.wanted)
    }
}

impl Scene<'_> {
    /// How many more than wanted there may be, and how many fewer ready.
    pub fn bounds(&self) -> (u32, u32) {
        let unavailable = self.policy.max_unavailable.of(self.wanted).min(self.wanted);
        if self.insists_on_port {
            // One has to go before the other can come.
            return (0, unavailable.max(1));
        }
        match self.policy.max_surge.of(self.wanted) {
            0 if unavailable == 0 => (1, 0),
            surge => (surge, unavailable),
        }
    }
}

pub fn progress(scene: &Scene<'_>) -> Progress {
    let slots = slots(scene);
    Progress {
        all: slots.right_all(),
        ready: slots.right_ready(),
        old: slots.wrong.len() as u32 + slots.frozen,
        admitted: scene.rollout.admitted(scene.policy, scene.wanted),
        wanted: scene.wanted,
    }
}

/// The replicas that there shall be now. Never more in all than wanted and the surge, unless there are already; of those
/// that are ready never so many are ended that fewer than wanted less the unavailable are left. The same scene always
/// gives the same, so a report that comes twice does no harm.
pub fn step(scene: &Scene<'_>) -> Placed {
    let slots = slots(scene);
    let (surge, unavailable) = scene.bounds();
    let most = scene.wanted + surge;
    let (right, ready) = (slots.right_all(), slots.right_ready());
    let there = right + slots.wrong.len() as u32 + slots.frozen + slots.stopping;
    if let Some(held) = scene.rollout.held {
        let room = most.max(held.new + held.old).saturating_sub(there);
        let new = held.new.min(right + room);
        let room = room - new.saturating_sub(right);
        let wrong = slots.wrong.len() as u32;
        let old = held.old.saturating_sub(slots.frozen).min(wrong + room);
        return place(scene, &slots, new, old);
    }
    let admitted = scene.rollout.admitted(scene.policy, scene.wanted);
    // Of the old ones so many stay in any case: the others' turn comes with a later batch.
    let floor = (scene.wanted - admitted.min(scene.wanted)).saturating_sub(slots.frozen);
    let (wrong_ready, wrong_unready) = slots.wrong_counts();
    let needed = scene.wanted.saturating_sub(unavailable + ready);
    let kept_ready = wrong_ready.min(needed.max(floor));
    // One that does not answer takes the place of one that may.
    let kept = kept_ready + wrong_unready.min(floor.saturating_sub(kept_ready));
    let room = most.saturating_sub(there);
    let new = admitted.min(right + room).min(most.saturating_sub(kept + slots.frozen).max(ready));
    let room = room - new.saturating_sub(right);
    let old = kept + floor.saturating_sub(kept).min(room);
    place(scene, &slots, new, old)
}
