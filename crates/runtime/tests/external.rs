//! Services that run elsewhere already.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::endpoint::{ReplicaAction, WantedService};
use domain::service::{Check, Pace, Probe, Runtime};
use domain::status::ReplicaState;
use harness::{Heard, Host, service};
use std::net::{SocketAddr, TcpListener};

fn external(addresses: &[SocketAddr]) -> WantedService {
    let mut service = service(&[], addresses.len() as u32);
    service.workload.runtime = Runtime::External { addresses: addresses.to_vec(), weights: Default::default() };
    service.workload.readiness = Check::from(Probe::Tcp);
    service
}

fn state(heard: &Heard, address: SocketAddr) -> Option<ReplicaState> {
    heard.replicas.iter().find(|report| report.address == address).map(|report| report.state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_is_told_what_each_weighs() {
    let mut host = Host::new().await;
    let (light, heavy) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (a, b) = (light.local_addr().unwrap(), heavy.local_addr().unwrap());
    let mut wanted = external(&[a, b]);
    wanted.workload.runtime = Runtime::External { addresses: vec![a, b], weights: [(b, 300)].into() };
    host.want(vec![wanted.clone()]).await;
    let weights = |heard: &Heard| heard.endpoints.iter().map(|each| (each.address, each.weight)).collect::<Vec<_>>();
    let mut expected = vec![(a, 100), (b, 300)];
    expected.sort_unstable();
    let told = |heard: &Heard| {
        let mut told = weights(heard);
        told.sort_unstable();
        told == expected
    };
    host.until("both and what they weigh", told).await;
    host.again(|_| {}).await;
    host.until("the same of the next agent", told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_probed_and_nothing_is_started() {
    let mut host = Host::new().await;
    let (up, down) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (a, b) = (up.local_addr().unwrap(), down.local_addr().unwrap());
    drop(down);
    host.want(vec![external(&[a, b])]).await;
    let told = |heard: &Heard| {
        let refused =
            heard.replicas.iter().any(|r| r.detail.as_deref().is_some_and(|d| d.contains("correct the addr")));
        refused && state(heard, a) == Some(ReplicaState::Ready) && heard.endpoints.len() == 1
    };
    let heard = host.until("one of two", told).await;
    assert!(heard.replicas.iter().all(|report| report.pid.is_none()));
    let ids: Vec<_> = heard.replicas.iter().map(|report| report.replica_id.clone()).collect();
    assert_eq!(std::fs::read_dir(host.folder.path().join("state/replicas")).unwrap().count(), 0, "no folder each");

    let isolated = heard.endpoints[0].replica_id.clone();
    let refused = host.act(&isolated, ReplicaAction::Restart).await.unwrap();
    assert!(refused.contains("restart it there"), "{refused}");
    assert_eq!(host.act(&isolated, ReplicaAction::Isolate).await, None);
    host.until("no endpoint", |heard| heard.endpoints.is_empty()).await;
    host.again(|_| {}).await;
    let _down = TcpListener::bind(b).unwrap();
    let both = |heard: &Heard| [a, b].iter().all(|address| state(heard, *address) == Some(ReplicaState::Ready));
    let heard = host.until("both", |heard| both(heard) && heard.endpoints.len() == 1).await;
    assert_eq!(heard.replicas.iter().map(|report| report.replica_id.clone()).collect::<Vec<_>>(), ids, "the same");

    drop(up);
    host.until("unready", |heard| state(heard, a) == Some(ReplicaState::Unready)).await;
    host.want(vec![external(&[b])]).await;
    host.until("the other one", |heard| heard.replicas.len() == 1 && heard.endpoints.len() == 1).await;
    host.want(vec![]).await;
    host.until("none", |heard| heard.replicas.is_empty() && heard.endpoints.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_cost_little() {
    let host = Host::new().await;
    // One listener stands for all of them: all of 127/8 is here.
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let mut services = Vec::new();
    for n in 0..1000_u16 {
        let [high, low] = n.to_be_bytes();
        let mut service = external(&[1, 2, 3].map(|last| ([127, 10 + high, low, last], port).into()));
        service.service_id = format!("svc-n{n}").parse().unwrap();
        service.workload.readiness.pace = Pace { period_seconds: 5, ..Pace::default() };
        services.push(service);
    }
    let began = std::time::Instant::now();
    host.want(services).await;
    host.until("all", |heard| heard.endpoints.len() == 3000 && heard.replicas.len() == 3000).await;
    let (took, memory, threads) = (began.elapsed(), host.agent_status("VmRSS:"), host.agent_status("Threads:"));
    println!("3,000 ready after {took:?}, {memory} KiB, {threads} threads");
    // An optimised agent takes a fraction of it.
    assert!(took.as_secs() < 15 && memory < 150_000 && threads < 20, "{took:?} {memory} KiB {threads} threads");
}
