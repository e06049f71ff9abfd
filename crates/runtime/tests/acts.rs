//! What somebody asks of one replica: its output, a restart, an end, no requests.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::endpoint::ReplicaAction;
use domain::id::ReplicaId;
use domain::status::ReplicaState;
use harness::{Host, is_there, sample, service};
use link::message::ReadOutput;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_is_in_order_and_counts_as_none() {
    let host = Host::new().await;
    host.want(vec![sample(1)]).await;
    let before = host.ready(1).await.remove(0);
    let from = host.heard.borrow().sequences.len();
    assert_eq!(host.act(&before.replica_id, ReplicaAction::Restart).await, None);
    host.until("another process", |h| h.replicas.iter().any(|r| r.pid.is_some() && r.pid != before.pid)).await;
    let after = host.ready(1).await.remove(0);
    assert_eq!((&after.replica_id, after.restarts, after.version), (&before.replica_id, 0, before.version));
    assert!(!is_there(before.pid.unwrap() as i32));
    let sizes: Vec<usize> = host.heard.borrow().sequences[from..].iter().map(|(_, size)| *size).collect();
    assert_eq!(sizes, [0, 1], "withdrawn first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_does_not_wait_for_the_back_off() {
    let host = Host::new().await;
    let script = "test -e fixed && exec runtime-testbin sample-model; exit 1";
    host.want(vec![service(&["sh", "-c", script], 1)]).await;
    let waits =
        |heard: &harness::Heard| heard.replicas.iter().any(|r| r.state == ReplicaState::BackOff && r.restarts == 3);
    // The fourth end makes it wait for 8 s.
    let heard = host.until("a long wait", waits).await;
    let id = heard.replicas[0].replica_id.clone();
    std::fs::write(host.replica_folder(&id).join("work/fixed"), "").unwrap();
    let began = std::time::Instant::now();
    assert_eq!(host.act(&id, ReplicaAction::Restart).await, None);
    host.ready(1).await;
    assert!(began.elapsed().as_secs() < 6, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_one_is_replaced() {
    let host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let before = host.ready(2).await;
    assert_eq!(host.act(&before[0].replica_id, ReplicaAction::Delete).await, None);
    host.until("it is gone", |h| h.replicas.iter().all(|r| r.replica_id != before[0].replica_id)).await;
    let after = host.ready(2).await;
    assert!(after.iter().any(|report| report.pid == before[1].pid), "the other one stays");
    assert!(!host.replica_folder(&before[0].replica_id).exists());
    let refused = host.act(&before[0].replica_id, ReplicaAction::Restart).await.unwrap();
    assert!(refused.contains("there is no replica"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_isolated_one_runs_on_without_requests() {
    let mut host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let before = host.ready(2).await;
    let id = before[0].replica_id.clone();
    assert_eq!(host.act(&id, ReplicaAction::Isolate).await, None);
    let alone = |heard: &harness::Heard| {
        let report = heard.replicas.iter().find(|report| report.replica_id == id);
        let isolated = report.is_some_and(|report| report.isolated && report.state == ReplicaState::Ready);
        isolated && heard.endpoints.len() == 1 && heard.endpoints[0].replica_id != id
    };
    host.until("isolated", alone).await;
    let from = host.heard.borrow().sequences.len();
    host.again(|_| {}).await;
    let heard = host.until("after the agent's restart", |h| h.sequences.len() > from && alone(h)).await;
    assert!(heard.sequences[from..].iter().all(|(_, size)| *size < 2), "{:?}", heard.sequences);
    assert!(before.iter().all(|report| is_there(report.pid.unwrap() as i32)));
    assert_eq!(host.act(&id, ReplicaAction::Admit).await, None);
    host.ready(2).await;
    assert_eq!(host.act(&id, ReplicaAction::Isolate).await, None);
    host.want(vec![sample(1)]).await;
    let left = host.until("one", |heard| heard.replicas.len() == 1).await.replicas;
    assert_ne!(left[0].replica_id, id, "the one that serves nothing goes first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_is_read_by_its_place_across_files() {
    let host = Host::new().await;
    let script = "for n in 1 2 3; do seq -f 'line %.0f' 1500000; done; printf 'not \\377 text\\n'; \
        exec runtime-testbin sample-model";
    host.want(vec![service(&["sh", "-c", script], 1)]).await;
    let id = host.ready(1).await.remove(0).replica_id;
    let newest = host.read(&id, ReadOutput { bytes: 100, ..ReadOutput::default() }).await;
    assert!(newest.text.contains("not \u{fffd} text\nsample-model listens"), "{newest:?}");
    assert!(newest.oldest > 0 && newest.to > 40_000_000, "{newest:?}");
    let (mut place, mut lines) = (0, 0);
    while place < newest.from {
        let piece = host.read(&id, ReadOutput { after: Some(place), before: None, bytes: u32::MAX }).await;
        assert!(piece.from == place || place == 0 && piece.from == piece.oldest, "{}: {}", place, piece.from);
        assert!(piece.to > piece.from && piece.text.len() < 1_000_000 && piece.text.ends_with('\n'));
        assert_eq!(piece.to - piece.from, piece.text.replace('\u{fffd}', "x").len() as u64);
        lines += piece.text.lines().filter(|line| line.starts_with("line ")).count();
        place = piece.to;
    }
    assert!(lines > 1_500_000, "{lines}");
    let back = host.read(&id, ReadOutput { after: None, before: Some(newest.from), bytes: 1000 }).await;
    assert!(back.to == newest.from && back.text.starts_with("line "), "{back:?}");
    let none = host.read(&ReplicaId::from_random([9; 18]), ReadOutput { bytes: 10, ..ReadOutput::default() }).await;
    assert_eq!((none.text.as_str(), none.to), ("", 0));
}

/// The new version's one is there at once and says what it waits for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixed_port_is_waited_for() {
    let host = Host::new().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut old = sample(1);
    old.workload.fixed_port = Some(free);
    host.want(vec![old.clone()]).await;
    let before = host.ready(1).await.remove(0);
    let new = harness::changed(old.clone(), "2");
    host.want(vec![old, new.clone()]).await;
    let waits = |heard: &harness::Heard| {
        heard.replicas.iter().any(|r| r.detail.as_deref().is_some_and(|detail| detail.contains("waits for port")))
    };
    let heard = host.until("waits", waits).await;
    assert!(heard.replicas.iter().all(|report| report.state != ReplicaState::BackOff), "{heard:?}");
    host.want(vec![new]).await;
    let gone = |heard: &harness::Heard| heard.replicas.iter().all(|report| report.replica_id != before.replica_id);
    host.until("the old one is gone", gone).await;
    let after = host.ready(1).await.remove(0);
    assert_eq!((after.address.port(), after.version, after.detail), (free, 2, None));
}
