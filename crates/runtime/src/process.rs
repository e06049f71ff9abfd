//! Processes as /proc tells of them.

use crate::driver::Usage;
use crate::spec::RunState;
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use std::fs;

/// A process number and when it was given (clock ticks since boot), which together are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    pub pid: i32,
    pub start: u64,
}

impl ProcessId {
    /// `None` where there is no such process (any more).
    pub fn of(pid: i32) -> Option<Self> {
        Stat::of(pid).map(|stat| Self { pid, start: stat.start })
    }
}

/// The fields of /proc/<pid>/stat that matter here (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub pid: i32,
    pub zombie: bool,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    pub start: u64,
    /// CPU time, user and system.
    pub ticks: u64,
    /// In memory.
    pub pages: u64,
}

impl Stat {
    pub fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        // The program's name may hold blanks and parentheses; the last one closes it.
        let (pid, rest) = (text.split_once(' ')?.0.parse().ok()?, text.rsplit_once(") ")?.1);
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<i32>().ok();
        let count = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            pid,
            zombie: matches!(*fields.first()?, "Z" | "X"),
            parent: number(1)?,
            group: number(2)?,
            session: number(3)?,
            start: count(19)?,
            ticks: count(11)? + count(12)?,
            pages: count(21)?,
        })
    }
}

/// All processes that this one can see.
pub fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).filter_map(Stat::of).collect()
}

/// Changes with every boot; empty where the kernel does not say.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Bytes; 0 where the kernel does not say.
pub fn memory_of_host() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// What members of a run use, where no control group counts it. CPU time of those that have ended is missing.
pub fn usage(state: &RunState) -> Option<Usage> {
    let tick = 1_000_000 / clock_ticks_per_second().max(1);
    let mut members = members(state);
    members.retain(|stat| stat.pid != state.shim.pid);
    (!members.is_empty()).then(|| Usage {
        cpu_us: members.iter().map(|stat| stat.ticks).sum::<u64>() * tick,
        memory_bytes: members.iter().map(|stat| stat.pages).sum::<u64>() * page_size() as u64,
        gpu_percent: None,
    })
}

/// Kills with SIGKILL; a process that is gone is fine.
pub fn kill(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// What a run whose shim is dead has left: members of its session and of its process group.
///
/// A session's or group's number is not given again while it has members. So members are the run's own unless the
/// number belongs to a younger leader.
pub fn leftovers(state: &RunState) -> Vec<i32> {
    members(state).iter().map(|stat| stat.pid).collect()
}

fn members(state: &RunState) -> Vec<Stat> {
    if state.boot_id != boot_id() {
        return Vec::new();
    }
    let all = all();
    let ours = |leader: &ProcessId| all.iter().all(|stat| stat.pid != leader.pid || stat.start == leader.start);
    let session = Some(state.shim).filter(ours).map(|id| id.pid);
    let group = state.child.filter(ours).map(|id| id.pid);
    let is_member = |stat: &Stat| !stat.zombie && (Some(stat.session) == session || Some(stat.group) == group);
    all.iter().copied().filter(is_member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_entry() {
        let own = i32::try_from(std::process::id()).unwrap();
        let stat = Stat::of(own).expect("there");
        assert_eq!((stat.pid, stat.zombie), (own, false));
        assert!(stat.pages > 0);
        assert!(all().iter().any(|other| (other.pid, other.start) == (stat.pid, stat.start)));
    }

    #[test]
    fn a_name_may_look_like_fields() {
        let text = "7 (a) Z 9 (b) c) S 1 2 3 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 7";
        let wanted = Stat { pid: 7, zombie: false, parent: 1, group: 2, session: 3, start: 4242, ticks: 0, pages: 7 };
        assert_eq!(Stat::parse(text), Some(wanted));
    }

    #[test]
    fn a_reused_number_is_left_alone() {
        let own = i32::try_from(std::process::id()).unwrap();
        let stat = Stat::of(own).expect("there");
        let stranger = ProcessId { pid: own, start: stat.start + 1 };
        let gone = ProcessId { pid: i32::MAX, start: 1 };
        let state = RunState {
            run: 1,
            boot_id: boot_id(),
            shim: gone,
            child: Some(stranger),
            started_at: crate::spec::now(),
            ended: None,
        };
        assert!(leftovers(&state).is_empty());
    }
}
