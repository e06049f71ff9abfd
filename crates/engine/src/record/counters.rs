//! Counters that workers never share a cache line over.

use super::measure::Measure;
use domain::histogram::Histogram;
use link::telemetry::{Counters, Llm};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// One worker's part. Two cache lines, because processors fetch them in pairs.
#[derive(Default)]
#[repr(align(128))]
struct Shard {
    requests: AtomicU64,
    /// 2xx to 5xx.
    classes: [AtomicU64; 4],
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    /// Of these, what came through a gateway's public side.
    public_in: AtomicU64,
    public_out: AtomicU64,
    micros: AtomicU64,
    in_flight: AtomicU64,
    /// Something was counted since it was looked at last.
    touched: AtomicBool,
    /// Durations, by [`LATENCY_BOUNDS`]; the last are the longer ones.
    latency: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    /// The same, exactly; of services only.
    durations: Measure,
    /// What was seen in answers.
    seen: OnceLock<Box<Seen>>,
}

/// Of a service whose answers are looked into.
#[derive(Default)]
struct Seen {
    tokens_in: AtomicU64,
    tokens_out: AtomicU64,
    first_token: Measure,
    per_token: Measure,
}

/// Totals of a service whose answers are looked into.
#[derive(Default)]
pub struct SeenTotals {
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// Microseconds.
    pub first_token: Histogram,
    /// Microseconds for each token behind the first.
    pub per_token: Histogram,
}

/// Upper bounds of the duration classes, milliseconds. Up to ten minutes: models think long.
pub const LATENCY_BOUNDS: [u64; 15] =
    [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 30_000, 120_000, 600_000];

/// The counters of a gateway or a service, a part for each worker.
pub struct Shards {
    of_workers: Box<[Shard]>,
    durations: bool,
    /// Rare enough to be shared.
    connections_refused: AtomicU64,
    handshakes_refused: AtomicU64,
    /// One for each connection, which costs much more than this.
    connections: AtomicU64,
}

impl Shards {
    /// `durations`: they are kept exactly.
    pub fn new(workers: usize, durations: bool) -> Self {
        let of_workers = (0..workers).map(|_| Shard::default()).collect();
        Self {
            of_workers,
            durations,
            connections_refused: AtomicU64::new(0),
            handshakes_refused: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        }
    }

    pub fn begin(&self, worker: usize) {
        if let Some(shard) = self.shard(worker) {
            shard.in_flight.fetch_add(1, Relaxed);
            shard.touched.store(true, Release);
        }
    }

    /// True once after something was counted, so that who tells of it need not add up all that did not change.
    pub fn take_touched(&self) -> bool {
        let take = |shard: &Shard| shard.touched.load(Relaxed) && shard.touched.swap(false, Acquire);
        // All of them, not up to the first.
        self.of_workers.iter().filter(|shard| take(shard)).count() > 0
    }

    pub fn touch(&self) {
        if let Some(shard) = self.of_workers.first() {
            shard.touched.store(true, Release);
        }
    }

    /// Workers of a gateway's own count beside those that serve all.
    fn shard(&self, worker: usize) -> Option<&Shard> {
        self.of_workers.get(worker % self.of_workers.len().max(1))
    }

    /// How many requests took at most each of [`LATENCY_BOUNDS`] and longer than the one before; longer ones last.
    pub fn latency(&self) -> [u64; LATENCY_BOUNDS.len() + 1] {
        let mut sum = [0; LATENCY_BOUNDS.len() + 1];
        for shard in &self.of_workers {
            for (sum, class) in sum.iter_mut().zip(&shard.latency) {
                *sum += class.load(Relaxed);
            }
        }
        sum
    }

    pub fn connection_came(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.touch();
    }

    pub fn connection_refused(&self) {
        self.connections_refused.fetch_add(1, Relaxed);
        self.touch();
    }

    pub fn handshake_refused(&self) {
        self.handshakes_refused.fetch_add(1, Relaxed);
        self.touch();
    }

