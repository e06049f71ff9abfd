//! Replicas are asked how they are, in every way.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::endpoint::WantedService;
use domain::service::{Check, Pace, Probe};
use domain::status::ReplicaState;
use harness::{Heard, Host, detail, eventually, sample, service};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What the page has to say within.
const SOON: Duration = Duration::from_secs(5);

fn exec(script: &str, pace: Pace) -> Check {
    Check { method: Probe::Exec { command: vec!["sh".into(), "-c".into(), script.into()] }, pace }
}

fn every_second(failures: u32) -> Pace {
    Pace { failures, ..Pace::default() }
}

async fn work(host: &Host) -> PathBuf {
    let heard = host.until("a replica that runs", |heard| heard.replicas.iter().any(|r| r.pid.is_some())).await;
    host.replica_folder(&heard.replicas[0].replica_id).join("work")
}

fn checked(change: impl FnOnce(&mut WantedService)) -> WantedService {
    let mut service = sample(1);
    change(&mut service);
    service
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_says_when_it_is_ready() {
    let host = Host::new().await;
    let check = exec("test -e go || { echo of course; echo not yet on $PORT; exit 3; }", every_second(3));
    host.want(vec![checked(|s| s.workload.readiness = check)]).await;
    let heard = host.until("its words", |heard| detail(heard).contains("status 3: not yet on ")).await;
    assert_eq!(heard.replicas[0].state, ReplicaState::Starting);
    std::fs::write(work(&host).await.join("go"), "").unwrap();
    assert_eq!(host.ready(1).await[0].detail, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_hangs_is_killed_with_its_children() {
    let host = Host::new().await;
    let seconds = format!("90{}", std::process::id());
    let pace = Pace { timeout_seconds: 1, period_seconds: 600, ..Pace::default() };
    let check = exec(&format!("echo asking; sleep {seconds} & sleep {seconds}"), pace);
    host.want(vec![checked(|s| s.workload.startup = Some(check))]).await;
    host.until("killed", |heard| detail(heard).contains("killed after 1 s: asking")).await;
    let mut gone = checked(|_| {});
    gone.version = 9;
    host.want(vec![gone]).await;
    host.ready(1).await;
    let sleeps = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let lines = all.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
        lines.filter(|line| line.starts_with("sleep") && line.contains(&seconds)).count()
    };
    eventually("no sleep", || sleeps() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_with_a_typo_is_named() {
    let host = Host::new().await;
    let check = Check { method: Probe::Exec { command: vec!["no-such-check".into()] }, pace: Pace::default() };
    host.want(vec![checked(|s| s.workload.readiness = check)]).await;
    host.until("named", |heard| detail(heard).contains("`no-such-check` of the check cannot be run")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn until_it_has_started_nobody_else_asks() {
    let host = Host::new().await;
    let startup = exec("test -e loaded || { echo loading; false; }", every_second(60));
    let liveness = exec("test -e loaded", every_second(1));
    host.want(vec![checked(|s| (s.workload.startup, s.workload.liveness) = (Some(startup), Some(liveness)))]).await;
    let heard = host.until("loading", |heard| detail(heard).contains("loading")).await;
    assert_eq!(heard.replicas[0].state, ReplicaState::Starting);
    // The model answers by now, and the liveness would fail.
    let address = heard.replicas[0].address;
    eventually("it listens", || std::net::TcpStream::connect(address).is_ok()).await;
    let now = host.heard.borrow().replicas[0].clone();
    assert_eq!((now.state, now.restarts), (ReplicaState::Starting, 0));
    std::fs::write(work(&host).await.join("loaded"), "").unwrap();
    assert_eq!(host.ready(1).await[0].restarts, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_start_in_time_is_started_again() {
    let host = Host::new().await;
    let startup = exec("echo still loading; false", every_second(2));
    host.want(vec![checked(|s| s.workload.startup = Some(startup))]).await;
    let given_up = |heard: &Heard| heard.replicas.iter().any(|report| report.state == ReplicaState::BackOff);
    let heard = host.until("given up", given_up).await;
    assert!(detail(&heard).starts_with("has not started within 2 s: `sh`"), "{}", detail(&heard));
    assert!(detail(&heard).contains("still loading"));
    host.until("again", |heard| heard.replicas[0].restarts == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_its_liveness_is_started_again() {
    let host = Host::new().await;
    let liveness = exec("if test -e dead; then rm dead2 || touch dead2; echo stuck; false; fi", every_second(2));
    host.want(vec![checked(|s| s.workload.liveness = Some(liveness))]).await;
    let before = host.ready(1).await.remove(0);
    let work = work(&host).await;
    std::fs::write(work.join("dead"), "").unwrap();
    let heard = host.until("failed", |heard| heard.replicas[0].state == ReplicaState::BackOff).await;
    assert!(detail(&heard).starts_with("failed its liveness check 2 times in a row"), "{}", detail(&heard));
    assert!(detail(&heard).contains("stuck") && heard.endpoints.is_empty());
    assert!(!harness::is_there(before.pid.unwrap() as i32));
    std::fs::remove_file(work.join("dead")).unwrap();
    host.until("again", |heard| heard.replicas[0].restarts == 1).await;
    assert_ne!(host.ready(1).await[0].pid, before.pid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_nothing_listens_on_is_told_soon() {
    let host = Host::new().await;
    let began = Instant::now();
    host.want(vec![service(&["sh", "-c", "echo listening elsewhere; exec sleep 1000"], 1)]).await;
    let told = |heard: &Heard| {
        heard.replicas.iter().any(|report| {
            report.detail.as_deref().is_some_and(|detail| detail.starts_with("nothing listens on 127.0.0.1:"))
                && report.last_lines == ["listening elsewhere"]
        })
    };
    let heard = host.until("nothing listens", told).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(detail(&heard).contains("$PORT"), "says what to do");
    assert_eq!(heard.replicas[0].state, ReplicaState::Starting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_crashes_later_tells_its_last_lines() {
    let host = Host::new().await;
    let script = "runtime-testbin sample-model & until test -e crash; do sleep 0.1; done; \
        for n in $(seq 100); do echo step $n; done; echo out of luck >&2; exit 4";
    host.want(vec![service(&["sh", "-c", script], 1)]).await;
    host.ready(1).await;
    std::fs::write(work(&host).await.join("crash"), "").unwrap();
    let began = Instant::now();
    let heard = host.until("back-off", |heard| heard.replicas[0].state == ReplicaState::BackOff).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert_eq!(detail(&heard), "exited with status 4: out of luck");
    let lines = &heard.replicas[0].last_lines;
    assert!(lines.len() == 20 && lines[18] == "step 100" && lines[19] == "out of luck", "{lines:?}");
}
