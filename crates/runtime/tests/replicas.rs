//! Replicas come, change, go.

mod harness;

use domain::service::Probe;
use domain::status::ReplicaState;
use harness::{Host, changed, eventually, is_there, pids, sample, service};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Ready only where the words of the command, the environment and the check say where it listens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_says_its_port() {
    let host = Host::new().await;
    let script = r#"[ "$1" = "$PORT" ] && [ "$AT" = "$HOST:$PORT" ] && exec runtime-testbin sample-model"#;
    let mut placed = service(&["/bin/sh", "-c", script, "sh", "${PORT}"], 2);
    placed.workload.env.push(("AT".into(), "${HOST}:${PORT}".into()));
    let asks = ["/bin/sh", "-c", r#"[ "$1" = "$PORT" ]"#, "sh", "${PORT}"].map(str::to_owned).to_vec();
    placed.workload.startup = Some(Probe::Exec { command: asks }.into());
    host.want(vec![placed]).await;
    host.ready(2).await;
}

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
async fn versions_come_and_go_as_the_console_counts_them() {
    let host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let old = host.ready(2).await;
    let from = host.heard.borrow().sequences.len();
    let step = |olds: u32, news: u32| {
        let (mut a, mut b) = (sample(olds), changed(sample(news), "2"));
        (a.replicas, b.replicas) = (olds, news);
        vec![a, b]
    };
    for (olds, news) in [(2, 1), (1, 2), (0, 2)] {
        host.want(step(olds, news)).await;
        let there = |heard: &harness::Heard| {
            let of = |version| heard.replicas.iter().filter(|report| report.version == version).count();
            let ready = heard.replicas.iter().all(|report| report.state == ReplicaState::Ready);
            (of(1), of(2)) == (olds as usize, news as usize)
                && ready
                && heard.endpoints == harness::endpoints(&heard.replicas)
        };
        host.until("exactly so many of each", there).await;
    }
    let heard = host.heard.borrow().clone();
    assert!(heard.replicas.iter().all(|new| old.iter().all(|old| old.replica_id != new.replica_id)));
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
    broken.workload.readiness = Probe::Tcp.into();
    broken.version += 1;
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
