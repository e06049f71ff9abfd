//! Where a daemon usually listens.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

const DOCKER: &str = "/var/run/docker.sock";
const PODMAN: &str = "/run/podman/podman.sock";

/// The first socket that is there: `$DOCKER_HOST` where it names one (then no other one is taken), Docker's, Podman's
/// of the system, Podman's of the user.
pub fn find_socket() -> Option<PathBuf> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    first(variable("DOCKER_HOST"), variable("XDG_RUNTIME_DIR"), |path| {
        std::fs::metadata(path).is_ok_and(|entry| entry.file_type().is_socket())
    })
}

fn first(docker_host: Option<String>, user_run: Option<String>, is_there: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    if let Some(path) = docker_host.as_deref().and_then(|host| host.strip_prefix("unix://")) {
        // Kept though it may not be there yet: somebody has said that it is the one.
        return Some(path.into());
    }
    let users = user_run.map(|run| Path::new(&run).join("podman/podman.sock"));
    [DOCKER, PODMAN].into_iter().map(PathBuf::from).chain(users).find(|path| is_there(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_wins_over_what_is_found() {
        let all = |_: &Path| true;
        assert_eq!(first(Some("unix:///x.sock".into()), None, |_| false), Some("/x.sock".into()));
        assert_eq!(first(Some("tcp://10.0.0.1:2375".into()), None, all), Some(DOCKER.into()));
        assert_eq!(first(None, None, |path| path == Path::new(PODMAN)), Some(PODMAN.into()));
        let users = PathBuf::from("/run/user/7/podman/podman.sock");
        assert_eq!(first(None, Some("/run/user/7".into()), |path| path == users), Some(users.clone()));
        assert_eq!(first(None, None, |_| false), None);
    }
}
