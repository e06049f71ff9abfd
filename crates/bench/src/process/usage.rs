//! What processes have used, as the kernel counts it.

use std::fs;

/// User and system time, in clock ticks of 10 ms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    user: u64,
    system: u64,
}

const TICK_US: f64 = 10_000.0;

impl Cpu {
    /// Of all these together.
    pub fn of(pids: &[u32]) -> Self {
        let mut sum = Self::default();
        for pid in pids {
            let Some(fields) = stat(*pid) else { continue };
            let field = |n: usize| fields.get(n).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
            sum.user += field(11);
            sum.system += field(12);
        }
        sum
    }

    /// Microseconds since `before`: all, and that of it in user space.
    pub fn since(self, before: Self) -> (f64, f64) {
        let user = (self.user - before.user) as f64;
        let system = (self.system - before.system) as f64;
        ((user + system) * TICK_US, user * TICK_US)
    }
}

/// The fields of /proc/PID/stat behind the name, which may hold anything: state, parent, …
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.get(text.rfind(')')? + 2..)?.split(' ').map(str::to_owned).collect())
}

pub fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.get(1)?.parse().ok()
}

/// Resident memory that is no file's, bytes. Shared pages count for each process, so compare differences.
pub fn resident(pids: &[u32]) -> u64 {
    let of = |pid: &u32| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = |name: &str| -> Option<u64> {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some((line("RssAnon:")? + line("RssShmem:")?) * 1024)
    };
    pids.iter().filter_map(of).sum()
}
