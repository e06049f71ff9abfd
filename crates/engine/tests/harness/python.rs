//! Programs that users have: official clients from PyPI, installed once on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

/// Where `package` (with its version) lies, and all that it depends on.
///
/// # Panics
/// If it cannot be had: without it nothing is shown.
pub fn package(package: &str) -> PathBuf {
    kept(package, &[])
}

/// The same without what it depends on.
#[allow(dead_code, reason = "not every test that uses this file wants it")]
pub fn alone(package: &str) -> PathBuf {
    kept(package, &["--no-deps"])
}

fn kept(package: &str, options: &[&str]) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let folder = cache.unwrap_or_else(std::env::temp_dir).join("inference-gateway/python");
    let wanted = folder.join(package.replace("==", "-"));
    if !wanted.is_dir() {
        std::fs::create_dir_all(&folder).unwrap();
        let making = tempfile::tempdir_in(&folder).unwrap();
        let made = making.path().join("made");
        install(package, options, &made);
        // Another test may have been faster.
        let renamed = std::fs::rename(&made, &wanted);
        assert!(renamed.is_ok() || wanted.is_dir(), "{renamed:?}");
    }
    wanted
}

fn install(package: &str, options: &[&str], into: &Path) {
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
    // A registry that stumbles is asked again.
    for pause in [1, 5, 0] {
        let mut python = Command::new("python3");
        let output =
            python.args(pip).args(options).arg("--upgrade").arg("--target").arg(into).arg(package).output().unwrap();
        if output.status.success() {
            return;
        }
        println!("{}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_secs(pause));
    }
    panic!("{package} cannot be installed from PyPI");
}

/// Runs `script` with the packages of `folder`, in the time zone `zone`.
pub fn run(folder: &Path, zone: &str, script: &str, arguments: &[&str]) -> Output {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", folder).env("TZ", zone).env_remove("http_proxy").env_remove("HTTP_PROXY");
    python.arg("-c").arg(script).args(arguments).output().unwrap()
}
