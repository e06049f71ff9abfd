//! The unprivileged user and the environment of replicas.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use harness::{Host, eventually, is_there, kill, service, uid_of};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// The test program in a folder with this mode: the build's own may lie where nobody may look, or where everybody may.
fn program_in(mode: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    let program = folder.path().join("runtime-testbin");
    std::fs::copy(harness::PROGRAM, &program).unwrap();
    (folder, program)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_run_as_nobody() {
    let Some(nobody) = runtime::replica_user("nobody") else { return };
    let (_open, program) = program_in(0o755);
    let mut host = Host::with("nobody", &program).await;
    let secret = host.folder.path().join("state/secret");
    std::fs::write(&secret, "the key").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    // With an open path only the file's own mode protects it, and the working directory can be used.
    for folder in [host.folder.path(), &host.folder.path().join("state")] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).unwrap();
    }
    let script = format!(
        "id -u; id -G; cat {}; env; pwd; touch here && echo can write; cat /proc/self/status; \
        exec runtime-testbin sample-model",
        secret.display()
    );
    let mut service = service(&["sh", "-c", &script], 1);
    service.workload.env.push(("MODEL".into(), "a b".into()));
    host.want(vec![service]).await;
    let report = host.ready(1).await.remove(0);
    assert_eq!(uid_of(report.pid.unwrap() as i32), Some(nobody.uid));
    let folder = host.replica_folder(&report.replica_id);
    let output = std::fs::read_to_string(folder.join("output.log")).unwrap();
    assert!(output.starts_with(&format!("{}\n{}\n", nobody.uid, nobody.gid)), "no supplementary groups: {output}");
    assert!(output.contains("Permission denied") && !output.contains("the key"), "{output}");
    let work = folder.join("work");
    let port = report.address.port();
    for line in [
        format!("HOME={}", work.display()),
        format!("PORT={port}"),
        format!("LISTENING_PORT={port}"),
        "HOST=127.0.0.1".into(),
        "LANG=C.UTF-8".into(),
        "MODEL=a b".into(),
        work.display().to_string(),
        "can write".into(),
    ] {
        assert!(output.lines().any(|l| l == line), "{line}: {output}");
    }
    assert!(!output.contains("CARGO"), "nothing of the agent's environment");
    assert!(output.contains("NoNewPrivs:\t1"));
    assert_eq!(std::fs::metadata(&work).unwrap().permissions().mode() & 0o777, 0o700);
    for name in ["spec.json", "state.json", "output.log"] {
        assert_eq!(std::fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o077, 0, "{name}");
    }
    // The kernel forgets whom a process dies with when that changes its user; here it must not.
    host.kill_agent().await;
    kill(host.shims()[0]);
    eventually("died with its shim", || !is_there(report.pid.unwrap() as i32)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_state_folder_means_no_home() {
    if runtime::replica_user("nobody").is_none() {
        return;
    }
    let (_open, program) = program_in(0o755);
    let host = Host::with("nobody", &program).await;
    std::fs::set_permissions(host.folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    host.want(vec![service(&["sh", "-c", "pwd; echo $HOME; exec runtime-testbin sample-model"], 1)]).await;
    let report = host.ready(1).await.remove(0);
    let output = host.replica_folder(&report.replica_id).join("output.log");
    eventually("output", || std::fs::read_to_string(&output).is_ok_and(|o| o.starts_with("/\n/nonexistent\n"))).await;
}

/// A checkout in /root, say: `inference-gateway sample-model` works all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_own_program_runs_from_a_closed_folder() {
    if runtime::replica_user("nobody").is_none() {
        return;
    }
    let (_closed, program) = program_in(0o700);
    let host = Host::with("nobody", &program).await;
    host.want(vec![harness::sample(1)]).await;
    host.ready(1).await;
}
