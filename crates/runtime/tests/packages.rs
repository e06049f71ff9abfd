//! Python packages and mounts of processes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::endpoint::WantedService;
use domain::service::Mount;
use domain::status::ReplicaState;
use harness::{Host, detail, sample, service};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package that needs nothing from anywhere.
const MAKE: &str = r#"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("tiny.py", "WORD = 'a tiny package'\n")
    info = "tiny-1.0.dist-info/"
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", "tiny.py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n")
"#;

fn wheel(folder: &Path) -> String {
    let path = folder.join("tiny-1.0-py3-none-any.whl");
    let made = Command::new("python3").args(["-c", MAKE]).arg(&path).status();
    assert!(made.unwrap().success());
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn with_packages(packages: &[&str], replicas: u32) -> WantedService {
    let script = "python -c 'import sys, tiny; print(tiny.WORD, sys.prefix)'; exec runtime-testbin sample-model";
    let mut service = service(&["sh", "-c", script], replicas);
    service.workload.python_packages = packages.iter().map(|&package| package.into()).collect();
    service
}

fn said(host: &Host, id: &domain::id::ReplicaId) -> String {
    let text = std::fs::read_to_string(host.replica_folder(id).join("output.log")).unwrap_or_default();
    text.lines().find(|line| line.starts_with("a tiny package")).unwrap_or("nothing").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packages_are_installed_once_and_shared() {
    let folder = tempfile::tempdir().unwrap();
    let tiny = wheel(folder.path());
    let (_program_folder, program) = reachable_program();
    let user = if runtime::replica_user("nobody").is_some() { "nobody" } else { "" };
    let mut host = Host::with(user, &program).await;
    for folder in [host.folder.path(), &host.folder.path().join("state")] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).unwrap();
    }
    host.want(vec![with_packages(&[&tiny], 2)]).await;
    host.until("told", |heard| {
        heard
            .replicas
            .iter()
            .any(|r| r.detail.as_deref().is_some_and(|detail| detail.contains("installing Python packages")))
    })
    .await;
    let two = host.ready(2).await;
    let words: Vec<String> = two.iter().map(|report| said(&host, &report.replica_id)).collect();
    assert!(words[0].starts_with("a tiny package") && words[0] == words[1], "{words:?}");
    let venvs = || std::fs::read_dir(host.folder.path().join("state/venvs")).unwrap().count();
    assert_eq!(venvs(), 2, "one folder, one file that says it is complete");
    let folder = host.replica_folder(&two[0].replica_id);
    let second = host.replica_folder(&two[1].replica_id);
    let read = |folder: &Path| std::fs::read_to_string(folder.join("output.log")).unwrap();
    let installed = [read(&folder), read(&second)].join("").matches("Successfully installed tiny").count();
    assert_eq!(installed, 1, "in the output of the one that installed");

    host.again(|_| {}).await;
    host.ready(2).await;
    assert_eq!(std::fs::read_dir(host.folder.path().join("state/venvs")).unwrap().count(), 2, "kept while used");
    host.want(vec![]).await;
    host.until("gone", |heard| heard.replicas.is_empty()).await;
    host.again(|_| {}).await;
    assert_eq!(std::fs::read_dir(host.folder.path().join("state/venvs")).unwrap().count(), 0, "nobody uses it");
}

/// The replica's user gets there.
fn reachable_program() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("runtime-testbin");
    std::fs::copy(harness::PROGRAM, &program).unwrap();
    (folder, program)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_pip_says_is_the_reason() {
    let host = Host::new().await;
    for (version, package) in (1..).zip(["/nonexistent/none-1.0-py3-none-any.whl", "--version"]) {
        let mut service = with_packages(&[package], 1);
        service.version = version;
        host.want(vec![service]).await;
        let failed = |heard: &harness::Heard| {
            heard.replicas.iter().any(|r| r.version == version && r.state == ReplicaState::BackOff)
        };
        let heard = host.until("failed", failed).await;
        let report = heard.replicas.iter().find(|report| report.version == version).unwrap();
        let detail = report.detail.as_deref().unwrap_or_default();
        assert!(detail.starts_with("pip failed: ") && detail.contains(package), "{detail}");
        assert!(!report.last_lines.is_empty(), "with what it printed");
    }
    let venvs = std::fs::read_dir(host.folder.path().join("state/venvs")).unwrap();
    assert!(venvs.count() <= 1, "a half one is not kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mounts_of_processes_are_where_they_are() {
    let host = Host::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let mount =
        |source: &str, target: &str, read_only| Mount { source: source.into(), target: target.into(), read_only };
    let cases = [
        (mount(&path, "/models", false), "needs a container"),
        (mount("/no/such", "/no/such", false), "create the folder"),
        (mount(&path, &path, true), "may be written by"),
    ];
    for (version, (mount, words)) in (1..).zip(cases) {
        let mut service = sample(1);
        (service.version, service.workload.mounts) = (version, vec![mount]);
        host.want(vec![service]).await;
        host.until(words, |heard| heard.replicas.len() == 1 && detail(heard).contains(words)).await;
    }
    let mut service = sample(1);
    (service.version, service.workload.mounts) = (9, vec![mount(&path, &path, false)]);
    host.want(vec![service]).await;
    host.ready(1).await;
}
