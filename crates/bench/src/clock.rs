//! A clock that is the same in all processes.

use rustix::time::{ClockId, clock_gettime};

pub fn nanos() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}
