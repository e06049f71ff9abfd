//! Replicas that do not do as they should.

mod harness;

use domain::status::ReplicaState;
use harness::{Heard, Host, eventually, is_there, kill, sample, service, session_members, state_json};

fn detail(heard: &Heard) -> &str {
    heard.replicas.first().and_then(|report| report.detail.as_deref()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_replica_is_started_again() {
    let host = Host::new().await;
    host.want(vec![sample(1)]).await;
    let before = host.ready(1).await.remove(0);
    kill(before.pid.unwrap() as i32);
    let heard = host.until("back-off", |heard| heard.replicas[0].state == ReplicaState::BackOff).await;
    assert!(detail(&heard).contains("signal 9"), "{heard:?}");
    assert_eq!(heard.replicas[0].pid, None);
    host.until("restart", |heard| heard.replicas[0].restarts == 1).await;
    let after = host.ready(1).await.remove(0);
    assert_eq!((&after.replica_id, after.restarts, after.detail), (&before.replica_id, 1, None));
    assert_ne!(after.pid, before.pid);
    assert!((after.since - before.since).num_milliseconds() >= 1000, "waits a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_shim_takes_everything_with_it() {
    let host = Host::new().await;
    // A grandchild in a process group of its own: the kernel does not kill it with the shim.
    let script = "set -m; sleep 1000 & exec runtime-testbin sample-model";
    host.want(vec![service(&["bash", "-c", script], 1)]).await;
    let before = host.ready(1).await.remove(0);
    let shim = host.shims()[0];
    let all = session_members(shim);
    assert_eq!(all.len(), 3, "shim, replica, grandchild");
    kill(shim);
    host.until("restart", |heard| heard.replicas[0].restarts == 1).await;
    let after = host.ready(1).await.remove(0);
    assert_eq!((&after.replica_id, after.restarts), (&before.replica_id, 1));
    assert!(all.iter().all(|pid| !is_there(*pid)));
    assert_eq!(host.shims().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_started_says_why() {
    let host = Host::new().await;
    host.want(vec![service(&["no-such-program", "x"], 1)]).await;
    let heard = host.until("not found", |heard| detail(heard).contains("`no-such-program` was not found")).await;
    assert!(detail(&heard).contains("install it"));
    assert_eq!(heard.replicas[0].state, ReplicaState::BackOff);
    let mut other = service(&["/etc/passwd"], 1);
    other.version += 1;
    host.want(vec![other]).await;
    host.until("not allowed", |heard| detail(heard).contains("may not be executed")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loop_shows_status_and_last_words() {
    let host = Host::new().await;
    host.want(vec![service(&["sh", "-c", "echo one; echo no model in $HOME >&2; echo; exit 3"], 1)]).await;
    let crashed =
        |heard: &Heard| heard.replicas.first().is_some_and(|r| r.state == ReplicaState::BackOff && r.restarts == 2);
    let heard = host.until("two restarts", crashed).await;
    assert!(detail(&heard).starts_with("exited with status 3: no model in /"), "{}", detail(&heard));
    let folder = host.replica_folder(&heard.replicas[0].replica_id);
    let output = std::fs::read_to_string(folder.join("output.log")).unwrap();
    assert_eq!(output.matches("one\n").count(), 3, "one output for all starts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ignores_the_end_is_killed_after_its_grace() {
    let host = Host::new().await;
    let script = "trap '' TERM; runtime-testbin answer 200 & while :; do wait; done";
    let mut stubborn = service(&["bash", "-c", script], 1);
    stubborn.workload.grace_seconds = 1;
    host.want(vec![stubborn]).await;
    host.ready(1).await;
    let all = session_members(host.shims()[0]);
    host.want(vec![]).await;
    host.until("gone", |heard| heard.replicas.is_empty()).await;
    assert!(all.iter().all(|pid| !is_there(*pid)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_rotates() {
    let host = Host::new().await;
    host.want(vec![service(&["runtime-testbin", "spam", "45000000"], 1)]).await;
    let report = host.ready(1).await.remove(0);
    let folder = host.replica_folder(&report.replica_id);
    let size = |name: &str| std::fs::metadata(folder.join(name)).map(|entry| entry.len()).unwrap_or_default();
    eventually("the last line", || {
        std::fs::read_to_string(folder.join("output.log")).is_ok_and(|text| text.ends_with("the last of it\n"))
    })
    .await;
    for name in ["output.log.1", "output.log.2"] {
        assert!((9_000_000..=10 * 1024 * 1024).contains(&size(name)), "{name}: {}", size(name));
    }
    assert!(!folder.join("output.log.3").exists());
    assert_eq!(state_json(&folder)["child"]["pid"], report.pid.unwrap());
}
