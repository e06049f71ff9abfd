//! The document's table of requests per second: pessimistic figures at 30 % CPU with answers of 1 KB, uncompressed.

use crate::spec::Spec;

/// A row of the table. Persistent HTTPS connections have one as well, but no copy of the document says its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// A connection for each request.
    HttpShort,
    HttpsShort,
    HttpPersistent,
}

/// Requests per second of so many nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requests {
    pub three: u64,
    pub five: u64,
    /// The table's copies end before this figure; it follows from the smaller specifications, since all of the table
    /// doubles with the cores.
    pub extended: bool,
}

impl Traffic {
    pub const ALL: [Traffic; 3] = [Traffic::HttpShort, Traffic::HttpsShort, Traffic::HttpPersistent];

    pub fn of(self, spec: Spec) -> Requests {
        let printed = |three, five| Requests { three, five, extended: false };
        match (self, spec) {
            (Traffic::HttpShort, Spec::C2G4) => printed(5_200, 8_700),
            (Traffic::HttpShort, Spec::C4G8) => printed(10_500, 17_500),
            (Traffic::HttpShort, Spec::C8G16) => printed(21_000, 35_000),
            (Traffic::HttpShort, Spec::C16G32) => printed(42_000, 70_000),
            (Traffic::HttpsShort, Spec::C2G4) => printed(1_600, 2_700),
            (Traffic::HttpsShort, Spec::C4G8) => printed(3_200, 5_500),
            (Traffic::HttpsShort, Spec::C8G16) => printed(6_500, 11_000),
            (Traffic::HttpsShort, Spec::C16G32) => printed(13_000, 22_000),
            (Traffic::HttpPersistent, Spec::C2G4) => printed(6_500, 10_800),
            (Traffic::HttpPersistent, Spec::C4G8) => printed(13_000, 21_700),
            (Traffic::HttpPersistent, Spec::C8G16) => Requests { three: 26_000, five: 43_300, extended: true },
            (Traffic::HttpPersistent, Spec::C16G32) => Requests { three: 52_000, five: 86_700, extended: true },
        }
    }
}

impl Requests {
    /// Linear in the nodes, through both printed figures: they are rounded, so neither says all.
    pub fn of_nodes(self, nodes: u32) -> u64 {
        let nodes = u64::from(nodes);
        match nodes {
            0..=3 => self.three * nodes / 3,
            4..=5 => self.three + (self.five - self.three) * (nodes - 3) / 2,
            _ => self.five * nodes / 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_documents_and_more_nodes_carry_more() {
        for traffic in Traffic::ALL {
            for spec in Spec::ALL {
                let requests = traffic.of(spec);
                assert_eq!((requests.of_nodes(3), requests.of_nodes(5)), (requests.three, requests.five));
                assert!((1..100).all(|nodes| requests.of_nodes(nodes) < requests.of_nodes(nodes + 1)));
                // Twice the nodes carry twice as much, but for what was rounded.
                let (ten, twenty) = (requests.of_nodes(10), requests.of_nodes(20));
                assert!(ten == requests.five * 2 && twenty == ten * 2);
            }
        }
    }

    #[test]
    fn twice_the_cores_carry_twice_as_much_but_for_what_was_rounded() {
        for traffic in Traffic::ALL {
            for (small, large) in Spec::ALL.iter().zip(Spec::ALL.iter().skip(1)) {
                let (small, large) = (traffic.of(*small), traffic.of(*large));
                for (small, large) in [(small.three, large.three), (small.five, large.five)] {
                    assert!(large.abs_diff(small * 2) * 100 <= large * 4, "{traffic:?}: {small} and {large}");
                }
            }
        }
    }
}
