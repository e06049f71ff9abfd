//! The same ways to pick one of several, where replicas do not weigh the same. Apart from the others, which are cheaper.
//!
//! Candidates are drawn by their weights, and costs are such that equally idle ones cost the same whatever they weigh:
//! so without load the weights decide alone, and with load requests in flight are to each other as the weights are.

use super::Turn;
use super::pick::{Now, cap, hash, latency, ramp};
use crate::config::{Endpoint, Shares};
use domain::snapshot::policy::Balance;
use std::sync::Arc;

/// What the replicas of a service weigh, where that differs.
pub struct Weights {
    shares: Shares,
    /// Of all.
    total: u64,
}

impl Weights {
    /// `None` where all weigh the same.
    pub fn of(endpoints: &[Arc<Endpoint>]) -> Option<Box<Self>> {
        let first = endpoints.first()?.weight;
        if endpoints.iter().all(|endpoint| endpoint.weight == first) {
            return None;
        }
        let weights: Vec<u32> = endpoints.iter().map(|endpoint| endpoint.weight).collect();
        Some(Box::new(Self { shares: Shares::new(&weights), total: weights.into_iter().map(u64::from).sum() }))
    }

    /// The place of the next one among those of `turn` that may be.
    pub(super) fn pick(&self, turn: &Turn<'_>, now: &Now, may: impl Fn(usize) -> bool) -> Option<usize> {
        let slow_start = turn.service().health.slow_start_ms;
        let ramp = |at: usize| turn.endpoints.get(at).map_or(1.0, |endpoint| ramp(endpoint, now, slow_start));
        match &turn.service().balance {
            Balance::RoundRobin => {
                let first = self.shares.of(turn.at as u64).filter(|at| may(*at));
                match first.map(|at| (at, ramp(at))) {
                    // One that has just come passes most of its turns on.
                    Some((at, share)) if (now.random % 1_000) as f64 >= share * 1_000.0 => {
                        self.draw(turn, now.random >> 32, |other| other != at && may(other)).or(Some(at))
                    }
                    Some((at, _)) => Some(at),
                    None => self.draw(turn, now.random >> 32, may),
                }
            }
            Balance::LeastRequests => self.less(turn, now, may, |at, _| self.busy(turn, at) / ramp(at)),
            Balance::PeakEwma => self.less(turn, now, may, |at, other| {
                latency(&turn.endpoints[at], &turn.endpoints[other]) * self.busy(turn, at) / ramp(at)
            }),
            Balance::ConsistentHash { .. } => highest(turn, may),
            Balance::PrefixAffinity { load_percent, .. } => {
                let all: u64 = turn.endpoints.iter().map(|endpoint| u64::from(endpoint.load.in_flight())).sum();
                let has_room = |at: usize| {
                    turn.endpoints.get(at).is_some_and(|endpoint| {
                        let cap = cap(all, *load_percent, u64::from(endpoint.weight), self.total);
                        u64::from(endpoint.load.in_flight()) < cap
                    })
                };
                highest(turn, |at| may(at) && has_room(at)).or_else(|| highest(turn, may))
            }
        }
    }

    /// One more than how often its share of requests it has: 1 where it has none, whatever it weighs.
    fn busy(&self, turn: &Turn<'_>, at: usize) -> f64 {
        let mean = self.total as f64 / turn.endpoints.len() as f64;
        let busy = |endpoint: &Arc<Endpoint>| f64::from(endpoint.load.in_flight()) * mean / f64::from(endpoint.weight);
        1.0 + turn.endpoints.get(at).map_or(0.0, busy)
    }

    /// The cheaper of two different ones that are drawn by their weights; the first of two that cost the same.
    fn less(
        &self,
        turn: &Turn<'_>,
        now: &Now,
        may: impl Fn(usize) -> bool,
        cost: impl Fn(usize, usize) -> f64,
    ) -> Option<usize> {
        let draw = |random: u64, not: Option<usize>| self.draw(turn, random, |at| Some(at) != not && may(at));
        let first = draw(now.random, None)?;
        let Some(second) = draw(hash(now.random), Some(first)) else { return Some(first) };
        Some(if cost(second, first) < cost(first, second) { second } else { first })
    }

    /// One of those that may be, each as often as it weighs among them.
    fn draw(&self, turn: &Turn<'_>, random: u64, may: impl Fn(usize) -> bool) -> Option<usize> {
        let weights = || turn.endpoints.iter().enumerate().filter(|(at, _)| may(*at));
        let total: u64 = weights().map(|(_, endpoint)| u64::from(endpoint.weight)).sum();
        let mut left = random.checked_rem(total)?;
        for (at, endpoint) in weights() {
            match left.checked_sub(endpoint.weight.into()) {
                Some(rest) => left = rest,
                None => return Some(at),
            }
        }
        // Another worker has changed meanwhile who may be.
        weights().map(|(at, _)| at).next()
    }
}

/// Weighted rendezvous hashing: each has a lot for each key, and the one that lasts longest by its weight has the key.
/// Where all weigh the same it is the one with the highest hash.
fn highest(turn: &Turn<'_>, may: impl Fn(usize) -> bool) -> Option<usize> {
    let lot = |endpoint: &Endpoint| {
        // Between 0 and 1, neither of them.
        let unit = ((hash((turn.key, endpoint.replica_id.as_str())) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        f64::from(endpoint.weight) / -unit.ln()
    };
    let places = turn.endpoints.iter().enumerate().filter(|(at, _)| may(*at));
    places.max_by(|(_, one), (_, other)| lot(one).total_cmp(&lot(other))).map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
