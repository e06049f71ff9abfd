//! Replicas come, change, go.

mod harness;

use domain::service::Probe;
use domain::status::ReplicaState;
use harness::{Host, changed, endpoints, eventually, is_there, pids, sample, service};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_become_ready_and_scale() {
    let host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let two = host.ready(2).await;
    let ports: BTreeSet<u16> = two.iter().map(|report| report.address.port()).collect();
    assert_eq!(ports.len(), 2);
    for report in &two {
        let mut stream = TcpStream::connect(report.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("True\n"), "{answer}");
        assert_eq!((report.restarts, &report.detail), (0, &None));
    }
    host.want(vec![sample(3)]).await;
    let three = host.ready(3).await;
    assert!(pids(&two).iter().all(|pid| pids(&three).contains(pid)));
    host.want(vec![sample(1)]).await;
    let one = host.ready(1).await;
    for report in three.iter().filter(|report| report.replica_id != one[0].replica_id) {
        assert!(!is_there(report.pid.unwrap() as i32));
        assert!(!host.replica_folder(&report.replica_id).exists());
    }
    host.want(vec![]).await;
    host.until("none", |heard| heard.replicas.is_empty() && heard.endpoints.is_empty()).await;
    eventually("no process", || host.shims().is_empty()).await;
    let sequences = host.heard.borrow().sequences.clone();
    assert!(sequences.is_sorted_by(|a, b| a.0 < b.0), "{sequences:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_replaces_with_no_moment_without_a_ready_endpoint() {
    let host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let old = host.ready(2).await;
    let from = host.heard.borrow().sequences.len();
    host.want(vec![changed(sample(2), "2")]).await;
    let heard = host
        .until("new ones", |heard| {
            heard.replicas.len() == 2
                && heard.replicas.iter().all(|new| old.iter().all(|old| old.replica_id != new.replica_id))
                && heard.endpoints == endpoints(&heard.replicas)
        })
        .await;
    let sizes: Vec<usize> = heard.sequences[from..].iter().map(|(_, size)| *size).collect();
    assert!(sizes.iter().all(|size| *size >= 2), "{sizes:?}");
    assert!(old.iter().all(|report| !is_there(report.pid.unwrap() as i32)));
}

/// The engine is told first; it does not answer, so the replica goes on for 2 s and not longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_the_engine_but_not_forever() {
    let host = Host::new().await;
    host.want(vec![sample(1)]).await;
    let one = host.ready(1).await;
    host.engine.answers.store(false, Ordering::SeqCst);
    let before = std::time::Instant::now();
    host.want(vec![]).await;
    host.until("withdrawn", |heard| heard.endpoints.is_empty()).await;
    assert!(is_there(one[0].pid.unwrap() as i32));
    host.until("gone", |heard| heard.replicas.is_empty()).await;
    assert!(before.elapsed().as_millis() >= 1900, "{:?}", before.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_that_answers_500_keeps_it_starting() {
    let host = Host::new().await;
    let mut broken = service(&["runtime-testbin", "answer", "500"], 1);
    host.want(vec![broken.clone()]).await;
    let told = |heard: &harness::Heard| {
        heard.replicas.iter().any(|r| r.detail.as_deref().is_some_and(|d| d.contains("answered 500")))
    };
    let heard = host.until("the probe's words", told).await;
    assert_eq!(heard.replicas[0].state, ReplicaState::Starting);
    assert!(heard.endpoints.is_empty());
    broken.workload.probe = Probe::Tcp;
    host.want(vec![broken]).await;
    assert_eq!(host.ready(1).await[0].detail, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixed_port_is_used_and_a_busy_one_explained() {
    let host = Host::new().await;
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut fixed = sample(1);
    fixed.workload.fixed_port = Some(busy.local_addr().unwrap().port());
    host.want(vec![fixed]).await;
    let explained = |heard: &harness::Heard| {
        heard.replicas.iter().any(|r| r.detail.as_deref().is_some_and(|d| d.contains("used by another program")))
    };
    host.until("explained", explained).await;
    let port = busy.local_addr().unwrap().port();
    drop(busy);
    assert_eq!(host.ready(1).await[0].address.port(), port);
}
