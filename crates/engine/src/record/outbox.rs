//! Telemetry that the console has not received yet, in bounded memory.

use super::{Rings, Stats};
use chrono::{DateTime, Utc};
use domain::id::{GatewayId, ServiceId};
use link::records::Records;
use link::telemetry::{Counters, GatewayCounters, GatewayUsage, ServiceCounters, Telemetry};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// Batches kept while nobody receives them.
const BATCHES: usize = 2048;
/// Records that go at once, bytes, which is one pack of a worker: sent in larger pieces they hold up a worker on the same
/// core for longer (added p99 of GET 0.8 ms with 128 KiB, 0.4 ms with this), and the cost of a request is the same.
const HEAVY: usize = 32 * 1024;
/// Records kept in all batches together, bytes; some 100,000.
const RECORDS: usize = 32 * 1024 * 1024;

pub struct Outbox {
    started_at: DateTime<Utc>,
    started: Instant,
    rings: Rings,
    stats: Arc<Stats>,
    sequence: u64,
    collected: Records,
    waiting: VecDeque<Telemetry>,
    gateways: HashMap<GatewayId, Counters>,
    services: HashMap<ServiceId, ServiceCounters>,
    /// The next batch looks at all, not only at what was touched.
    all: bool,
}

impl Outbox {
    pub fn new(rings: Rings, stats: Arc<Stats>) -> Self {
        Self {
            started_at: Utc::now(),
            started: Instant::now(),
            rings,
            stats,
            sequence: 0,
            collected: Records::default(),
            waiting: VecDeque::new(),
            gateways: HashMap::new(),
            services: HashMap::new(),
            all: true,
        }
    }

    /// Empties the workers' rings.
    pub fn collect(&mut self) {
        let (collected, rings) = (&mut self.collected, &self.rings);
        self.rings.empty(|packed| {
            if collected.size() < RECORDS {
                collected.push(packed);
            } else {
                rings.give_up(packed.count());
            }
        });
    }

    /// Told when requests of a service begin to wait for a replica: the console shall know at once.
    pub fn held(&self) -> Arc<Notify> {
        self.stats.held()
    }

    /// See [`Rings::filled`].
    pub fn filled(&self) -> Arc<Notify> {
        self.rings.filled()
    }

    /// Makes a batch of the records that were collected, if they are many.
    pub fn seal_heavy(&mut self) {
        if self.collected.size() >= HEAVY {
            self.batch(Vec::new(), Vec::new(), Vec::new());
        }
    }

    /// Makes a batch of what was collected; an empty one only if `heartbeat` asks for it.
    pub fn seal(&mut self, heartbeat: bool) {
        let all = std::mem::take(&mut self.all);
        let gateways = if all { self.stats.gateways() } else { self.stats.touched_gateways() };
        let services = if all { self.stats.services() } else { self.stats.touched_services() };
        let gateways = changed(&mut self.gateways, gateways.into_iter().map(|(id, shards)| (id, shards.sum())));
        let services = services.into_iter().map(|(id, of_it)| (id.clone(), of_it.tell(id)));
        let services = changed(&mut self.services, services);
        // Threads use CPU time by looking at the clock, too: that alone is worth no batch.
        if self.collected.is_empty() && gateways.is_empty() && services.is_empty() && !heartbeat {
            return;
        }
        self.batch(gateways, services, self.stats.usage());
    }

    fn batch(
        &mut self,
        gateways: Vec<(GatewayId, Counters)>,
        services: Vec<(ServiceId, ServiceCounters)>,
        usage: Vec<GatewayUsage>,
    ) {
        let records = std::mem::take(&mut self.collected);
        let mut kept = records.size() + self.waiting.iter().map(|batch| batch.records.size()).sum::<usize>();
        while self.waiting.len() >= BATCHES || (kept > RECORDS && !self.waiting.is_empty()) {
            kept -= self.give_up_oldest();
        }
        self.sequence += 1;
        self.waiting.push_back(Telemetry {
            sequence: self.sequence,
            started_at: self.started_at,
            gateways: gateways
                .into_iter()
                .map(|(gateway_id, counters)| GatewayCounters {
                    cpu_us: self.stats.cpu_us(&gateway_id),
                    // Bytes are added to their side before the request is counted, so none is missing here.
                    sides: self.stats.sides(&gateway_id),
                    gateway_id,
                    counters,
                })
                .collect(),
            services: services.into_iter().map(|(_, counters)| counters).collect(),
            records,
            // Measured here: a batch with usage is one that was sealed by the clock.
            resident_bytes: (!usage.is_empty()).then(resident_bytes).flatten(),
            usage_at_us: if usage.is_empty() { 0 } else { self.started.elapsed().as_micros() as u64 },
            usage,
            records_dropped: self.rings.dropped(),
        });
    }

    /// Returns the bytes of its records, which are lost and counted. Its counters are totals, so the next batch says them again.
    fn give_up_oldest(&mut self) -> usize {
        let Some(oldest) = self.waiting.pop_front() else { return 0 };
        self.all = true;
        self.rings.give_up(oldest.records.count());
        for gateway in &oldest.gateways {
            self.gateways.remove(&gateway.gateway_id);
        }
        for service in &oldest.services {
            self.services.remove(&service.service_id);
        }
        oldest.records.size()
    }

    /// The first batch behind this number.
    pub fn after(&self, sequence: u64) -> Option<&Telemetry> {
        self.waiting.iter().find(|batch| batch.sequence > sequence)
    }

    pub fn received(&mut self, sequence: u64) {
        while self.waiting.front().is_some_and(|batch| batch.sequence <= sequence) {
            self.waiting.pop_front();
        }
    }

    /// A console that may know nothing gets all totals with the next batch.
    pub fn tell_all(&mut self) {
        self.gateways.clear();
        self.services.clear();
        self.all = true;
    }
}

/// Those whose totals are others than when they were told last.
fn changed<K: Hash + Eq + Clone, C: PartialEq + Clone>(
    told: &mut HashMap<K, C>,
    now: impl Iterator<Item = (K, C)>,
) -> Vec<(K, C)> {
    let mut news = Vec::new();
    for (id, sum) in now {
        if told.get(&id) != Some(&sum) {
            told.insert(id.clone(), sum.clone());
            news.push((id, sum));
        }
    }
    news
}

/// The memory of this process that is in use. One small file a second; `None` where there is no such file.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
