//! What a gateway uses of an engine, from what the engine measured last.

use crate::alb::Meter;
use link::telemetry::GatewayUsage;
use std::collections::VecDeque;

/// Measurements that are kept. Threads add up their CPU time once a second and the engine looks at it once a second:
/// over one of them both can fall together or not, over this many that is no more than a tenth.
const WINDOW: usize = 11;

#[derive(Clone, Debug, Default)]
pub struct Usage {
    newest: Option<GatewayUsage>,
    /// Engine's clock and CPU time, microseconds each; the newest last.
    samples: VecDeque<(u64, u64)>,
    pub(crate) meter: Meter,
}

impl Usage {
    pub fn measured(&mut self, at_us: u64, usage: GatewayUsage) {
        while self.samples.len() >= WINDOW {
            self.samples.pop_front();
        }
        self.samples.push_back((at_us, usage.cpu_us));
        self.newest = Some(usage);
    }

    pub fn newest(&self) -> Option<&GatewayUsage> {
        self.newest.as_ref()
    }

    /// Of what its threads could use, over the last seconds; `None` before there are two measurements, and without
    /// threads.
    pub fn cpu_percent(&self) -> Option<u64> {
        let workers = u64::from(self.newest.as_ref()?.workers);
        let ((from, before), (to, now)) = (self.samples.front()?, self.samples.back()?);
        let could = to.checked_sub(*from)?.checked_mul(workers).filter(|could| *could > 0)?;
        // Threads that serve their last connections only use some as well.
        Some((now.saturating_sub(*before).saturating_mul(100) / could).min(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{GatewayId, RANDOM_LEN};

    fn usage(cpu_us: u64, workers: u16) -> GatewayUsage {
        GatewayUsage { gateway_id: GatewayId::from_random([1; RANDOM_LEN]), workers, cpu_us, connections: 0 }
    }

    #[test]
    fn percent_of_what_the_threads_could_use() {
        let mut seen = Usage::default();
        assert_eq!(seen.cpu_percent(), None);
        seen.measured(1_000_000, usage(0, 2));
        assert_eq!(seen.cpu_percent(), None, "one measurement says nothing");
        seen.measured(2_000_000, usage(500_000, 2));
        assert_eq!(seen.cpu_percent(), Some(25));
        // What is long ago counts no more.
        for second in 3..40 {
            seen.measured(second * 1_000_000, usage(500_000, 2));
        }
        assert_eq!(seen.cpu_percent(), Some(0));
        seen.measured(40_000_000, usage(900_000_000, 2));
        assert_eq!(seen.cpu_percent(), Some(100));
        seen.measured(41_000_000, usage(900_000_000, 0));
        assert_eq!(seen.cpu_percent(), None, "no threads");
    }
}
