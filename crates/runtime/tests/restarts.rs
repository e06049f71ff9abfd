//! The agent ends in every way and comes back.

mod harness;

use harness::{Host, eventually, is_there, kill, pids, sample, session_members};
use rustix::process::Signal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_agent_leaves_replicas_and_the_next_adopts_them() {
    let mut host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let before = host.ready(2).await;
    let shims = host.shims();
    for _ in 0..2 {
        host.kill_agent().await;
        assert!(before.iter().all(|report| is_there(report.pid.unwrap() as i32)));
        let (from, hellos) = (host.heard.borrow().sequences.len(), host.heard.borrow().hellos.len());
        host.start_agent();
        let heard = host.until("hello and endpoints", |h| h.hellos.len() > hellos && h.sequences.len() > from).await;
        assert_eq!(heard.sequences[from].1, 2, "ready at once, without a gap");
        assert_eq!(heard.hellos[hellos].version, 1);
        let after = host.ready(2).await;
        assert_eq!(pids(&after), pids(&before));
        assert!(after.iter().all(|report| report.restarts == 0));
        assert_eq!(host.shims(), shims);
    }
    host.want(vec![sample(1)]).await;
    host.ready(1).await;
    assert_eq!(host.shims().len(), 1, "adopted ones can be stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_died_without_an_agent_is_started_again() {
    let mut host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let before = host.ready(2).await;
    let shims = host.shims();
    host.kill_agent().await;
    // One replica and the shim of the other.
    let gone = before[0].pid.unwrap() as i32;
    let shim = *shims.iter().find(|shim| !session_members(**shim).contains(&gone)).unwrap();
    for pid in [gone, shim] {
        kill(pid);
    }
    eventually("the shims are gone", || host.shims().is_empty()).await;
    eventually("so are the replicas", || before.iter().all(|report| !is_there(report.pid.unwrap() as i32))).await;
    host.start_agent();
    host.until("restarts", |heard| heard.replicas.iter().all(|report| report.restarts == 1)).await;
    let after = host.ready(2).await;
    assert!(before.iter().zip(&after).all(|(a, b)| a.replica_id == b.replica_id && a.pid != b.pid));
    assert!(before.iter().all(|report| !is_there(report.pid.unwrap() as i32)));
    assert_eq!(host.shims().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leave_leaves_and_stop_stops() {
    let mut host = Host::new().await;
    host.want(vec![sample(2)]).await;
    let before = host.ready(2).await;
    host.signal_agent(Signal::USR1);
    assert!(host.agent_ended().await);
    assert!(before.iter().all(|report| is_there(report.pid.unwrap() as i32)));
    host.start_agent();
    host.until("hello", |heard| heard.hellos.len() == 2).await;
    assert_eq!(pids(&host.ready(2).await), pids(&before));

    host.signal_agent(Signal::TERM);
    assert!(host.agent_ended().await);
    assert_eq!(host.shims(), [0; 0]);
    assert!(before.iter().all(|report| !is_there(report.pid.unwrap() as i32)));
    assert!(host.heard.borrow().endpoints.is_empty(), "withdrawn before");

    host.start_agent();
    host.until("hello", |heard| heard.hellos.len() == 3).await;
    let heard = host.until("others", |heard| {
        heard.replicas.len() == 2
            && heard.replicas.iter().all(|r| r.pid.is_some() && !pids(&before).iter().any(|b| Some(b.1) == r.pid))
    });
    let again = heard.await.replicas;
    assert!(before.iter().zip(&again).all(|(a, b)| a.replica_id == b.replica_id && b.restarts == 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_comes_back_is_told_again() {
    let host = Host::new().await;
    host.want(vec![sample(1)]).await;
    host.ready(1).await;
    for _ in 0..3 {
        let before = host.heard.borrow().sequences.clone();
        host.engine.hang_up.send_replace(());
        let heard = host.until("told again", |heard| heard.sequences.len() > before.len()).await;
        let (last, next) = (before.last().unwrap(), heard.sequences.last().unwrap());
        assert!(next.0 > last.0 && next.1 == 1, "{last:?} {next:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_console_the_agent_does_what_was_last_wanted() {
    let mut host = Host::new().await;
    host.want(vec![sample(1)]).await;
    let before = host.ready(1).await;
    host.kill_agent().await;
    kill(host.shims()[0]);
    std::fs::remove_file(host.folder.path().join("console")).unwrap();
    let sequences = host.heard.borrow().sequences.len();
    host.start_agent();
    let heard = host.until("ready again", |h| h.sequences.len() > sequences && h.endpoints.len() == 1).await;
    assert_eq!(heard.endpoints[0].replica_id, before[0].replica_id);
    assert_eq!(heard.hellos.len(), 1);
}
