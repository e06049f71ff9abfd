//! The capacity planner: which specification and how many nodes the document's tables ask for.
//!
//! Two tables have to be met: the thresholds of a node (of which the security level counts, so that traffic may double)
//! and the requests per second. What neither says, this does not say either.

mod demand;
mod requests;

pub use demand::{Demand, MOST, PlanDraft};
pub use requests::{Requests, Traffic};

use crate::spec::{ADVISED_NODES, MAX_NODES, Spec};

/// What decides how many nodes it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Requests(Traffic),
    /// Requests of several kinds together: each takes its part of the same CPU.
    AllRequests,
    Connections,
    TlsPerSecond,
    Bandwidth,
    /// The figures would do with one node, which has no availability promise.
    Availability,
}

/// What so many nodes carry of one figure. Of [`Figure::AllRequests`] it is the CPU of the table, a thousandth each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub figure: Figure,
    pub asked: u64,
    pub carried: u64,
}

/// What one specification takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizing {
    pub spec: Spec,
    /// `None`: more than a gateway can have.
    pub nodes: Option<u32>,
    pub decides: Figure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Of each specification.
    pub all: [Sizing; 4],
    /// That with the fewest cores in all, of those the one with the fewest nodes; `None` if one gateway cannot carry
    /// it.
    pub best: Option<(Spec, u32)>,
}

impl Load {
    fn fits(&self) -> bool {
        self.asked <= self.carried
    }

    /// How full it is, in millionths.
    fn fill(&self) -> u128 {
        u128::from(self.asked) * 1_000_000 / u128::from(self.carried.max(1))
    }
}

impl Demand {
    /// Everything that is asked for, against what so many nodes carry.
    pub fn loads(&self, spec: Spec, nodes: u32) -> Vec<Load> {
        let capacity = spec.capacity();
        let per_node = |figure, asked, each: u64| Load { figure, asked, carried: each * u64::from(nodes) };
        let requests = [self.http_short, self.https_short, self.http_persistent];
        let requests = Traffic::ALL.into_iter().zip(requests).map(|(traffic, asked)| Load {
            figure: Figure::Requests(traffic),
            asked,
            carried: traffic.of(spec).of_nodes(nodes),
        });
        let mut loads: Vec<Load> = requests.filter(|load| load.asked > 0).collect();
        if loads.len() > 1 {
            // Rounded up, each of them: together they must not be less than they are.
            let share = |load: &Load| (u128::from(load.asked) * 1000).div_ceil(u128::from(load.carried.max(1)));
            let asked = u64::try_from(loads.iter().map(share).sum::<u128>()).unwrap_or(u64::MAX);
            loads.push(Load { figure: Figure::AllRequests, asked, carried: 1000 });
        }
        // Every short-lived HTTPS request is a new connection, also where nobody says so.
        let handshakes = self.tls_per_second.max(self.https_short);
        let thresholds = [
            per_node(Figure::Connections, self.connections, capacity.connections_security),
            per_node(Figure::TlsPerSecond, handshakes, capacity.tls_per_second_security),
            per_node(Figure::Bandwidth, self.mbit_per_second, capacity.gbit_per_second * 1000),
        ];
        loads.extend(thresholds.into_iter().filter(|load| load.asked > 0));
        loads
    }

    fn sizing(&self, spec: Spec) -> Sizing {
        let fits = |nodes: &u32| self.loads(spec, *nodes).iter().all(Load::fits);
        let fewest = (1..=MAX_NODES).find(fits);
        let fullest = self.loads(spec, fewest.unwrap_or(MAX_NODES)).into_iter().max_by_key(Load::fill);
        match (fewest, fullest) {
            (Some(nodes), Some(load)) if nodes >= ADVISED_NODES => {
                Sizing { spec, nodes: Some(nodes), decides: load.figure }
            }
            (None, Some(load)) => Sizing { spec, nodes: None, decides: load.figure },
            _ => Sizing { spec, nodes: Some(ADVISED_NODES), decides: Figure::Availability },
        }
    }
}

