//! A rollout on hosts that a test plays: replicas start, become ready, end and come back in any order.

use super::*;
use crate::id::{HostId, RANDOM_LEN};
use crate::placement::{counts, spread};
use crate::service::spec::{Batch, RolloutPolicy, Share};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SERVICE: &str = "svc-one";
const OLD: u32 = 1;
const NEW: u32 = 2;

fn hosts(count: u8) -> Vec<HostId> {
    (0..count).map(|n| HostId::from_random([n; RANDOM_LEN])).collect()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn rollout() -> Rollout {
    Rollout::begin(OLD, NEW, OLD, at(0))
}

/// Each of them with its host, version and whether it is ready; and those that are ending.
#[derive(Clone, Debug)]
struct Farm {
    hosts: Vec<HostId>,
    wanted: u32,
    policy: RolloutPolicy,
    rollout: Rollout,
    insists_on_port: bool,
    replicas: Vec<(HostId, u32, bool)>,
    ending: Vec<HostId>,
}

impl Farm {
    fn new(wanted: u32, count: u8, policy: RolloutPolicy) -> Self {
        let hosts = hosts(count);
        let replicas = spread(SERVICE, wanted, &hosts).into_iter().map(|host| (host.clone(), OLD, true)).collect();
        let (rollout, ending) = (rollout(), Vec::new());
        Self { hosts, wanted, policy, rollout, insists_on_port: false, replicas, ending }
    }

    fn there(&self) -> BTreeMap<HostId, OnHost> {
        let mut there: BTreeMap<HostId, OnHost> = BTreeMap::new();
        for (host, version, is_ready) in &self.replicas {
            let one = there.entry(host.clone()).or_default().versions.entry(*version).or_default();
            one.all += 1;
            one.ready += u32::from(*is_ready);
        }
        self.ending.iter().for_each(|host| there.entry(host.clone()).or_default().stopping += 1);
        there
    }

    fn look<T>(&self, look: impl Fn(&Scene<'_>) -> T) -> T {
        let there = self.there();
        let hosts: Vec<&HostId> = self.hosts.iter().collect();
        look(&Scene {
            id: SERVICE,
            wanted: self.wanted,
            version: NEW,
            rollout: &self.rollout,
            policy: &self.policy,
            insists_on_port: self.insists_on_port,
            hosts: &hosts,
            there: &there,
        })
    }

    fn progress(&self) -> Progress {
        self.look(progress)
    }

    /// As agents do: those that are too many end, the least useful first; those that lack are started.
    fn obey(&mut self, placed: &Placed) {
        for host in self.hosts.clone() {
            for version in [OLD, NEW] {
                let wanted = placed.get(&host).and_then(|all| all.get(&version)).copied().unwrap_or_default() as usize;
                let mut has: Vec<_> =
                    self.replicas.extract_if(.., |each| each.0 == host && each.1 == version).collect();
                has.sort_by_key(|each| !each.2);
                for (gone, ..) in has.drain(wanted.min(has.len())..) {
                    self.ending.push(gone);
                }
                has.resize(wanted, (host.clone(), version, false));
                self.replicas.extend(has);
            }
        }
    }

    fn step(&mut self) {
        let placed = self.look(step);
        self.obey(&placed);
    }

    fn ready(&self) -> u32 {
        self.replicas.iter().filter(|each| each.2).count() as u32
    }

    fn of(&self, version: u32) -> u32 {
        self.replicas.iter().filter(|each| each.1 == version).count() as u32
    }

    /// Something happens somewhere.
    fn happens(&mut self, choice: usize) {
        let waiting: Vec<usize> = (0..self.replicas.len()).filter(|at| !self.replicas[*at].2).collect();
        let events = waiting.len() + self.ending.len();
        if events == 0 {
            return;
        }
        let choice = choice % events;
        match waiting.get(choice) {
            Some(at) => self.replicas[*at].2 = true,
            None => drop(self.ending.remove(choice - waiting.len())),
        }
    }

    fn settle(&mut self) {
        for _ in 0..4_000 {
            self.step();
            let before = format!("{self:?}");
            self.happens(0);
            if format!("{self:?}") == before {
                return;
            }
        }
        panic!("it never rests: {self:?}");
    }
}

fn share() -> impl Strategy<Value = Share> {
    prop_oneof![(0..4u32).prop_map(Share::Count), (0..=100u8).prop_map(Share::Percent)]
}

fn policy() -> impl Strategy<Value = RolloutPolicy> {
    (share(), share()).prop_map(|(max_surge, max_unavailable)| RolloutPolicy {
        max_surge,
        max_unavailable,
        ..RolloutPolicy::default()
    })
}

proptest! {
    #[test]
    fn never_too_many_nor_too_few_and_it_ends(
        wanted in 1..12u32, count in 1..4u8, policy in policy(), port: bool, choices in prop::collection::vec(any::<usize>(), 400),
    ) {
        let mut farm = Farm::new(wanted, count, policy);
        farm.insists_on_port = port && wanted == 1;
        let (surge, unavailable) = farm.look(|scene| scene.bounds());
        prop_assert!(surge + unavailable > 0);
        for choice in choices {
            farm.step();
            let all = farm.replicas.len() as u32 + farm.ending.len() as u32;
            prop_assert!(all <= wanted + surge, "{all} of {wanted} + {surge}: {farm:?}");
            prop_assert!(farm.ready() + unavailable >= wanted, "{farm:?}");
            farm.happens(choice);
        }
        farm.settle();
        prop_assert!(farm.progress().is_done());
        let placed = counts(farm.replicas.iter().map(|each| &each.0));
        prop_assert_eq!(placed, counts(spread(SERVICE, wanted, &farm.hosts)));
        prop_assert_eq!((farm.of(OLD), farm.of(NEW)), (0, wanted));
    }

    #[test]
    fn whatever_is_there_the_ready_ones_are_not_ended_too_early(
        wanted in 1..8u32, count in 1..4u8, policy in policy(),
        replicas in prop::collection::vec((0..4usize, 1..3u32, any::<bool>()), 0..14),
        choices in prop::collection::vec(any::<usize>(), 60),
    ) {
        let mut farm = Farm::new(wanted, count, policy);
        let of = |(at, version, is_ready): (usize, u32, bool)| (farm.hosts[at % farm.hosts.len()].clone(), version, is_ready);
        let replicas: Vec<_> = replicas.into_iter().map(of).collect();
        farm.replicas = replicas;
        let (surge, unavailable) = farm.look(|scene| scene.bounds());
        for choice in choices {
            let (had, ready) = (farm.replicas.len() as u32 + farm.ending.len() as u32, farm.ready());
            farm.step();
            let all = farm.replicas.len() as u32 + farm.ending.len() as u32;
            prop_assert!(all <= had.max(wanted + surge));
            prop_assert!(farm.ready() >= ready.min(wanted.saturating_sub(unavailable)), "{ready}: {farm:?}");
            farm.happens(choice);
        }
        farm.settle();
        prop_assert!(farm.progress().is_done(), "{farm:?}");
    }

    #[test]
    fn a_batch_lets_in_exactly_its_share(wanted in 1..12u32, count in 1..4u8, policy in policy(), size in share(), batch in 1..4u32) {
        let mut farm = Farm::new(wanted, count, policy);
        farm.policy.batch = Some(Batch { size, interval_seconds: None });
        farm.rollout.batch = batch;
        farm.settle();
        let admitted = (size.of(wanted).max(1) * batch).min(wanted);
        prop_assert_eq!((farm.of(NEW), farm.of(OLD)), (admitted, wanted - admitted));
        prop_assert_eq!(farm.ready(), wanted);
        prop_assert!(farm.progress().is_batch_done());
        prop_assert_eq!(farm.progress().is_done(), admitted == wanted);
    }

    #[test]
    fn paused_changes_nothing(
        wanted in 1..12u32, count in 1..4u8, policy in policy(), choices in prop::collection::vec(any::<usize>(), 0..60),
    ) {
        let mut farm = Farm::new(wanted, count, policy);
        for choice in choices {
            farm.step();
            farm.happens(choice);
        }
        farm.step();
        farm.rollout.held = Some(Held { new: farm.of(NEW), old: farm.of(OLD) });
        let before = farm.replicas.clone();
        farm.step();
        let sorted = |mut all: Vec<(HostId, u32, bool)>| { all.sort(); all };
        prop_assert_eq!(sorted(before), sorted(farm.replicas.clone()));
        // One that is lost is replaced by one of its own version.
        let (new, old) = (farm.of(NEW), farm.of(OLD));
        farm.replicas.pop();
        farm.settle();
        prop_assert_eq!((farm.of(NEW), farm.of(OLD)), (new, old));
    }

    #[test]
    fn a_silent_host_keeps_what_it_has(wanted in 2..10u32, steps in 0..20usize) {
        let mut farm = Farm::new(wanted, 2, RolloutPolicy::default());
        for choice in 0..steps {
            farm.step();
            farm.happens(choice);
        }
        farm.step();
        let mut there = farm.there();
        let Some((silent, on_host)) = there.iter_mut().next() else { return Ok(()) };
        on_host.is_silent = true;
        let (silent, has) = (silent.clone(), on_host.versions.clone());
        let hosts: Vec<&HostId> = farm.hosts.iter().collect();
        let scene = Scene {
            id: SERVICE, wanted, version: NEW, rollout: &farm.rollout, policy: &farm.policy, insists_on_port: false,
            hosts: &hosts, there: &there,
        };
        let placed = step(&scene);
        let kept: BTreeMap<u32, u32> = has.into_iter().map(|(version, there)| (version, there.all)).collect();
        prop_assert_eq!(placed.get(&silent).cloned().unwrap_or_default(), kept);
        let all: u32 = placed.values().flat_map(|of| of.values()).sum();
        prop_assert!(all <= wanted + scene.bounds().0);
    }
}

#[test]
fn a_version_that_does_not_get_ready_leaves_the_old_ones_alone() {
    let mut farm = Farm::new(3, 1, RolloutPolicy::default());
    for _ in 0..10 {
        farm.step();
        farm.ending.clear();
    }
    assert_eq!((farm.of(OLD), farm.of(NEW), farm.ready()), (3, 1, 3));
    // Where none of the old ones answers there is nothing to be kept.
    let mut farm = Farm::new(3, 1, RolloutPolicy::default());
    farm.replicas.iter_mut().for_each(|each| each.2 = false);
    farm.step();
    farm.ending.clear();
    farm.step();
    assert_eq!((farm.of(OLD), farm.of(NEW)), (0, 3));
}

#[test]
fn scaled_on_the_way() {
    let mut farm = Farm::new(4, 2, RolloutPolicy { max_surge: Share::Count(1), ..RolloutPolicy::default() });
    farm.step();
    farm.wanted = 2;
    farm.step();
    assert_eq!((farm.of(OLD), farm.of(NEW), farm.ready()), (2, 1, 2));
    farm.wanted = 6;
    farm.settle();
    assert_eq!((farm.of(OLD), farm.of(NEW), farm.ready()), (0, 6, 6));
    let held = Held { new: 1, old: 3 };
    assert_eq!(held.scaled(4, 6), Held { new: 1, old: 5 });
    assert_eq!(held.scaled(4, 2), Held { new: 1, old: 1 });
    assert_eq!(held.scaled(4, 0), Held { new: 0, old: 0 });
    assert_eq!(Held { new: 2, old: 0 }.scaled(2, 3), Held { new: 3, old: 0 });
}

#[test]
fn one_of_a_fixed_port_goes_before_the_other_comes() {
    let mut farm = Farm::new(1, 1, RolloutPolicy::default());
    farm.insists_on_port = true;
    farm.step();
    assert_eq!((farm.of(OLD), farm.of(NEW), farm.ending.len()), (0, 0, 1));
    farm.step();
    assert_eq!(farm.of(NEW), 0, "the port is not free yet");
    farm.ending.clear();
    farm.step();
    assert_eq!(farm.of(NEW), 1);
}

#[test]
fn an_update_on_the_way_goes_back_to_where_all_began() {
    let first = Rollout::begin(1, 2, 1, at(0));
    let second = Rollout::next(Some(&first), 3, 3, (2, 2), at(1));
    assert_eq!((second.from, second.to, second.old.as_slice(), second.is_back), (1, 3, &[1, 2][..], false));
    let back = Rollout::next(Some(&second), 1, 1, (3, 3), at(2));
    assert_eq!((back.from, back.to, back.old.as_slice(), back.is_back), (3, 1, &[3, 2][..], true));
    let done = Rollout { phase: Phase::Completed, old: Vec::new(), ..second };
    let next = Rollout::next(Some(&done), 4, 4, (3, 3), at(3));
    assert_eq!((next.from, next.old.as_slice(), next.is_back), (3, &[3][..], false));
}

#[test]
fn what_becomes_of_it() {
    let policy = RolloutPolicy { max_errors_percent: Some(5), ..RolloutPolicy::default() };
    let progress = Progress { all: 1, ready: 0, old: 2, admitted: 2, wanted: 2 };
    let facts = Facts { progress, still_since: at(0), is_looping: false, errors_percent: None };
    let says = |rollout: &Rollout, facts: Facts, seconds| verdict(rollout, &policy, &facts, at(seconds));
    let running = rollout();
    assert_eq!(says(&running, facts, 599), None);
    assert_eq!(says(&running, facts, 600), Some(Move::GiveUp(Because::NoProgress)));
    let looping = Facts { is_looping: true, ..facts };
    assert_eq!(says(&running, looping, 1), Some(Move::GiveUp(Because::CrashLoop)));
    assert_eq!(says(&running, Facts { errors_percent: Some(5), ..facts }, 1), None);
    assert_eq!(says(&running, Facts { errors_percent: Some(6), ..facts }, 1), Some(Move::GiveUp(Because::Errors)));
    let done = Facts { progress: Progress { all: 2, ready: 2, old: 0, ..progress }, ..facts };
    assert_eq!(says(&running, done, 700), Some(Move::Complete));
    // Ready once is watched for a while, paused by somebody is left alone.
    let completed = Rollout { phase: Phase::Completed, ..rollout() };
    assert_eq!(says(&completed, looping, 599), Some(Move::GiveUp(Because::CrashLoop)));
    assert_eq!(says(&completed, looping, 600), None);
    let paused = Rollout { phase: Phase::Paused, because: Some(Because::Asked), ..rollout() };
    assert_eq!(says(&paused, looping, 9_999), None);

    let batches = |interval_seconds| RolloutPolicy {
        batch: Some(Batch { size: Share::Count(1), interval_seconds }),
        ..RolloutPolicy::default()
    };
    let batch = Facts { progress: Progress { all: 1, ready: 1, old: 1, admitted: 1, wanted: 2 }, ..facts };
    assert_eq!(verdict(&running, &batches(None), &batch, at(1)), Some(Move::Wait));
    let waits = Rollout { phase: Phase::Paused, because: Some(Because::Batch), ..rollout() };
    assert_eq!(verdict(&waits, &batches(None), &batch, at(9_999)), None);
    assert_eq!(verdict(&waits, &batches(Some(60)), &batch, at(59)), None);
    assert_eq!(verdict(&waits, &batches(Some(60)), &batch, at(60)), Some(Move::NextBatch));
}

#[test]
fn back_to_what_worked_it_goes_without_pauses() {
    let mut farm = Farm::new(4, 1, RolloutPolicy::default());
    farm.policy.batch = Some(Batch { size: Share::Count(1), interval_seconds: None });
    farm.rollout.is_back = true;
    farm.settle();
    assert_eq!((farm.of(OLD), farm.of(NEW), farm.ready()), (0, 4, 4));
    assert!(farm.progress().is_done());
    // One that was begun with pauses does not stay where it is.
    (farm.rollout.phase, farm.rollout.because) = (Phase::Paused, Some(Because::Batch));
    let facts = Facts { progress: farm.progress(), still_since: at(0), is_looping: false, errors_percent: None };
    assert_eq!(verdict(&farm.rollout, &farm.policy, &facts, at(1)), Some(Move::NextBatch));
}
