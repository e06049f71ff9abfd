//! The ways to pick one of several.

use super::Turn;
use crate::config::Endpoint;
use crate::message::{Fields, Name};
use domain::snapshot::policy::{Balance, HashOn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

/// A moment and a random number.
pub struct Now {
    /// See [`super::millis`].
    pub millis: u64,
    pub random: u64,
}

/// What decides about the replica, where something does.
pub fn key_of(balance: &Balance, fields: &Fields, peer: IpAddr) -> Option<u64> {
    let Balance::ConsistentHash { on } = balance else { return None };
    match on {
        HashOn::Header(name) => fields.named(name.as_str()).map(hash),
        HashOn::Cookie(name) => cookie(fields, name).map(|value| hash(value.as_bytes())),
        HashOn::Address => Some(hash(peer)),
    }
}

fn cookie<'h>(fields: &'h Fields, name: &str) -> Option<&'h str> {
    let values = fields.all(Name::Cookie).filter_map(|value| std::str::from_utf8(value).ok());
    values.flat_map(|value| value.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// The same in every engine of the same build: nothing random in it.
pub fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The place of the next one among those of `turn`.
pub(super) fn pick(turn: &Turn<'_>, now: &Now) -> Option<usize> {
    let limit = turn.service().limits.in_flight_per_replica;
    let fresh = |at: usize| !turn.was_tried(at) && turn.endpoints[at].load.has_room(limit);
    let fit = |at: usize| fresh(at) && !turn.endpoints[at].load.is_ejected(now.millis);
    match &turn.service().weights {
        None => by(turn, now, fit).or_else(|| by(turn, now, fresh)),
        Some(weights) => weights.pick(turn, now, fit).or_else(|| weights.pick(turn, now, fresh)),
    }
}

fn by(turn: &Turn<'_>, now: &Now, may: impl Fn(usize) -> bool) -> Option<usize> {
    let slow_start = turn.service().health.slow_start_ms;
    match &turn.service().balance {
        Balance::RoundRobin => round_robin(turn, now, slow_start, may),
        Balance::LeastRequests => less(turn, now, may, |endpoint, _| {
            f64::from(endpoint.load.in_flight() + 1) / ramp(endpoint, now, slow_start)
        }),
        Balance::PeakEwma => less(turn, now, may, |endpoint, other| {
            let busy = f64::from(endpoint.load.in_flight() + 1);
            latency(endpoint, other) * busy / ramp(endpoint, now, slow_start)
        }),
        Balance::ConsistentHash { .. } => highest(turn, may),
        Balance::PrefixAffinity { load_percent, .. } => {
            let all: u64 = turn.endpoints.iter().map(|endpoint| u64::from(endpoint.load.in_flight())).sum();
            let cap = cap(all, *load_percent, 1, turn.endpoints.len() as u64);
            let has_room = |at: usize| u64::from(turn.endpoints[at].load.in_flight()) < cap;
            highest(turn, |at| may(at) && has_room(at)).or_else(|| highest(turn, may))
        }
    }
}

/// Of all requests, `all` under way and one to come, how many one may have whose share is `part` of `whole`.
pub(super) fn cap(all: u64, load_percent: u16, part: u64, whole: u64) -> u64 {
    ((all + 1) * u64::from(load_percent) * part).div_ceil((100 * whole).max(1)).max(1)
}

/// What an answer of this one takes beside the other one: who has answered nothing yet is not the fastest for it, or
/// everybody would run to a new replica until its first answer.
pub(super) fn latency(endpoint: &Endpoint, other: &Endpoint) -> f64 {
    let own = endpoint.load.latency();
    if own > 0.0 { own } else { other.load.latency() }.max(1.0)
}

/// From a tenth to all of its share.
pub(super) fn ramp(endpoint: &Endpoint, now: &Now, slow_start: u64) -> f64 {
    if slow_start == 0 {
        return 1.0;
    }
    (endpoint.load.age(now.millis) as f64 / slow_start as f64).clamp(0.1, 1.0)
}

fn round_robin(turn: &Turn<'_>, now: &Now, slow_start: u64, may: impl Fn(usize) -> bool) -> Option<usize> {
    let len = turn.endpoints.len();
    let mut places = (0..len).map(|offset| turn.at.wrapping_add(offset) % len).filter(|at| may(*at));
    let first = places.next()?;
    // One that has just come passes most of its turns on.
    let share = ramp(&turn.endpoints[first], now, slow_start);
    if share < 1.0 && (now.random % 1_000) as f64 >= share * 1_000.0 {
        return places.next().or(Some(first));
    }
    Some(first)
}

/// The cheaper of two that are picked at random: nearly as good as the cheapest of all, and without everybody running
/// to the same one.
fn less(
    turn: &Turn<'_>,
    now: &Now,
    may: impl Fn(usize) -> bool,
    cost: impl Fn(&Endpoint, &Endpoint) -> f64,
) -> Option<usize> {
    let len = turn.endpoints.len();
    let from = |start: usize, not: Option<usize>| {
        (0..len).map(|offset| (start + offset) % len).find(|at| may(*at) && Some(*at) != not)
    };
    let first = from(now.random as usize % len, None)?;
    let Some(second) = from((now.random >> 32) as usize % len, Some(first)) else { return Some(first) };
    let (a, b) = (&turn.endpoints[first], &turn.endpoints[second]);
    let cheaper = cost(b, a) < cost(a, b);
    Some(if cheaper { second } else { first })
}

/// Rendezvous hashing: when a replica comes or goes, only its own keys move.
fn highest(turn: &Turn<'_>, may: impl Fn(usize) -> bool) -> Option<usize> {
    let places = (0..turn.endpoints.len()).filter(|at| may(*at));
    places.max_by_key(|at| hash((turn.key, turn.endpoints[*at].replica_id.as_str())))
}
