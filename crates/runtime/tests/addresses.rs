//! Replicas of a host that has joined listen where the engines of other hosts reach them.

mod harness;

use harness::{Host, pids, sample};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};

/// Another address of the same host; loopback has plenty.
const OTHER: &str = "127.0.0.77";

fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    let asked = stream.write_all(b"GET /health HTTP/1.0\r\n\r\n").and_then(|()| stream.read_to_string(&mut answer));
    asked.is_ok() && answer.contains(" 200 ")
}

fn beside(address: SocketAddr) -> SocketAddr {
    let ip: IpAddr =
        if address.ip().to_string() == OTHER { [127, 0, 0, 1].into() } else { OTHER.parse().expect("an address") };
    (ip, address.port()).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_listen_there_and_nowhere_else() {
    let mut host = Host::new().await;
    host.kill_agent().await;
    host.replica_address = OTHER;
    host.start_agent();
    host.want(vec![sample(2)]).await;
    for report in host.ready(2).await {
        assert_eq!(report.address.ip().to_string(), OTHER);
        assert!(answers(report.address) && !answers(beside(report.address)), "{}", report.address);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_runs_keeps_its_address_until_it_is_started_again() {
    let mut host = Host::new().await;
    host.want(vec![sample(1)]).await;
    let before = host.ready(1).await;
    assert!(answers(before[0].address) && before[0].address.ip().to_string() == "127.0.0.1");
    host.kill_agent().await;
    host.replica_address = OTHER;
    let hellos = host.heard.borrow().hellos.len();
    host.start_agent();
    host.until("hello", |heard| heard.hellos.len() > hellos).await;
    let after = host.ready(1).await;
    assert_eq!((pids(&after), after[0].address), (pids(&before), before[0].address), "adopted as it is");

    harness::kill(after[0].pid.unwrap() as i32);
    host.until("a restart", |heard| heard.replicas.iter().all(|report| report.restarts == 1)).await;
    let again = host.ready(1).await;
    assert_eq!(again[0].address.ip().to_string(), OTHER);
    assert!(answers(again[0].address));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_the_host_does_not_have_is_named() {
    let mut host = Host::new().await;
    host.kill_agent().await;
    host.replica_address = "192.0.2.77";
    host.start_agent();
    host.want(vec![sample(1)]).await;
    let said = |heard: &harness::Heard| {
        let detail = heard.replicas.first().and_then(|report| report.detail.clone()).unwrap_or_default();
        detail.contains("192.0.2.77") && detail.contains("--replica-addr")
    };
    host.until("the reason", said).await;
}