pub fn plan(demand: &Demand) -> Plan {
    let all = Spec::ALL.map(|spec| demand.sizing(spec));
    let enough = all.iter().filter_map(|sizing| Some((sizing.spec, sizing.nodes?)));
    let best = enough.min_by_key(|(spec, nodes)| (u64::from(spec.capacity().cores) * u64::from(*nodes), *nodes));
    Plan { all, best }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(demand: Demand) -> [Option<u32>; 4] {
        plan(&demand).all.map(|sizing| sizing.nodes)
    }

    fn decides(demand: Demand) -> [Figure; 4] {
        plan(&demand).all.map(|sizing| sizing.decides)
    }

    #[test]
    fn nothing_and_little_take_two_small_nodes() {
        for demand in [Demand::default(), Demand { http_short: 10, connections: 10, ..Demand::default() }] {
            assert_eq!(plan(&demand).best, Some((Spec::C2G4, 2)));
            assert_eq!(decides(demand), [Figure::Availability; 4]);
        }
    }

    #[test]
    fn the_printed_columns_are_met_by_what_they_are_printed_for_and_not_beyond() {
        let at = |http_short| Demand { http_short, ..Demand::default() };
        assert_eq!(nodes(at(5_200))[0], Some(3));
        assert_eq!(nodes(at(5_201))[0], Some(4));
        assert_eq!(nodes(at(8_700)), [Some(5), Some(3), Some(2), Some(2)]);
        assert_eq!(nodes(at(8_701))[0], Some(6));
        let http_persistent = 86_700;
        assert_eq!(nodes(Demand { http_persistent, ..Demand::default() })[3], Some(5));
        // Linear beyond the columns: a hundred nodes carry twenty times what five do.
        assert_eq!(nodes(at(8_700 * 20))[0], Some(100));
        assert_eq!(nodes(at(8_700 * 20 + 1))[0], None);
        assert_eq!(plan(&at(70_000 * 20 + 1)).best, None);
    }

    #[test]
    fn thresholds_count_at_the_security_level_and_add_up() {
        let connections = 12_000 * 7;
        let demand = Demand { connections, ..Demand::default() };
        assert_eq!(nodes(demand), [Some(7), Some(4), Some(2), Some(2)]);
        assert_eq!(decides(demand)[0], Figure::Connections);
        let demand = Demand { mbit_per_second: 5_001, ..Demand::default() };
        assert_eq!((nodes(demand)[0], decides(demand)[0]), (Some(6), Figure::Bandwidth));
        let demand = Demand { tls_per_second: 1_200, ..Demand::default() };
        assert_eq!((nodes(demand)[0], decides(demand)[0]), (Some(3), Figure::TlsPerSecond));
    }

    #[test]
    fn both_tables_have_to_be_met() {
        // Three nodes would carry the requests; their handshakes take a fourth.
        let demand = Demand { https_short: 1_600, ..Demand::default() };
        assert_eq!((nodes(demand)[0], decides(demand)[0]), (Some(4), Figure::TlsPerSecond));
        assert_eq!(nodes(Demand { tls_per_second: 100, ..demand }), nodes(demand), "those are among them");
        let demand = Demand { http_short: 20_000, connections: 30_000, ..Demand::default() };
        assert_eq!(decides(demand)[1], Figure::Requests(Traffic::HttpShort));
        assert_eq!(plan(&demand).best, Some((Spec::C8G16, 3)), "24 cores: as many as 6 of 4 have, in fewer nodes");
    }

    #[test]
    fn requests_of_several_kinds_share_the_cpu() {
        let demand = Demand { http_short: 5_200 / 2, http_persistent: 6_500 / 2, ..Demand::default() };
        assert_eq!((nodes(demand)[0], decides(demand)[0]), (Some(3), Figure::AllRequests));
        let more = Demand { http_persistent: 6_500 / 2 + 10, ..demand };
        assert_eq!(nodes(more)[0], Some(4));
    }

    #[test]
    fn twice_the_cores_take_at_most_as_many_nodes_and_the_best_fits() {
        for step in 0..200 {
            let n = 1 + step * step;
            let demand = Demand {
                http_short: n * 3 % 5_000,
                http_persistent: n,
                connections: n * 7,
                mbit_per_second: n % 300,
                ..Demand::default()
            };
            let found = plan(&demand);
            assert!(
                found.all.windows(2).all(|pair| pair[0].nodes.is_none() || pair[0].nodes >= pair[1].nodes),
                "{demand:?}"
            );
            let (spec, nodes) = found.best.expect("a hundred large nodes carry it");
            assert!(demand.loads(spec, nodes).iter().all(Load::fits), "{demand:?}");
        }
    }

    #[test]
    fn figures_beyond_reason_are_no_trouble() {
        let most = Demand {
            http_short: MOST,
            https_short: MOST,
            http_persistent: MOST,
            connections: MOST,
            tls_per_second: MOST,
            mbit_per_second: MOST,
        };
        assert_eq!((nodes(most), plan(&most).best), ([None; 4], None));
    }
}
