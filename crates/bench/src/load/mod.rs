//! Clients. All of them end by themselves.

pub mod h2load;
pub mod handshakes;
pub mod head;
pub mod idle;
pub mod streams;
pub mod websockets;

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Requests, events, messages or handshakes.
    pub count: u64,
    pub seconds: f64,
    /// Of each, microseconds; in no order.
    pub micros: Vec<u32>,
}

impl Done {
    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    /// p50, p99 and p99.9, microseconds.
    pub fn percentiles(&mut self) -> Option<[f64; 3]> {
        self.micros.sort_unstable();
        let last = self.micros.len().checked_sub(1)?;
        Some([0.5, 0.99, 0.999].map(|share| f64::from(self.micros[(last as f64 * share).round() as usize])))
    }
}
