//! Holds the replica to what it may use.

use crate::cgroup::Cgroup;
use crate::process;
use crate::spec::{ReplicaSpec, RunState};
use std::fs::File;
use std::time::{Duration, Instant};

/// How often a memory limit is looked at. The kernel holds a control group to it at once, but may kill only one of
/// the replica's processes; without a control group nobody else looks.
const LOOK: Duration = Duration::from_millis(500);

pub struct Limits {
    cgroup: Option<Cgroup>,
    /// Bytes.
    memory: Option<u64>,
    next: Instant,
    exceeded: bool,
}

impl Limits {
    /// With what the replica's first process joins. Where no control group can be made it runs all the same, and its
    /// memory is looked at from here: RLIMIT_AS would count what CUDA only reserves, RLIMIT_DATA each process alone.
    pub fn set(spec: &ReplicaSpec) -> (Self, Vec<File>) {
        let resources = &spec.workload.resources;
        let made = spec.cgroup.as_ref().map(|cgroup| cgroup.create(resources).map(|files| (cgroup.clone(), files)));
        let (cgroup, files) = match made.transpose() {
            Ok(made) => made.unzip(),
            Err(error) => {
                eprintln!("replica-shim: its control group cannot be made: {error}");
                spec.cgroup.as_ref().map(Cgroup::clear);
                (None, None)
            }
        };
        let memory = resources.memory_mib.map(|mib| u64::from(mib) * 1024 * 1024);
        (Self { cgroup, memory, next: Instant::now(), exceeded: false }, files.unwrap_or_default())
    }

    /// How long one may wait before the next look.
    pub fn patience(&self) -> Option<Duration> {
        let looks = self.memory.is_some() && !self.exceeded;
        looks.then(|| self.next.saturating_duration_since(Instant::now()))
    }

    /// Whether it has just been seen to use more than its memory, so that all of it has to end.
    pub fn look(&mut self, state: &RunState) -> bool {
        let Some(most) = self.memory.filter(|_| !self.exceeded && self.next <= Instant::now()) else { return false };
        self.next = Instant::now() + LOOK;
        self.exceeded = match &self.cgroup {
            Some(cgroup) => cgroup.out_of_memory(),
            None => process::usage(state).is_some_and(|usage| usage.memory_bytes > most),
        };
        self.exceeded
    }

    /// After the end.
    pub fn exceeded(&self) -> bool {
        self.exceeded || self.memory.is_some() && self.cgroup.as_ref().is_some_and(Cgroup::out_of_memory)
    }

    /// Ends whatever has fled from the replica's session, and removes the control group.
    pub fn clear(&self) {
        let Some(cgroup) = &self.cgroup else { return };
        let deadline = Instant::now() + Duration::from_secs(5);
        while !cgroup.clear() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
