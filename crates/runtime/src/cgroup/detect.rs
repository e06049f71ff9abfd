//! Where replicas' control groups can be made.

use super::Cgroup;
use domain::id::ReplicaId;
use link::message::HostMeans;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const OURS: &str = "inference-gateway";
const WITHOUT: &str = "so CPU is not limited and memory is looked at twice a second";

/// What the host lets the agent do.
pub struct Cgroups(Result<Base, String>);

struct Base {
    v2: bool,
    memory: PathBuf,
    cpu: PathBuf,
    cpuacct: PathBuf,
}

impl Cgroups {
    /// Version 2 where it can be written, else version 1.
    pub fn detect() -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let base = version_2(&mounts, &own).or_else(|no_2| version_1(&mounts, &own).map_err(|no_1| (no_2, no_1)));
        let base = base.map_err(|(no_2, no_1)| {
            format!(
                "control groups cannot be written (version 2: {no_2}; version 1: {no_1}), {WITHOUT}; run the agent as \
                 root or in a delegated control group"
            )
        });
        if let Err(reason) = &base {
            tracing::warn!("{reason}");
        }
        Self(base)
    }

    /// The operator wants it so.
    pub fn none() -> Self {
        Self(Err(format!("control groups are switched off, {WITHOUT}")))
    }

    /// For one start of a replica; nothing is made yet.
    pub fn of(&self, id: &ReplicaId, run: u64) -> Option<Cgroup> {
        let base = self.0.as_ref().ok()?;
        let within = |folder: &Path| folder.join(OURS).join(format!("{id}.{run}"));
        Some(Cgroup {
            v2: base.v2,
            memory: within(&base.memory),
            cpu: within(&base.cpu),
            cpuacct: within(&base.cpuacct),
        })
    }

    pub fn means(&self, means: &mut HostMeans) {
        means.no_limits = self.0.as_ref().err().cloned();
    }
}

/// Below the own group, or at the root where that may not have children with limits (it has processes itself).
fn version_2(mounts: &str, own: &str) -> Result<Base, io::Error> {
    let mount = mounts.lines().find_map(|line| Mount::parse(line).filter(|mount| mount.kind == "cgroup2"));
    let mount = mount.ok_or_else(|| io::Error::other("not mounted"))?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let base = ready_v2(&mount.folder(path)).or_else(|_| ready_v2(mount.point))?;
    Ok(Base { v2: true, memory: base.clone(), cpu: base.clone(), cpuacct: base })
}

fn ready_v2(base: &Path) -> io::Result<PathBuf> {
    let ours = base.join(OURS);
    fs::write(base.join("cgroup.subtree_control"), "+memory +cpu")?;
    fs::create_dir_all(&ours)?;
    fs::write(ours.join("cgroup.subtree_control"), "+memory +cpu")?;
    tried(&ours, "memory.max")?;
    Ok(base.into())
}

fn version_1(mounts: &str, own: &str) -> Result<Base, io::Error> {
    let of = |controller: &str, file: &str| {
        let all = mounts.lines().filter_map(Mount::parse);
        let mount = all.filter(|mount| mount.kind == "cgroup").find(|mount| mount.has(controller));
        let mount = mount.ok_or_else(|| io::Error::other(format!("{controller} is not mounted")))?;
        let path = own.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            fields.next()?.split(',').any(|name| name == controller).then(|| fields.next())?
        });
        let base = mount.folder(path.unwrap_or("/"));
        tried(&base.join(OURS), file).map(|()| base)
    };
    Ok(Base {
        v2: false,
        memory: of("memory", "memory.limit_in_bytes")?,
        cpu: of("cpu", "cpu.cfs_quota_us")?,
        cpuacct: of("cpuacct", "cpuacct.usage")?,
    })
}

/// Makes a group to see whether one can be made, and whether it has this file.
fn tried(ours: &Path, file: &str) -> io::Result<()> {
    let folder = ours.join(format!("try.{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let found = fs::metadata(folder.join(file)).map(drop);
    fs::remove_dir(&folder)?;
    // Stays where replicas of the agent before are in it.
    let _ = fs::remove_dir(ours);
    found
}

/// A line of /proc/self/mountinfo (proc_pid_mountinfo(5)).
struct Mount<'a> {
    root: &'a str,
    point: &'a Path,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (place, what) = line.split_once(" - ")?;
        let (mut place, mut what) = (place.split(' ').skip(3), what.split(' '));
        let (root, point) = (place.next()?, Path::new(place.next()?));
        Some(Self { root, point, kind: what.next()?, options: what.nth(1)? })
    }

    fn has(&self, controller: &str) -> bool {
        self.options.split(',').any(|option| option == controller)
    }

    /// In a container only a part of the tree may be mounted, while paths are told from its root.
    fn folder(&self, path: &str) -> PathBuf {
        let within = path.strip_prefix(self.root).unwrap_or(path).trim_start_matches('/');
        let folder = self.point.join(within);
        if folder.is_dir() { folder } else { self.point.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_also_in_a_container() {
        let line = "36 25 0:31 /docker/abc /sys rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct";
        let mount = Mount::parse(line).unwrap();
        assert!(mount.has("cpuacct") && !mount.has("memory"));
        assert_eq!(mount.folder("/docker/abc/kernel"), Path::new("/sys/kernel"));
        assert_eq!(mount.folder("/elsewhere"), Path::new("/sys"), "a folder that is there");
        assert!(Mount::parse("nonsense - ").is_none());
    }
}
