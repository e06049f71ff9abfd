//! From cells to the buckets of a chart.

use crate::Cell;
use crate::step::align;

/// `count` buckets of `seconds` from `from`, each with all of its cells added; `None` where there is none. Cells
/// outside are left out.
pub fn fold<C: Cell>(cells: &[(i64, C)], from: i64, seconds: i64, count: usize) -> Vec<Option<C>> {
    let mut buckets = vec![None; count];
    for (at, cell) in cells {
        let behind = align(at.saturating_sub(from), seconds) / seconds.max(1);
        let bucket = usize::try_from(behind).ok().and_then(|at| buckets.get_mut(at));
        if let Some(bucket) = bucket {
            bucket.get_or_insert_with(C::default).add(cell);
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Watched;

    #[test]
    fn cells_fall_into_their_buckets_and_nothing_is_not_zero() {
        let cells: Vec<_> = [(90, 1), (100, 2), (110, 4), (129, 8), (190, 0), (220, 9)]
            .map(|(at, millis)| (at, Watched { millis }))
            .into();
        let found = fold(&cells, 100, 30, 4);
        let of = |millis| Some(Watched { millis });
        assert_eq!(found, [of(14), None, None, of(0)]);
    }

    #[test]
    fn strange_lengths_make_no_panic() {
        let cells = [(i64::MIN, Watched { millis: 1 }), (i64::MAX, Watched { millis: 1 })];
        assert_eq!(fold(&cells, 5, 0, 2), [None, None]);
        assert!(fold(&cells, i64::MAX, i64::MAX, 0).is_empty());
    }
}
