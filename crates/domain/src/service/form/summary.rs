//! What a service takes.

use crate::service::{CheckedDraft, Runtime};
use serde::{Deserialize, Serialize};

/// What all replicas together ask for; `None`: without a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// At first.
    pub replicas: u32,
    /// With an autoscaler, the most there may be.
    pub most: u32,
    /// Thousandths of a core, of `replicas`.
    pub cpu_millis: Option<u64>,
    /// MiB, of `replicas`.
    pub memory_mib: Option<u64>,
    pub gpus: u64,
}

/// What runs elsewhere takes nothing here.
pub fn summary(service: &CheckedDraft) -> Capacity {
    let replicas = service.replicas;
    let most = service.scaling.as_ref().map_or(replicas, |scaling| scaling.max.max(replicas));
    if let Runtime::External { .. } = service.spec.workload.runtime {
        return Capacity { replicas, most, cpu_millis: Some(0), memory_mib: Some(0), gpus: 0 };
    }
    let resources = service.spec.workload.resources;
    let all = |of_one: u32| u64::from(of_one) * u64::from(replicas);
    Capacity {
        replicas,
        most,
        cpu_millis: resources.cpu_millis.map(all),
        memory_mib: resources.memory_mib.map(all),
        gpus: all(resources.gpus),
    }
}
