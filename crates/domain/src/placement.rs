//! On which engine each node of a gateway is.

use crate::id::{EngineId, GatewayId};
use sha2::{Digest, Sha256};

/// The engine of each node, the first node first; none where there is no engine.
///
/// Engines take turns, so no two of them differ by more than one node. Which one begins is another one for each
/// gateway, or the first engine would get every gateway of one node; it does not depend on the order of `engines`.
pub fn spread<'e>(
    gateway: &GatewayId,
    nodes: u32,
    engines: impl IntoIterator<Item = &'e EngineId>,
) -> Vec<&'e EngineId> {
    let mut turns: Vec<&EngineId> = engines.into_iter().collect();
    turns.sort_by_cached_key(|engine| {
        Sha256::new().chain_update(gateway.as_str()).chain_update("/").chain_update(engine.as_str()).finalize()
    });
    turns.dedup();
    turns.into_iter().cycle().take(nodes as usize).collect()
}

/// The part that falls to one of so many that share something evenly; all parts make the whole. `part` is from 0.
pub fn even_share(whole: u64, part: u32, of: u32) -> u64 {
    let (part, of) = (u64::from(part), u64::from(of.max(1)));
    whole / of + u64::from(part < whole % of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RANDOM_LEN;
    use std::collections::{BTreeMap, BTreeSet};

    fn engines(count: u8) -> Vec<EngineId> {
        (0..count).map(|n| EngineId::from_random([n; RANDOM_LEN])).collect()
    }

    fn gateway(n: u8) -> GatewayId {
        GatewayId::from_random([n; RANDOM_LEN])
    }

    #[test]
    fn evenly_and_whatever_the_order() {
        for (nodes, count) in [(1, 1), (3, 1), (5, 2), (7, 3), (2, 5), (100, 7)] {
            let engines = engines(count);
            let placed = spread(&gateway(1), nodes, &engines);
            assert_eq!(placed, spread(&gateway(1), nodes, engines.iter().rev()));
            assert_eq!(placed.len(), nodes as usize);
            let mut of_each: BTreeMap<_, u32> = engines.iter().map(|engine| (engine, 0)).collect();
            placed.iter().for_each(|engine| *of_each.entry(engine).or_default() += 1);
            let (least, most) = (of_each.values().min(), of_each.values().max());
            assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{of_each:?}");
        }
        assert!(spread(&gateway(1), 3, &[]).is_empty());
    }

    #[test]
    fn gateways_of_one_node_do_not_meet_on_one_engine() {
        let engines = engines(4);
        let used: BTreeSet<_> = (0..36).flat_map(|n| spread(&gateway(n), 1, &engines)).collect();
        assert_eq!(used.len(), engines.len());
    }

    #[test]
    fn another_node_moves_none() {
        let engines = engines(3);
        let (few, more) = (spread(&gateway(1), 4, &engines), spread(&gateway(1), 5, &engines));
        assert_eq!(few, more[..4]);
    }

    #[test]
    fn shares_make_the_whole() {
        for (whole, of) in [(0, 3), (10, 3), (2, 5), (7, 1), (9, 0)] {
            assert_eq!((0..of.max(1)).map(|part| even_share(whole, part, of)).sum::<u64>(), whole);
        }
    }
}
