//! What replicas use.

use crate::driver::Running;
use domain::endpoint::ReplicaUsage;
use domain::id::ReplicaId;
use link::message::AgentUp;
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;

/// Of all that run and are counted. The clock goes on over restarts of the agent and is never set.
pub async fn usage(running: Vec<(ReplicaId, Arc<dyn Running>)>) -> AgentUp {
    let mut replicas = Vec::new();
    for (replica_id, running) in running {
        if let Some(usage) = running.usage().await {
            let (cpu_us, memory_bytes, gpu_percent) = (usage.cpu_us, usage.memory_bytes, usage.gpu_percent);
            replicas.push(ReplicaUsage { replica_id, cpu_us, memory_bytes, gpu_percent });
        }
    }
    let now = clock_gettime(ClockId::Boottime);
    let at_us = u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0) / 1000;
    AgentUp::Usage { at_us, replicas }
}
