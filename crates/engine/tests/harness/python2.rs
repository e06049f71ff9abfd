//! A Python 2.7 with the Autobahn test suite, for which there is no newer one.

use std::path::{Path, PathBuf};
use std::process::Command;

const MAKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/python2.sh");

/// This machine's own, or one that was unpacked once beside the packages of the other tests; `None`, with the reason
/// printed, if there is neither.
pub fn with_autobahn() -> Option<PathBuf> {
    let own = PathBuf::from("python2.7");
    if has_autobahn(&own) {
        return Some(own);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let folder = cache.unwrap_or_else(std::env::temp_dir).join("inference-gateway/python");
    let (wanted, python) = (folder.join("python2.7-autobahn"), folder.join("python2.7-autobahn/python2.7"));
    if !wanted.is_dir() {
        std::fs::create_dir_all(&folder).unwrap();
        let making = tempfile::tempdir_in(&folder).unwrap();
        let made = making.path().join("made");
        let output = Command::new("sh").arg(MAKE).arg(&made).output().unwrap();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            println!("SKIPPED: no python2.7 with autobahntestsuite here, and none to be had: {said}");
            return None;
        }
        let renamed = std::fs::rename(&made, &wanted);
        assert!(renamed.is_ok() || wanted.is_dir(), "{renamed:?}");
    }
    assert!(has_autobahn(&python), "{} does not run; remove the folder", python.display());
    Some(python)
}

fn has_autobahn(python: &Path) -> bool {
    let asked = Command::new(python).args(["-c", "import autobahntestsuite.wstest"]).output();
    asked.is_ok_and(|output| output.status.success())
}
