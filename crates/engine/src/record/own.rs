//! What the threads of a gateway's own use.

use std::sync::atomic::{AtomicU16, AtomicU64};

/// Written by the threads five times a second and by who starts them; nothing of it is on a request's way.
#[derive(Default)]
pub struct OwnThreads {
    /// CPU time, microseconds; of threads that have ended as well.
    pub cpu_us: AtomicU64,
    /// Those that take new connections. Others may still serve the ones that they have.
    pub workers: AtomicU16,
}
