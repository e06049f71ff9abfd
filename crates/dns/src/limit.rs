//! How often one network is answered over UDP. Whoever sends questions with somebody else's address must not get that
//! somebody flooded with answers.

use crate::prefix::Prefix;
use domain::id::VpcId;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

const SECOND: u64 = 1_000_000_000;
/// Places for networks, and among how many of them one may choose: 1.5 MB, however many networks ask.
const SETS: usize = 16_384;
const WAYS: usize = 4;

/// Answers over UDP to one network, an IPv4 /24 or an IPv6 /56. TCP is not counted: its addresses are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    pub per_second: u32,
    /// In one go, after silence.
    pub burst: u32,
    /// Of the answers over the limit every so manieth is sent, without records, so that clients of a flooded network
    /// come back over TCP; the others are dropped. 0: all are.
    pub slip: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self { per_second: 200, burst: 400, slip: 2 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Answer,
    /// Say that the answer is too large, whatever it is.
    Truncate,
    Drop,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    network: u64,
    /// When all that was taken is paid back, nanoseconds.
    owed: u64,
    over: u32,
}

pub struct Limiter {
    sets: Vec<[Entry; WAYS]>,
    /// Seeded anew at each start, so that nobody can choose networks which share a set.
    hasher: RandomState,
    step: u64,
    room: u64,
    slip: u32,
}

impl Limiter {
    pub fn new(rates: Rates) -> Self {
        let step = (SECOND / u64::from(rates.per_second.max(1))).max(1);
        let room = step.saturating_mul(u64::from(rates.burst.max(1)));
        Self { sets: vec![[Entry::default(); WAYS]; SETS], hasher: RandomState::new(), step, room, slip: rates.slip }
    }

    /// `now` in nanoseconds since some start.
    pub fn judge(&mut self, vpc: Option<&VpcId>, client: IpAddr, now: u64) -> Verdict {
        // The same addresses may be somebody else's in another VPC.
        let network = self.hasher.hash_one((vpc, Prefix::of(client)));
        let at = usize::try_from(network % SETS as u64).unwrap_or(0);
        let Some(set) = self.sets.get_mut(at) else { return Verdict::Answer };
        let Some(entry) = place(set, network) else { return Verdict::Answer };
        let owed = entry.owed.max(now) + self.step;
        if owed <= now.saturating_add(self.room) {
            (entry.owed, entry.over) = (owed, 0);
            return Verdict::Answer;
        }
        entry.over = entry.over.wrapping_add(1);
        if self.slip > 0 && entry.over.is_multiple_of(self.slip) { Verdict::Truncate } else { Verdict::Drop }
    }
}

/// The network's own place, or else that of the one which owes least. So a flood from countless networks forgets its
/// own before one that is over its limit.
fn place(set: &mut [Entry; WAYS], network: u64) -> Option<&mut Entry> {
    let own = set.iter().position(|entry| entry.network == network);
    if let Some(own) = own {
        return set.get_mut(own);
    }
    let entry = set.iter_mut().min_by_key(|entry| entry.owed)?;
    *entry = Entry { network, owed: 0, over: 0 };
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATES: Rates = Rates { per_second: 10, burst: 5, slip: 2 };

    fn address(text: &str) -> IpAddr {
        text.parse().expect("address")
    }

    #[test]
    fn a_burst_then_every_second_one_truncated() {
        let mut limiter = Limiter::new(RATES);
        let mut judge = |text: &str, now| limiter.judge(None, address(text), now);
        for _ in 0..5 {
            assert_eq!(judge("192.0.2.1", SECOND), Verdict::Answer);
        }
        // Neighbours count together.
        let over: Vec<Verdict> = (0..4).map(|_| judge("192.0.2.99", SECOND)).collect();
        assert_eq!(over, [Verdict::Drop, Verdict::Truncate, Verdict::Drop, Verdict::Truncate]);
        assert_eq!(judge("192.0.3.1", SECOND), Verdict::Answer, "another network");
        assert_eq!(judge("192.0.2.1", SECOND + SECOND / 10), Verdict::Answer, "one is paid back");
        assert_eq!(judge("192.0.2.1", SECOND + SECOND / 10), Verdict::Drop);
    }

    #[test]
    fn the_same_address_in_another_vpc_is_another_client() {
        let vpc: VpcId = "vpc-a".parse().expect("id");
        let mut limiter = Limiter::new(Rates { burst: 1, ..RATES });
        let client = address("10.0.0.1");
        assert_eq!(limiter.judge(None, client, 0), Verdict::Answer);
        assert_eq!(limiter.judge(Some(&vpc), client, 0), Verdict::Answer);
        assert_eq!(limiter.judge(Some(&vpc), client, 0), Verdict::Drop);
    }

    #[test]
    fn a_flood_from_everywhere_neither_grows_nor_frees_the_worst() {
        let mut limiter = Limiter::new(RATES);
        let client = address("192.0.2.1");
        for _ in 0..9 {
            limiter.judge(None, client, 0);
        }
        for number in 0..300_000u32 {
            limiter.judge(None, IpAddr::from((number << 8).to_be_bytes()), 0);
        }
        assert_eq!(limiter.sets.len(), SETS);
        assert_ne!(limiter.judge(None, client, 0), Verdict::Answer);
    }

    proptest! {
        #[test]
        fn never_more_than_allowed(gaps in prop::collection::vec(0u64..SECOND / 20, 1..300)) {
            let mut limiter = Limiter::new(RATES);
            let (mut now, mut answered) = (0, 0u64);
            for gap in gaps {
                now += gap;
                answered += u64::from(limiter.judge(None, address("::1"), now) == Verdict::Answer);
            }
            prop_assert!(answered <= u64::from(RATES.burst) + now * u64::from(RATES.per_second) / SECOND);
        }
    }
}
