//! Turns by weights: whose the next one is takes the same time however many there are.

/// What the turns are multiplied with (2⁶⁴ by the golden ratio): however many are taken from wherever on, they lie
/// evenly among all numbers. So a service with a hundredth gets about every hundredth request and waits for no luck.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Walker's and Vose's alias method: as many columns of the same height as there are weights. The lower part of a
/// column is its own weight's, the upper part another's.
#[derive(Default)]
pub struct Shares {
    columns: Box<[Column]>,
    height: u64,
}

struct Column {
    /// Up to here it is its own.
    own: u64,
    other: u32,
}

impl Shares {
    /// Weights and their number are below 2³², so no product of the two overflows.
    pub fn new(weights: &[u32]) -> Self {
        let height: u64 = weights.iter().copied().map(u64::from).sum();
        let count = weights.len() as u64;
        if height == 0 || u32::try_from(count).is_err() {
            return Self::default();
        }
        let column = |(at, weight): (u32, &u32)| Column { own: u64::from(*weight) * count, other: at };
        let mut columns: Box<[Column]> = (0..).zip(weights).map(column).collect();
        let (mut low, mut high): (Vec<u32>, Vec<u32>) =
            (0..).zip(&columns).map(|(at, _)| at).partition(|at| columns[*at as usize].own < height);
        // What is too high fills up what is too low, one after the other.
        while let Some((short, tall)) = low.pop().zip(high.last().copied()) {
            let missing = height - columns[short as usize].own;
            columns[short as usize].other = tall;
            let tall_column = &mut columns[tall as usize];
            tall_column.own -= missing;
            if tall_column.own < height {
                high.pop();
                low.push(tall);
            }
        }
        Self { columns, height }
    }

    /// The place among the weights that this turn is for; `None` if all are 0.
    pub fn of(&self, turn: u64) -> Option<usize> {
        let wide = u128::from(turn.wrapping_mul(STEP)) * self.columns.len() as u128;
        let (at, behind) = ((wide >> 64) as usize, wide as u64);
        let column = self.columns.get(at)?;
        let level = ((u128::from(behind) * u128::from(self.height)) >> 64) as u64;
        Some(if level < column.own { at } else { column.other as usize })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What each weight has of all columns.
    fn areas(shares: &Shares, count: usize) -> Vec<u64> {
        let mut areas = vec![0; count];
        for (at, column) in shares.columns.iter().enumerate() {
            areas[at] += column.own;
            areas[column.other as usize] += shares.height - column.own;
        }
        areas
    }

    #[test]
    fn nobody_has_a_turn_without_weights() {
        assert_eq!(Shares::new(&[]).of(7), None);
        assert_eq!(Shares::new(&[0, 0]).of(7), None);
        assert_eq!(Shares::new(&[0, 5, 0]).of(u64::MAX), Some(1));
    }

    #[test]
    fn the_largest_weights_there_are() {
        let weights = [u32::MAX, u32::MAX, 1, 0, u32::MAX];
        let areas = areas(&Shares::new(&weights), weights.len());
        assert!(areas.iter().zip(weights).all(|(area, weight)| *area == u64::from(weight) * 5));
    }

    #[test]
    fn few_of_many() {
        let shares = Shares::new(&[99, 1]);
        for start in [0, 12_345, u64::MAX - 700] {
            let turns: Vec<u64> = (0..2_000).filter(|n| shares.of(start.wrapping_add(*n)) == Some(1)).collect();
            assert!((18..=22).contains(&turns.len()), "{turns:?}");
            assert!(turns.windows(2).all(|two| two[1] - two[0] < 250), "{turns:?}");
        }
    }

    proptest! {
        #[test]
        fn each_has_its_weight(weights in prop::collection::vec(prop_oneof![0u32..5, any::<u32>()], 1..40)) {
            let shares = Shares::new(&weights);
            if weights.iter().any(|weight| *weight > 0) {
                let right: Vec<u64> = weights.iter().map(|weight| u64::from(*weight) * weights.len() as u64).collect();
                prop_assert_eq!(areas(&shares, weights.len()), right);
            }
        }

        #[test]
        fn turns_follow_weights(weights in prop::collection::vec(0u32..20, 1..6), start in any::<u64>()) {
            let shares = Shares::new(&weights);
            let sum: u32 = weights.iter().sum();
            prop_assume!(sum > 0);
            let mut got = vec![0u32; weights.len()];
            for turn in 0..1_000 {
                got[shares.of(start.wrapping_add(turn)).expect("somebody")] += 1;
            }
            for (got, weight) in got.into_iter().zip(weights) {
                let right = 1_000.0 * f64::from(weight) / f64::from(sum);
                prop_assert!((f64::from(got) - right).abs() <= 12.0, "{} instead of {}", got, right);
                prop_assert!(weight > 0 || got == 0);
            }
        }
    }
}
