//! Connections that stop in the middle of saying what they want.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::tls::Made;
use harness::{HOST, Replica, World, files, free_address};
use std::io::Write;
use std::time::Duration;

/// CPU time of the common workers, in hundredths of a second.
fn cpu() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let workers =
        tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|n| n.starts_with("worker-")));
    let used = |task: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(task.path().join("stat")).unwrap();
        let fields = stat.rsplit_once(") ").unwrap().1.split(' ').map(|field| field.parse::<u64>().unwrap_or(0));
        // utime and stime, the 12th and 13th behind the name.
        fields.skip(11).take(2).sum::<u64>()
    };
    workers.map(used).sum()
}

/// Looking again and again whether more of a thousand hellos has come would keep a worker busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn they_cost_nothing_while_nothing_comes() {
    files::most();
    let replica = Replica::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut world = World::with(&[&replica]).await;
    let tls = free_address();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(tls, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST], true).resource());
        })
        .await;
    let mut held = Vec::new();
    for (address, half) in [(tls, &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3][..]), (world.address, b"PRI * HTTP")] {
        for _ in 0..1000 {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(half).unwrap();
            held.push(stream);
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = cpu();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let used = cpu() - before;
    assert!(used < 40, "{used} % of two seconds for nothing");
    // They are connections all the same.
    assert_eq!(world.client().await.get("/api/predict/model").await.status, 200);
}
