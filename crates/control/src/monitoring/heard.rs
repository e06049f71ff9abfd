//! What engines and agents said and nobody has written yet.

use super::Watch;
use crate::AgentState;
use chrono::{DateTime, Utc};
use domain::id::{EngineId, ReplicaId, ServiceId};
use link::telemetry::ServiceCounters;
use observe::{Counted, ReplicaCell, Taken, TotalsKey};
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Start of each engine and number of its newest batch: one whose receipt got lost comes again.
    batches: HashMap<EngineId, (DateTime<Utc>, u64)>,
    pub fresh: Fresh,
}

/// Since it was taken last.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// Engines that said anything, and when they were started.
    pub engines: HashMap<EngineId, DateTime<Utc>>,
    pub totals: HashMap<TotalsKey, Taken>,
    pub usage: BTreeMap<(ServiceId, ReplicaId), ReplicaCell>,
    /// Most requests of each replica at a time, by engine.
    pub in_flight: HashMap<(EngineId, ServiceId, ReplicaId), u64>,
}

impl Fresh {
    /// What could not be written, under what came since.
    pub fn put_back(&mut self, older: Self) {
        for (engine, started_at) in older.engines {
            self.engines.entry(engine).or_insert(started_at);
        }
        for (key, taken) in older.totals {
            self.totals.entry(key).or_insert(taken);
        }
        for (key, cell) in older.usage {
            self.usage.entry(key).or_default().add(&cell);
        }
        for (key, most) in older.in_flight {
            let known = self.in_flight.entry(key).or_default();
            *known = most.max(*known);
        }
    }
}

impl Watch {
    pub(crate) fn hear(&self, engine: &EngineId, batch: (DateTime<Utc>, u64), services: &[ServiceCounters]) {
        if self.kept.get().is_none() {
            return;
        }
        // As the file keeps it: the next console must know the engine's start again.
        let started_at = DateTime::from_timestamp_micros(batch.0.timestamp_micros()).unwrap_or(batch.0);
        self.with_heard(|heard| {
            if heard.batches.get(engine).is_some_and(|(start, newest)| *start == batch.0 && *newest >= batch.1) {
                return;
            }
            heard.batches.insert(engine.clone(), batch);
            heard.fresh.engines.insert(engine.clone(), started_at);
            for each in services {
                let key = (engine.clone(), each.service_id.clone());
                heard.fresh.totals.insert(key, Taken { started_at, counted: counted(each) });
                for replica in each.replicas.iter().filter(|replica| replica.in_flight > 0) {
                    let key = (engine.clone(), each.service_id.clone(), replica.replica_id.clone());
                    let most = heard.fresh.in_flight.entry(key).or_default();
                    *most = replica.in_flight.max(*most);
                }
            }
        });
    }

    /// After each measurement.
    pub(crate) fn measured(&self, agent: &AgentState) {
        if self.kept.get().is_none() {
            return;
        }
        let mut seen = HashSet::new();
        self.with_heard(|heard| {
            for report in agent.replicas.iter().filter(|report| seen.insert(&report.replica_id)) {
                let Some(usage) = agent.usage.get(&report.replica_id) else { continue };
                let cell = ReplicaCell {
                    cpu_count: usage.cpu_percent.is_some().into(),
                    cpu_sum: usage.cpu_percent.unwrap_or_default().into(),
                    memory_count: 1,
                    memory_sum: usage.memory_bytes,
                    in_flight: None,
                };
                let key = (report.service_id.clone(), report.replica_id.clone());
                heard.fresh.usage.entry(key).or_default().add(&cell);
            }
        });
    }
}

fn counted(of: &ServiceCounters) -> Counted {
    let counters = &of.counters;
    Counted {
        requests: counters.requests,
        classes: [counters.status_2xx, counters.status_3xx, counters.status_4xx, counters.status_5xx],
        bytes_in: counters.bytes_in,
        bytes_out: counters.bytes_out,
        latency: of.latency.clone(),
        tokens_in: of.tokens_in,
        tokens_out: of.tokens_out,
        first_token: of.first_token.clone(),
        per_token: of.per_token.clone(),
    }
}
