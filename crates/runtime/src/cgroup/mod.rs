//! A replica's control group: what it may use, what it uses, and everything that belongs to it. The agent decides
//! where it is, the shim makes it, whoever sees the replica's end removes it.

mod detect;

pub use detect::Cgroups;

use crate::driver::Usage;
use crate::process;
use domain::service::Resources;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Microseconds in which a share of a core is counted.
const PERIOD: u64 = 100_000;

/// Folders of one start of a replica; all the same in version 2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cgroup {
    v2: bool,
    memory: PathBuf,
    cpu: PathBuf,
    cpuacct: PathBuf,
}

impl Cgroup {
    fn folders(&self) -> BTreeSet<&PathBuf> {
        [&self.memory, &self.cpu, &self.cpuacct].into()
    }

    /// Makes it with its limits. A process joins by writing `0` to each of the files.
    pub fn create(&self, resources: &Resources) -> io::Result<Vec<File>> {
        for folder in self.folders() {
            // Once more, should the last replica of the host have taken the folder above with it just now.
            fs::create_dir_all(folder).or_else(|_| fs::create_dir_all(folder))?;
        }
        if let Some(mib) = resources.memory_mib {
            self.limit_memory(u64::from(mib) * 1024 * 1024)?;
        }
        if let Some(millis) = resources.cpu_millis {
            // The kernel takes no less than a millisecond.
            let quota = (u64::from(millis) * PERIOD / 1000).max(1000);
            if self.v2 {
                fs::write(self.cpu.join("cpu.max"), format!("{quota} {PERIOD}"))?;
            } else {
                fs::write(self.cpu.join("cpu.cfs_period_us"), PERIOD.to_string())?;
                fs::write(self.cpu.join("cpu.cfs_quota_us"), quota.to_string())?;
            }
        }
        self.join()
    }

    fn limit_memory(&self, bytes: u64) -> io::Result<()> {
        if self.v2 {
            fs::write(self.memory.join("memory.max"), bytes.to_string())?;
            // Not every kernel has these; a replica that swaps is only slower.
            let _ = fs::write(self.memory.join("memory.swap.max"), "0");
            let _ = fs::write(self.memory.join("memory.oom.group"), "1");
        } else {
            fs::write(self.memory.join("memory.limit_in_bytes"), bytes.to_string())?;
            let _ = fs::write(self.memory.join("memory.memsw.limit_in_bytes"), bytes.to_string());
        }
        Ok(())
    }

    /// For one more process of it.
    pub fn join(&self) -> io::Result<Vec<File>> {
        self.folders().iter().map(|folder| OpenOptions::new().write(true).open(folder.join("cgroup.procs"))).collect()
    }

    /// Whether the kernel has killed something in it for want of memory.
    pub fn out_of_memory(&self) -> bool {
        let file = if self.v2 { "memory.events" } else { "memory.oom_control" };
        number(&self.memory.join(file), "oom_kill ").is_some_and(|kills| kills > 0)
    }

    /// Kills what is in it and removes it; `false` where that takes another moment.
    pub fn clear(&self) -> bool {
        let _ = fs::write(self.memory.join("cgroup.kill"), "1");
        let mut gone = true;
        for folder in self.folders() {
            let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            members.lines().filter_map(|pid| pid.parse().ok()).filter(|pid| *pid > 0).for_each(process::kill);
            gone &= match fs::remove_dir(folder) {
                Ok(()) => true,
                Err(error) => error.kind() == io::ErrorKind::NotFound,
            };
            if !self.v2 {
                // The last one of a host leaves no trace. In version 2 the folder above hands the controllers down.
                folder.parent().map(fs::remove_dir);
            }
        }
        gone
    }

    /// `None` where it is gone.
    pub fn usage(&self) -> Option<Usage> {
        let (total, cache, cpu_us) = if self.v2 {
            let cache = number(&self.memory.join("memory.stat"), "inactive_file ");
            let cpu = number(&self.cpuacct.join("cpu.stat"), "usage_usec ")?;
            (whole(&self.memory.join("memory.current"))?, cache, cpu)
        } else {
            let cache = number(&self.memory.join("memory.stat"), "total_inactive_file ");
            let cpu = whole(&self.cpuacct.join("cpuacct.usage"))? / 1000;
            (whole(&self.memory.join("memory.usage_in_bytes"))?, cache, cpu)
        };
        Some(Usage { cpu_us, memory_bytes: total.saturating_sub(cache.unwrap_or(0)), gpu_percent: None })
    }
}

fn whole(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The number behind a word at the start of a line.
fn number(path: &Path, word: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(word)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the machine has version 1 only, what version 2 is told is shown on plain files.
    #[test]
    fn limits_of_version_2_are_written_as_the_kernel_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        let cgroup = Cgroup { v2: true, memory: path.clone(), cpu: path.clone(), cpuacct: path.clone() };
        fs::create_dir(&path).unwrap();
        fs::write(path.join("cgroup.procs"), "").unwrap();
        let resources = Resources { cpu_millis: Some(1500), memory_mib: Some(512), ..Resources::default() };
        assert_eq!(cgroup.create(&resources).unwrap().len(), 1);
        let said = |file: &str| fs::read_to_string(path.join(file)).unwrap();
        assert_eq!((said("cpu.max"), said("memory.max")), ("150000 100000".into(), "536870912".into()));
        assert!(!cgroup.out_of_memory());
        fs::write(path.join("memory.events"), "low 0\noom 1\noom_kill 1\n").unwrap();
        assert!(cgroup.out_of_memory());
        for (file, text) in [("memory.current", "1000\n"), ("memory.stat", "anon 5\ninactive_file 400\n")] {
            fs::write(path.join(file), text).unwrap();
        }
        fs::write(path.join("cpu.stat"), "usage_usec 77\nuser_usec 5\n").unwrap();
        assert_eq!(cgroup.usage(), Some(Usage { cpu_us: 77, memory_bytes: 600, gpu_percent: None }));
    }
}
