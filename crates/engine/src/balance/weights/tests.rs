//! Ten thousand requests over replicas of different weights, as a worker would pick for them.

use super::super::{Busy, Load};
use super::*;
use domain::id::{RANDOM_LEN, ReplicaId};
use domain::snapshot::policy::HashOn;
use std::collections::VecDeque;
use std::time::Instant;

const REQUESTS: usize = 10_000;

fn endpoints(weights: &[u32]) -> Arc<[Arc<Endpoint>]> {
    let endpoint = |(n, weight): (u8, &u32)| {
        Arc::new(Endpoint {
            key: n.into(),
            replica_id: ReplicaId::from_random([n; RANDOM_LEN]),
            address: ([127, 0, 0, 1], 1).into(),
            weight: *weight,
            load: Load::new(Instant::now()).into(),
        })
    };
    (0..).zip(weights).map(endpoint).collect()
}

fn service(weights: &[u32], balance: Balance) -> crate::config::Service {
    let endpoints = endpoints(weights);
    let weights = Weights::of(&endpoints);
    crate::config::Service { endpoints, weights, balance, ..crate::config::Service::for_tests("t") }
}

/// splitmix64, as workers have it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// How many each gets, of requests with keys of their own while `open` others are under way.
fn shares(service: &crate::config::Service, open: usize) -> Vec<usize> {
    let (mut random, mut got) = (Random(7), vec![0; service.endpoints.len()]);
    let mut under_way: VecDeque<Busy> = VecDeque::new();
    for _ in 0..REQUESTS {
        let mut now = || Now { millis: u64::MAX / 2, random: random.next() };
        let mut turn = Turn::take(service, None, &now()).expect("replicas");
        let busy = turn.next(&now()).expect("one of them");
        got[service.endpoints.iter().position(|one| Arc::ptr_eq(one, &busy.0)).expect("its place")] += 1;
        under_way.push_back(busy);
        if under_way.len() > open {
            // Whichever: answers do not end in the order of requests.
            let at = random.next() as usize % under_way.len();
            under_way.swap_remove_back(at);
        }
    }
    got
}

fn hashed() -> Balance {
    Balance::ConsistentHash { on: HashOn::Address }
}

fn affine(load_percent: u16) -> Balance {
    Balance::PrefixAffinity { bytes: 100, load_percent }
}

#[test]
fn each_way_gives_each_its_weight() {
    for weights in [&[100, 300][..], &[50, 100, 250], &[1, 1000, 500, 499], &[200, 100, 100, 100, 500]] {
        let all: u32 = weights.iter().sum();
        for balance in [Balance::RoundRobin, Balance::LeastRequests, Balance::PeakEwma, hashed(), affine(125)] {
            let service = service(weights, balance);
            // One after the other, and a crowd in which each has its part.
            for open in [0, 200] {
                for (got, weight) in shares(&service, open).into_iter().zip(weights) {
                    let right = f64::from(*weight) / f64::from(all);
                    let off = (got as f64 / REQUESTS as f64 - right).abs();
                    assert!(
                        off <= 0.02,
                        "{:?}, {weights:?}, {open} open: {got} of {REQUESTS}, not {right}",
                        service.balance
                    );
                }
            }
        }
    }
}

/// All prompts begin alike: one replica has them all up to its bound, which is its weight's.
#[test]
fn the_bound_of_affinity_is_that_of_the_weight() {
    let service = service(&[100, 300, 600], affine(100));
    let mut held = Vec::new();
    for n in 0..100 {
        let now = Now { millis: u64::MAX / 2, random: n };
        held.push(Turn::take(&service, Some(9), &now).expect("replicas").next(&now).expect("one"));
    }
    let busy: Vec<u32> = service.endpoints.iter().map(|endpoint| endpoint.load.in_flight()).collect();
    for (busy, right) in busy.iter().zip([10, 30, 60]) {
        assert!(busy.abs_diff(right) <= 2, "{busy} instead of {right}");
    }
}

/// As smooth as it can be: the light one never comes twice in a row, and is not waited for long.
#[test]
fn turns_do_not_come_in_bursts() {
    let service = service(&[300, 100], Balance::RoundRobin);
    let now = Now { millis: u64::MAX / 2, random: 0 };
    let light = |_| Turn::take(&service, None, &now).expect("replicas").next(&now).expect("one").0.weight == 100;
    let turns: Vec<usize> = (0..1_000).filter(|n| light(*n)).collect();
    assert!(turns.windows(2).all(|two| (2..=8).contains(&(two[1] - two[0]))), "{turns:?}");
}

/// Half way through its slow start a replica has half of what it weighs.
#[test]
fn a_slow_start_multiplies_with_the_weight() {
    let mut service = service(&[400, 100], Balance::RoundRobin);
    service.health.slow_start_ms = 10_000_000;
    let age = service.endpoints[0].load.age(5_000_000);
    let half = service.health.slow_start_ms / 2;
    let now = |random| Now { millis: 5_000_000 + (half - age), random };
    let (mut random, mut heavy) = (Random(3), 0);
    for _ in 0..REQUESTS {
        let mut turn = Turn::take(&service, None, &now(random.next())).expect("replicas");
        heavy += usize::from(turn.next(&now(random.next())).expect("one").0.weight == 400);
    }
    // Of its four fifths it passes half on; of the fifth of the other, which is as new, half comes to it.
    assert!(heavy.abs_diff(REQUESTS / 2) < REQUESTS / 50, "{heavy}");
}

#[test]
fn who_hangs_gets_no_more_and_who_is_tried_is_not_tried_again() {
    let service = service(&[900, 100], Balance::LeastRequests);
    // The heavy one has far more than its part.
    let _hanging: Vec<_> = (0..100).map(|_| Busy::on(&service.endpoints[0], None)).collect();
    for random in 0..100 {
        let now = Now { millis: u64::MAX / 2, random: hash(random) };
        let mut turn = Turn::take(&service, None, &now).expect("replicas");
        assert_eq!(turn.next(&now).expect("one").0.weight, 100);
        assert_eq!(turn.next(&now).expect("the other").0.weight, 900);
    }
}

#[test]
fn where_all_weigh_the_same_nothing_is_kept() {
    for equal in [&[100][..], &[100, 100, 100], &[7, 7]] {
        assert!(Weights::of(&endpoints(equal)).is_none());
    }
    assert!(Weights::of(&[]).is_none() && Weights::of(&endpoints(&[100, 101])).is_some());
}

/// A key stays where it is when all get the same weight, and only what a replica gains moves when it weighs more.
#[test]
fn keys_stay_where_they_are() {
    let place = |weights: &[u32], key: u64| {
        let service = service(weights, hashed());
        let now = Now { millis: u64::MAX / 2, random: 0 };
        let busy = Turn::take(&service, Some(key), &now).expect("replicas").next(&now).expect("one");
        busy.0.key
    };
    for key in (0..300).map(hash) {
        let before = place(&[100, 100, 100], key);
        let after = place(&[100, 200, 100], key);
        assert!(after == before || after == 1, "{key}: from {before} to {after}");
    }
}