    pub fn add_public(&self, worker: usize, bytes_in: u64, bytes_out: u64) {
        if let Some(shard) = self.shard(worker) {
            shard.public_in.fetch_add(bytes_in, Relaxed);
            shard.public_out.fetch_add(bytes_out, Relaxed);
        }
    }

    /// Bytes in and out.
    pub fn public(&self) -> (u64, u64) {
        let add = |of: fn(&Shard) -> &AtomicU64| self.of_workers.iter().map(|shard| of(shard).load(Relaxed)).sum();
        (add(|shard| &shard.public_in), add(|shard| &shard.public_out))
    }

    pub fn end(&self, worker: usize, status: u16, bytes_in: u64, bytes_out: u64, micros: u64) {
        let Some(shard) = self.shard(worker) else { return };
        shard.requests.fetch_add(1, Relaxed);
        if let Some(class) = usize::from(status / 100).checked_sub(2).and_then(|class| shard.classes.get(class)) {
            class.fetch_add(1, Relaxed);
        }
        shard.bytes_in.fetch_add(bytes_in, Relaxed);
        shard.bytes_out.fetch_add(bytes_out, Relaxed);
        shard.micros.fetch_add(micros, Relaxed);
        let class = LATENCY_BOUNDS.partition_point(|bound| bound * 1_000 < micros);
        if let Some(class) = shard.latency.get(class) {
            class.fetch_add(1, Relaxed);
        }
        if self.durations {
            shard.durations.note(micros);
        }
        shard.in_flight.fetch_sub(1, Relaxed);
        shard.touched.store(true, Release);
    }

    /// Before the request is counted.
    pub fn saw(&self, worker: usize, llm: &Llm) {
        let Some(shard) = self.shard(worker) else { return };
        let seen = shard.seen.get_or_init(Box::default);
        seen.tokens_in.fetch_add(llm.tokens_in.unwrap_or(0), Relaxed);
        seen.tokens_out.fetch_add(llm.tokens_out.unwrap_or(0), Relaxed);
        if let Some(micros) = llm.first_token_us {
            seen.first_token.note(micros);
        }
        if let Some(micros) = per_token(llm) {
            seen.per_token.note(micros);
        }
    }

    /// Microseconds.
    pub fn durations(&self) -> Histogram {
        Measure::sum(self.of_workers.iter().map(|shard| &shard.durations))
    }

    pub fn seen(&self) -> SeenTotals {
        let seen = || self.of_workers.iter().filter_map(|shard| shard.seen.get());
        SeenTotals {
            tokens_in: seen().map(|seen| seen.tokens_in.load(Relaxed)).sum(),
            tokens_out: seen().map(|seen| seen.tokens_out.load(Relaxed)).sum(),
            first_token: Measure::sum(seen().map(|seen| &seen.first_token)),
            per_token: Measure::sum(seen().map(|seen| &seen.per_token)),
        }
    }

    pub fn sum(&self) -> Counters {
        let mut sum = Counters {
            connections_refused: self.connections_refused.load(Relaxed),
            handshakes_refused: self.handshakes_refused.load(Relaxed),
            connections: self.connections.load(Relaxed),
            ..Counters::default()
        };
        for shard in &self.of_workers {
            sum.requests += shard.requests.load(Relaxed);
            sum.status_2xx += shard.classes[0].load(Relaxed);
            sum.status_3xx += shard.classes[1].load(Relaxed);
            sum.status_4xx += shard.classes[2].load(Relaxed);
            sum.status_5xx += shard.classes[3].load(Relaxed);
            sum.bytes_in += shard.bytes_in.load(Relaxed);
            sum.bytes_out += shard.bytes_out.load(Relaxed);
            sum.micros += shard.micros.load(Relaxed);
            sum.in_flight += shard.in_flight.load(Relaxed);
        }
        sum
    }
}

/// `None` of an answer that was no stream, or came in one piece.
fn per_token(llm: &Llm) -> Option<u64> {
    let behind = llm.tokens_out?.checked_sub(1)?;
    let micros = llm.last_token_us?.checked_sub(llm.first_token_us?).filter(|micros| *micros > 0)?;
    micros.checked_div(behind)
}
