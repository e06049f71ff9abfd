//! Where Docker Engine or Podman is asked for containers.

use std::path::{Path, PathBuf};

/// `auto` looks at the usual places, `off` is none.
pub fn socket(text: &str) -> Result<Option<PathBuf>, String> {
    socket_or(text, runtime::find_socket)
}

fn socket_or(text: &str, found: impl Fn() -> Option<PathBuf>) -> Result<Option<PathBuf>, String> {
    match text.trim() {
        "auto" => Ok(found()),
        "off" => Ok(None),
        other => {
            let path = Path::new(other.strip_prefix("unix://").unwrap_or(other));
            // It may appear later: the daemon is started when it is started.
            if path.is_absolute() { Ok(Some(path.into())) } else { Err(wrong(other)) }
        }
    }
}

fn wrong(text: &str) -> String {
    format!("{text:?} is neither auto, off nor the whole path of a Unix socket such as /run/podman/podman.sock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_or_a_word() {
        let found = || Some(PathBuf::from("/found.sock"));
        assert_eq!(socket_or("auto", found), Ok(found()));
        assert_eq!(socket_or("off", found), Ok(None));
        for text in ["/run/docker.sock", "unix:///run/docker.sock", " /run/docker.sock "] {
            assert_eq!(socket_or(text, found), Ok(Some("/run/docker.sock".into())), "{text}");
        }
        for text in ["", "tcp://10.0.0.1:2375", "docker.sock", "unix://docker.sock"] {
            assert!(socket_or(text, found).is_err(), "{text}");
        }
    }
}
