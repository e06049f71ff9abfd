//! On which host each node of a gateway and each replica of a service is.

use crate::id::HostId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The host of each node or replica of `what`, the first one first; none where there is no host.
///
/// Hosts take turns, so no two of them differ by more than one. Which one begins is another one for each `what` (an
/// id), or the first host would get everything of which there is one; it does not depend on the order of `hosts`.
pub fn spread<'h>(what: &str, count: u32, hosts: impl IntoIterator<Item = &'h HostId>) -> Vec<&'h HostId> {
    let mut turns: Vec<&HostId> = hosts.into_iter().collect();
    turns.sort_by_cached_key(|host| {
        Sha256::new().chain_update(what).chain_update("/").chain_update(host.as_str()).finalize()
    });
    turns.dedup();
    turns.into_iter().cycle().take(count as usize).collect()
}

/// How many of them are on each host; hosts without one are not in it.
pub fn counts<'h>(placed: impl IntoIterator<Item = &'h HostId>) -> BTreeMap<HostId, u32> {
    let mut counts = BTreeMap::new();
    placed.into_iter().for_each(|host| *counts.entry(host.clone()).or_default() += 1);
    counts
}

/// Replicas of a service on one host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct There {
    /// In any state.
    pub all: u32,
    pub ready: u32,
}

/// How many replicas each host shall run on the way to `targets`: what a host has too many is kept as long as others
/// are not ready, so that moving them never leaves fewer than there were.
pub fn on_the_way(targets: &BTreeMap<HostId, u32>, there: &BTreeMap<HostId, There>) -> BTreeMap<HostId, u32> {
    let ready = |host: &HostId| there.get(host).map_or(0, |there| there.ready);
    let mut lacking: u32 = targets.iter().map(|(host, target)| target.saturating_sub(ready(host))).sum();
    let mut wanted = targets.clone();
    // Those that answer now are worth more than those that may some day.
    let mut surplus: Vec<(&HostId, &There)> = there.iter().collect();
    surplus.sort_by_key(|(_, there)| std::cmp::Reverse(there.ready));
    for (host, there) in surplus {
        let target = targets.get(host).copied().unwrap_or_default();
        let kept = there.all.saturating_sub(target).min(lacking);
        lacking -= kept;
        if target + kept > 0 {
            wanted.insert(host.clone(), target + kept);
        }
    }
    wanted
}

/// The part that falls to one of so many that share something evenly; all parts make the whole. `part` is from 0.
pub fn even_share(whole: u64, part: u32, of: u32) -> u64 {
    let (part, of) = (u64::from(part), u64::from(of.max(1)));
    whole / of + u64::from(part < whole % of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{GatewayId, RANDOM_LEN};
    use std::collections::BTreeSet;

    fn hosts(count: u8) -> Vec<HostId> {
        (0..count).map(|n| HostId::from_random([n; RANDOM_LEN])).collect()
    }

    fn gateway(n: u8) -> GatewayId {
        GatewayId::from_random([n; RANDOM_LEN])
    }

    #[test]
    fn evenly_and_whatever_the_order() {
        for (nodes, count) in [(1, 1), (3, 1), (5, 2), (7, 3), (2, 5), (100, 7)] {
            let hosts = hosts(count);
            let placed = spread(gateway(1).as_str(), nodes, &hosts);
            assert_eq!(placed, spread(gateway(1).as_str(), nodes, hosts.iter().rev()));
            assert_eq!(placed.len(), nodes as usize);
            let mut of_each: BTreeMap<_, u32> = hosts.iter().map(|host| (host, 0)).collect();
            placed.iter().for_each(|host| *of_each.entry(host).or_default() += 1);
            let (least, most) = (of_each.values().min(), of_each.values().max());
            assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{of_each:?}");
        }
        assert!(spread(gateway(1).as_str(), 3, &[]).is_empty());
    }

    #[test]
    fn gateways_of_one_node_do_not_meet_on_one_host() {
        let hosts = hosts(4);
        let used: BTreeSet<_> = (0..36).flat_map(|n| spread(gateway(n).as_str(), 1, &hosts)).collect();
        assert_eq!(used.len(), hosts.len());
    }

    #[test]
    fn another_node_moves_none() {
        let hosts = hosts(3);
        let (few, more) = (spread(gateway(1).as_str(), 4, &hosts), spread(gateway(1).as_str(), 5, &hosts));
        assert_eq!(few, more[..4]);
    }

    #[test]
    fn shares_make_the_whole() {
        for (whole, of) in [(0, 3), (10, 3), (2, 5), (7, 1), (9, 0)] {
            assert_eq!((0..of.max(1)).map(|part| even_share(whole, part, of)).sum::<u64>(), whole);
        }
    }

    fn on(all: &[HostId], counts: [u32; 2]) -> BTreeMap<HostId, u32> {
        all.iter().cloned().zip(counts).filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn what_moves_goes_when_the_new_one_is_ready() {
        let all = hosts(2);
        let there = |a: (u32, u32), b: (u32, u32)| {
            let seen = [a, b].map(|(all, ready)| There { all, ready });
            all.iter().cloned().zip(seen).collect::<BTreeMap<_, _>>()
        };
        // Both of the first host shall be on the second.
        let targets = on(&all, [0, 2]);
        for (seen, wanted) in [
            (there((2, 2), (0, 0)), [2, 2]),
            (there((2, 2), (2, 0)), [2, 2]),
            (there((2, 2), (2, 1)), [1, 2]),
            (there((1, 1), (2, 2)), [0, 2]),
            (there((0, 0), (0, 0)), [0, 2]),
        ] {
            assert_eq!(on_the_way(&targets, &seen), on(&all, wanted), "{seen:?}");
        }
        // Those that answer are kept before those that may some day.
        let three = hosts(3);
        let seen = [(0, 0, 0), (1, 2, 0), (2, 2, 2)];
        let seen = seen.map(|(n, all, ready): (usize, u32, u32)| (three[n].clone(), There { all, ready }));
        let wanted = on_the_way(&on(&three[..1], [2, 0]), &seen.into_iter().collect());
        assert_eq!(
            wanted,
            three
                .iter()
                .cloned()
                .zip([2, 2])
                .filter(|(host, _)| *host != three[1])
                .chain([(three[2].clone(), 2)])
                .collect()
        );
        // Fewer of them: nobody waits for anything.
        assert_eq!(on_the_way(&on(&all, [1, 0]), &there((3, 3), (0, 0))), on(&all, [1, 0]));
        // One host alone.
        assert_eq!(on_the_way(&on(&all, [3, 0]), &there((1, 0), (0, 0))), on(&all, [3, 0]));
        // None at all, as of a service that was stopped.
        assert_eq!(on_the_way(&BTreeMap::new(), &there((3, 3), (2, 0))), BTreeMap::new());
    }
}
