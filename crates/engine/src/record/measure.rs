//! A histogram that one thread fills while others read it. Room for a power of two is made when the first value comes
//! that has it: what a service never sees costs nothing.

use domain::histogram::{self, BUCKETS, PARTS};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const PART: usize = PARTS as usize;
const OCTAVES: usize = BUCKETS as usize / PART;
const _: () = assert!(OCTAVES * PART == BUCKETS as usize);

type Octave = [AtomicU64; PART];

/// Boxed: most services are idle.
#[derive(Default)]
pub struct Measure(OnceLock<Box<[OnceLock<Box<Octave>>; OCTAVES]>>);

impl Measure {
    pub fn note(&self, value: u64) {
        let bucket = usize::from(histogram::bucket(value));
        let octaves = self.0.get_or_init(|| Box::new([const { OnceLock::new() }; OCTAVES]));
        let Some(octave) = octaves.get(bucket / PART) else { return };
        let octave = octave.get_or_init(|| Box::new([const { AtomicU64::new(0) }; PART]));
        if let Some(count) = octave.get(bucket % PART) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// All of several threads.
    pub fn sum<'m>(parts: impl Iterator<Item = &'m Self> + Clone) -> histogram::Histogram {
        let mut counts = Vec::new();
        for octave in 0..OCTAVES {
            let parts: Vec<_> = parts.clone().filter_map(|part| part.0.get()?.get(octave)?.get()).collect();
            if parts.is_empty() {
                continue;
            }
            for at in 0..PART {
                let all = parts.iter().filter_map(|part| part.get(at));
                // There are fewer than a `u16` counts.
                counts.push(((octave * PART + at) as u16, all.map(|count| count.load(Relaxed)).sum()));
            }
        }
        histogram::Histogram::of(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_add_up() {
        let (one, two) = (Measure::default(), Measure::default());
        assert!(Measure::sum([&one, &two].into_iter()).is_empty());
        [0, 31, 32, 1_000_000, u64::MAX].iter().for_each(|value| one.note(*value));
        two.note(1_000_000);
        let sum = Measure::sum([&one, &two].into_iter());
        assert_eq!((sum.count(), sum.buckets().len()), (6, 5));
        assert_eq!(sum.quantile(0.0), Some(0));
        assert!(sum.quantile(0.6).is_some_and(|value| value.abs_diff(1_000_000) < 20_000));
    }
}
