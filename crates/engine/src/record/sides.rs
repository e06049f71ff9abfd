//! Bytes that came to a gateway from inside a VPC: they have a price of their own.

use domain::id::VpcId;
use link::telemetry::SideBytes;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One worker's part, never shared with another's cache lines.
#[derive(Default)]
#[repr(align(128))]
struct Shard {
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// Bodies of requests and answers that came to one gateway from one VPC, since the engine was started.
pub struct Side {
    vpc: VpcId,
    of_workers: Box<[Shard]>,
}

impl Side {
    pub fn new(vpc: VpcId, workers: usize) -> Self {
        Self { vpc, of_workers: (0..workers.max(1)).map(|_| Shard::default()).collect() }
    }

    pub fn is_of(&self, vpc: &VpcId) -> bool {
        self.vpc == *vpc
    }

    pub fn add(&self, worker: usize, bytes_in: u64, bytes_out: u64) {
        if let Some(shard) = self.of_workers.get(worker % self.of_workers.len()) {
            shard.bytes_in.fetch_add(bytes_in, Relaxed);
            shard.bytes_out.fetch_add(bytes_out, Relaxed);
        }
    }

    pub fn sum(&self) -> SideBytes {
        let add = |of: fn(&Shard) -> &AtomicU64| self.of_workers.iter().map(|shard| of(shard).load(Relaxed)).sum();
        SideBytes {
            vpc: Some(self.vpc.clone()),
            bytes_in: add(|shard| &shard.bytes_in),
            bytes_out: add(|shard| &shard.bytes_out),
        }
    }
}
