//! What replicas may use, and what they use.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::endpoint::WantedService;
use domain::service::Resources;
use domain::status::ReplicaState;
use harness::{Heard, Host, detail, service};
use std::path::Path;

fn limited(command: &[&str], resources: Resources) -> WantedService {
    let mut service = service(command, 1);
    service.workload.resources = resources;
    service
}

fn memory(mib: u32) -> Resources {
    Resources { memory_mib: Some(mib), ..Resources::default() }
}

/// Where this machine lets the tests make none, the rest still holds.
fn limits(host: &Host) -> bool {
    host.heard.borrow().hellos.last().is_some_and(|hello| hello.means.no_limits.is_none())
}

async fn killed_for_memory(host: &Host) {
    host.until("hello", |heard| !heard.hellos.is_empty()).await;
    // The one that eats is not the one that leads.
    let scripts =
        ["exec runtime-testbin eat 300", "PORT=0 runtime-testbin eat 300 & exec runtime-testbin sample-model"];
    for (version, script) in (1..).zip(scripts) {
        let mut service = limited(&["sh", "-c", script], memory(64));
        service.version = version;
        host.want(vec![service]).await;
        let killed =
            |heard: &Heard| heard.replicas.iter().any(|r| r.version == version && r.state == ReplicaState::BackOff);
        let heard = host.until("killed", killed).await;
        let report = heard.replicas.iter().find(|report| report.version == version).unwrap();
        let detail = report.detail.as_deref().unwrap_or_default();
        assert!(detail.starts_with("used more than its 64 MiB of memory"), "{script}: {detail}");
    }
    host.want(vec![]).await;
    host.until("gone", |heard| heard.replicas.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_memory_is_the_end_and_says_so() {
    killed_for_memory(&Host::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_memory_is_the_end_without_control_groups_too() {
    let mut host = Host::new().await;
    host.again(|host| host.control_groups = false).await;
    assert!(!limits(&host));
    killed_for_memory(&host).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enough_memory_is_no_trouble_and_is_counted() {
    for control_groups in [true, false] {
        let mut host = Host::new().await;
        host.again(|host| host.control_groups = control_groups).await;
        host.want(vec![limited(&["sh", "-c", "runtime-testbin eat 100; true"], memory(512))]).await;
        let report = host.ready(1).await.remove(0);
        let counted = |heard: &Heard| {
            let all = heard.usages.iter().flat_map(|(_, all)| all);
            all.filter(|usage| usage.replica_id == report.replica_id)
                .any(|usage| (100 << 20..200 << 20).contains(&usage.memory_bytes) && usage.cpu_us > 0)
        };
        host.until("the child's memory is counted", counted).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cpu_is_limited_and_counted_and_nothing_is_left() {
    let host = Host::new().await;
    let resources = Resources { cpu_millis: Some(200), ..Resources::default() };
    let script = "while :; do :; done & while :; do :; done & exec runtime-testbin sample-model";
    host.want(vec![limited(&["bash", "-c", script], resources)]).await;
    let report = host.ready(1).await.remove(0);
    let used = |heard: &Heard| -> Vec<(u64, u64)> {
        let of = |(at, all): &(u64, Vec<domain::endpoint::ReplicaUsage>)| {
            all.iter().find(|usage| usage.replica_id == report.replica_id).map(|usage| (*at, usage.cpu_us))
        };
        heard.usages.iter().filter_map(of).collect()
    };
    let heard = host.until("two counts", |heard| used(heard).len() >= 2).await;
    let used = used(&heard);
    let share = (used[1].1 - used[0].1) as f64 / (used[1].0 - used[0].0) as f64;
    if limits(&host) {
        assert!((0.1..0.3).contains(&share), "{share}");
    }
    let groups = host.control_groups();
    assert!(groups.iter().all(|group| group.exists()) && groups.is_empty() != limits(&host));
    host.want(vec![]).await;
    host.until("gone", |heard| heard.replicas.is_empty()).await;
    assert!(groups.iter().all(|group| !group.exists()), "{groups:?}");
}

/// Control groups find what sessions and parents do not tell any more, also where the shim was killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_flees_from_a_killed_shim() {
    let host = Host::new().await;
    let script = "setsid setsid -f sleep 1000; exec runtime-testbin sample-model";
    host.want(vec![service(&["sh", "-c", script], 1)]).await;
    host.ready(1).await;
    if !limits(&host) {
        return;
    }
    let members = harness::members(&host.control_groups()[0]);
    assert_eq!(members.len(), 2, "the model and one that fled");
    harness::kill(host.shims()[0]);
    host.until("again", |heard| heard.replicas[0].restarts == 1).await;
    host.ready(1).await;
    assert!(members.iter().all(|pid| !harness::is_there(*pid)));
}

fn gpu(folder: &Path, number: u32) {
    let folder = folder.join(format!("0000:0{number}:00.0"));
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("Model: \t\t NVIDIA T{number}\nGPU UUID: \t GPU-{number}\nDevice Minor: \t {number}\n");
    std::fs::write(folder.join("information"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gpus_are_given_to_one_replica_each() {
    let mut host = Host::new().await;
    let gpus = tempfile::tempdir().unwrap();
    let path = gpus.path().to_owned();
    let script = "echo sees $CUDA_VISIBLE_DEVICES; exec runtime-testbin sample-model";
    let one = Resources { gpus: 1, ..Resources::default() };
    let mut service = limited(&["sh", "-c", script], one);
    host.want(vec![service.clone()]).await;
    let heard = host.until("refused", |heard| detail(heard).contains("this host has none")).await;
    assert!(detail(&heard).contains("NVIDIA's driver is not loaded"), "{}", detail(&heard));

    (0..2).for_each(|number| gpu(&path, number));
    host.again(|host| host.gpus = path).await;
    assert_eq!(host.heard.borrow().hellos.last().unwrap().means.gpus, ["NVIDIA T0", "NVIDIA T1"]);
    service.replicas = 3;
    for _ in 0..2 {
        host.want(vec![service.clone()]).await;
        let settled = |heard: &Heard| {
            let ready = heard.replicas.iter().filter(|r| r.state == ReplicaState::Ready).count();
            let words = heard.replicas.iter().filter_map(|r| r.detail.as_deref());
            ready == 2 && words.filter(|words| words.contains("0 of this host's 2 are free")).count() == 1
        };
        let heard = host.until("two of three", settled).await;
        let output = |id| std::fs::read_to_string(host.replica_folder(id).join("output.log")).unwrap_or_default();
        let mut seen: Vec<String> = heard.replicas.iter().map(|report| output(&report.replica_id)).collect();
        seen.retain_mut(|text| {
            text.truncate(text.find('\n').unwrap_or(0));
            !text.is_empty()
        });
        seen.sort();
        assert_eq!(seen, ["sees GPU-0", "sees GPU-1"]);
        host.again(|_| {}).await;
    }
    // The one that waits gets what another one gives back, without a pause.
    let holder =
        host.heard.borrow().replicas.iter().find(|r| r.state == ReplicaState::Ready).unwrap().replica_id.clone();
    service.replicas = 2;
    host.want(vec![service]).await;
    host.ready(2).await;
    assert_eq!(host.act(&holder, domain::endpoint::ReplicaAction::Delete).await, None);
    host.until("the holder is gone", |heard| heard.replicas.iter().all(|r| r.replica_id != holder)).await;
    host.ready(2).await;
}
