//! Folders of the host inside a container.
//!
//! Inside a container one may be root, and a mounted folder is the host's own. So what would give the host away, or
//! the product's keys, cannot be mounted by anybody.

use super::ContainerError;
use bollard::models::{Mount as DockerMount, MountType};
use domain::service::Mount;
use std::path::{Path, PathBuf};

/// Of the system. Neither these nor what lies in them or around them is mounted.
const SYSTEM: [&str; 11] = ["/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr"];

/// All that stays closed on this host: the system's folders, the daemon's socket and folders, the product's data.
pub fn closed(socket: &Path, state_dir: &Path) -> Vec<PathBuf> {
    let daemons = ["/var/run", "/var/lib/docker", "/var/lib/containers", "/var/lib/containerd"];
    // The agent's folder lies in the data directory, beside the keys.
    let data = state_dir.parent().filter(|parent| parent.components().count() > 1).unwrap_or(state_dir);
    let own = [socket, state_dir, data].into_iter().map(Path::to_owned);
    let all = SYSTEM.iter().chain(&daemons).map(PathBuf::from).chain(own);
    all.map(|path| path.canonicalize().unwrap_or(path)).collect()
}

/// Checks them against what is there now.
pub fn binds(mounts: &[Mount], closed: &[PathBuf]) -> Result<Vec<DockerMount>, ContainerError> {
    mounts.iter().map(|mount| bind(mount, closed)).collect()
}

fn bind(mount: &Mount, closed: &[PathBuf]) -> Result<DockerMount, ContainerError> {
    let wrong = |why| ContainerError::Mount { path: PathBuf::from(&mount.source), why };
    if !mount.source.starts_with('/') || !mount.target.starts_with('/') {
        return Err(wrong("say the whole path on the host and in the container, both from / on"));
    }
    if mount.target.trim_end_matches('/').is_empty() {
        return Err(wrong("it would hide the whole image; choose a folder below / as its target"));
    }
    // Links are followed here, once: what is checked is what is mounted.
    let source = Path::new(&mount.source)
        .canonicalize()
        .map_err(|_| wrong("it is not on this host; make it there, or correct the mount's source"))?;
    if closed.iter().any(|closed| source.starts_with(closed) || closed.starts_with(&source)) {
        return Err(wrong(
            "it belongs to the system or to this product; mount a folder of its own such as /srv/models",
        ));
    }
    Ok(DockerMount {
        typ: Some(MountType::BIND),
        source: Some(source.to_string_lossy().into_owned()),
        target: Some(mount.target.clone()),
        read_only: Some(mount.read_only),
        ..DockerMount::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(source: &Path) -> Mount {
        Mount { source: source.to_string_lossy().into_owned(), target: "/models".into(), read_only: true }
    }

    #[test]
    fn what_is_there_is_mounted_by_its_real_path() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let made = bind(&mount(&link), &[]).unwrap();
        assert_eq!((made.source.as_deref(), made.read_only), (real.canonicalize().unwrap().to_str(), Some(true)));
        let missing = bind(&mount(&folder.path().join("missing")), &[]).unwrap_err().to_string();
        assert!(missing.contains("missing cannot be mounted: it is not on this host; make it there"), "{missing}");
    }

    #[test]
    fn neither_the_system_nor_the_products_own_folders() {
        let data = tempfile::tempdir().unwrap();
        let state = data.path().join("agent");
        let (keys, outside) = (data.path().join("keys"), data.path().join("trick"));
        std::fs::create_dir(&state).unwrap();
        std::fs::create_dir(&keys).unwrap();
        std::os::unix::fs::symlink("/etc", &outside).unwrap();
        let closed = closed(Path::new("/var/run/docker.sock"), &state);
        let all = ["/", "/etc", "/etc/../etc/ssl", "/proc/1/root", "/var/run", "/var", "/usr/share"].map(PathBuf::from);
        for source in all.iter().chain([&state, &keys, &outside, &data.path().to_owned()]) {
            assert!(bind(&mount(source), &closed).is_err(), "{}", source.display());
        }
        for (source, target) in [("srv", "/x"), ("/srv", "x"), ("/srv", "/"), ("/srv", "//")] {
            let odd = Mount { source: source.into(), target: target.into(), read_only: false };
            assert!(bind(&odd, &[]).is_err(), "{source} {target}");
        }
    }
}
