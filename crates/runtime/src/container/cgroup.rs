//! A container's control group, where the kernel counts what it uses: read from files, without asking the daemon.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cgroup {
    cpu: PathBuf,
    memory: PathBuf,
    unified: bool,
}

/// What all processes of a container use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Since its start, microseconds.
    pub cpu_us: u64,
    /// Without what the kernel only caches of files.
    pub memory_bytes: u64,
}

impl Cgroup {
    /// Of the container `id` whose first process is `pid`. `None` where that is not so (the daemon may count processes
    /// in another namespace than the agent does) or the files are not where they usually are.
    pub fn of(pid: i64, id: &str) -> Option<Self> {
        let found = Self::parse(&fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?, id, Path::new(ROOT))?;
        found.used().is_some().then_some(found)
    }

    fn parse(text: &str, id: &str, root: &Path) -> Option<Self> {
        let lines: Vec<(&str, &str)> =
            text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':')).collect();
        let folder = |controller: &str| {
            let (names, path) = lines.iter().find(|(names, _)| names.split(',').any(|name| name == controller))?;
            path.contains(id).then(|| root.join(names).join(path.trim_start_matches('/')))
        };
        match (folder("cpuacct"), folder("memory")) {
            (Some(cpu), Some(memory)) => Some(Self { cpu, memory, unified: false }),
            _ => {
                let (_, path) = lines.iter().find(|(names, path)| names.is_empty() && path.contains(id))?;
                let folder = root.join(path.trim_start_matches('/'));
                Some(Self { cpu: folder.clone(), memory: folder, unified: true })
            }
        }
    }

    /// `None` when the container is gone.
    pub fn used(&self) -> Option<Used> {
        let (cpu_us, memory, cache) = if self.unified {
            (
                field(&self.cpu.join("cpu.stat"), "usage_usec")?,
                number(&self.memory.join("memory.current"))?,
                "inactive_file",
            )
        } else {
            let nanoseconds = number(&self.cpu.join("cpuacct.usage"))?;
            (nanoseconds / 1000, number(&self.memory.join("memory.usage_in_bytes"))?, "total_inactive_file")
        };
        let cached = field(&self.memory.join("memory.stat"), cache).unwrap_or_default();
        Some(Used { cpu_us, memory_bytes: memory.saturating_sub(cached) })
    }
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn field(path: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_and_nobody_elses() {
        let root = Path::new("/r");
        let first = "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n";
        let found = Cgroup::parse(first, "abc", root).unwrap();
        assert_eq!((found.memory, found.cpu), ("/r/memory/docker/abc".into(), "/r/cpu,cpuacct/docker/abc".into()));
        let second = Cgroup::parse("0::/system.slice/docker-abc.scope\n", "abc", root).unwrap();
        assert!(second.unified && second.cpu == Path::new("/r/system.slice/docker-abc.scope"));
        assert_eq!(Cgroup::parse(first, "other", root), None);
        assert_eq!(Cgroup::parse("nonsense", "abc", root), None);
    }

    #[test]
    fn counts_what_the_kernel_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("cpu.stat"), "usage_usec 1234\nuser_usec 1\n").unwrap();
        fs::write(path.join("memory.current"), "5000\n").unwrap();
        fs::write(path.join("memory.stat"), "anon 1\ninactive_file 2000\n").unwrap();
        let cgroup = Cgroup { cpu: path.clone(), memory: path, unified: true };
        assert_eq!(cgroup.used(), Some(Used { cpu_us: 1234, memory_bytes: 3000 }));
        drop(folder);
        assert_eq!(cgroup.used(), None);
    }
}
