//! The unprivileged user that replicas run as.

use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Who replicas run as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaUser {
    /// User number.
    pub uid: u32,
    /// Its only group.
    pub gid: u32,
    /// As in /etc/passwd.
    pub name: String,
}

/// Looks a user up in /etc/passwd. `None` where there is none of that name, where it is root, or where this process
/// is not root and so may not switch users.
pub fn replica_user(name: &str) -> Option<ReplicaUser> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    find(&fs::read_to_string("/etc/passwd").ok()?, name)
}

fn find(passwd: &str, name: &str) -> Option<ReplicaUser> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (found, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let user = ReplicaUser { uid: uid.parse().ok()?, gid: gid.parse().ok()?, name: found.into() };
        (found == name && user.uid != 0).then_some(user)
    })
}

impl ReplicaUser {
    /// `right` as a digit of the mode: 4 read, 2 write, 1 execute or enter.
    fn may(&self, entry: &fs::Metadata, right: u32) -> bool {
        let shift = match () {
            () if entry.uid() == self.uid => 6,
            () if entry.gid() == self.gid => 3,
            () => 0,
        };
        entry.mode() >> shift & right != 0
    }

    fn may_execute(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|entry| self.may(&entry, 1))
    }

    /// By the permission bits.
    pub(crate) fn may_write(&self, entry: &fs::Metadata) -> bool {
        self.may(entry, 2)
    }

    /// Whether the user can get to `path` and enter (a folder) or execute (a file) it, by the permission bits.
    pub fn reaches(&self, path: &Path) -> bool {
        path.is_absolute() && path.ancestors().all(|part| self.may_execute(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn finds_names_and_never_root() {
        let passwd = "root:x:0:0::/root:/bin/sh\nbroken\nnobody:x:65534:65533:n:/:/bin/false\ntoor:x:0:0::/:\n";
        let nobody = ReplicaUser { uid: 65534, gid: 65533, name: "nobody".into() };
        assert_eq!(find(passwd, "nobody"), Some(nobody));
        for name in ["root", "toor", "nob", "", "broken"] {
            assert_eq!(find(passwd, name), None, "{name}");
        }
    }

    #[test]
    fn a_closed_folder_above_is_not_passed() {
        let user = ReplicaUser { uid: 4_000_000, gid: 4_000_000, name: "x".into() };
        let closed = tempfile::tempdir().unwrap();
        let inner = closed.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let mode = |mode| fs::set_permissions(closed.path(), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o700);
        assert!(!user.reaches(&inner));
        mode(0o711);
        assert!(user.reaches(&inner));
    }
}
