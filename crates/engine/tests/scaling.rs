//! A gateway's own threads follow its load, with nobody telling the engine, and nobody who is connected notices.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{Capacity, GatewayConfig, Resource};
use harness::numbered::Streams;
use harness::{Client, HOST, Replica, TOKEN, World, gateway, until};
use link::telemetry::{Counters, GatewayUsage};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use tokio::net::TcpStream;

/// Requests that are sent at once, so that it is the engine that works and not the client.
const AT_ONCE: usize = 64;
const STREAMS: usize = 12;

fn scaling(own: SocketAddr, most: u16) -> GatewayConfig {
    let capacity = Capacity { workers: 1, most_workers: Some(most), ..Capacity::default() };
    GatewayConfig { capacity, ..gateway(own, &["127.0.0.0/8"]) }
}

fn own_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("gw-")).count()
}

fn counters(world: &World) -> Option<Counters> {
    let batches = world.console.telemetry();
    batches.iter().rev().find_map(|batch| batch.gateways.first()).map(|gateway| gateway.counters.clone())
}

fn usage(world: &World) -> Option<GatewayUsage> {
    world.console.telemetry().into_iter().rev().find_map(|batch| batch.usage.into_iter().next())
}

/// Asks as fast as it is answered, until it is told to stop; how many answers there were. Every one has to be there.
fn hammer(own: SocketAddr, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
    std::thread::spawn(move || {
        let mut stream = BufReader::with_capacity(65_536, std::net::TcpStream::connect(own).unwrap());
        let requests = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n").repeat(AT_ONCE);
        let mut answers = 0;
        while !stop.load(Relaxed) {
            stream.get_mut().write_all(requests.as_bytes()).unwrap();
            for _ in 0..AT_ONCE {
                read_answer(&mut stream);
                answers += 1;
            }
        }
        answers
    })
}

fn read_answer(stream: &mut impl BufRead) {
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200 "), "{line}");
    while line != "\r\n" {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "cut off");
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = [0; 1024];
    stream.read_exact(&mut body[..length]).unwrap();
}

async fn open(world: &World, streams: &mut Streams) {
    for n in 0..STREAMS {
        let stream = TcpStream::connect(if n % 2 == 0 { world.own } else { world.address }).await.unwrap();
        if n % 3 == 0 { streams.websocket(stream).await } else { streams.events(stream).await }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_follow_the_load_and_nobody_is_dropped() {
    let cores = std::thread::available_parallelism().unwrap().get();
    if cores < 2 {
        println!("skipped: with one core there is nothing to grow into");
        return;
    }
    let mut streams = Streams::of("/api/predict/model", HOST, TOKEN);
    let numbered = Replica::numbered(streams.stop()).await;
    let mut world = World::with(&[&numbered]).await;
    world.put(Resource::Gateway(scaling(world.own, 2))).await;
    open(&world, &mut streams).await;
    assert_eq!(own_threads(), 1, "quiet streams need one");

    let stop = Arc::<AtomicBool>::default();
    let hammers: Vec<_> = (0..2).map(|_| hammer(world.own, stop.clone())).collect();
    until("a second thread", async || (own_threads() == 2).then_some(())).await;
    // Both have some of them now, and no bound is passed however long it lasts.
    open(&world, &mut streams).await;
    streams.go_on("under load").await;
    // An edit of something else is no reason for another size.
    let mut renamed = scaling(world.own, 2);
    renamed.name = "another".into();
    world.put(Resource::Gateway(renamed)).await;
    streams.go_on("after an edit").await;
    assert_eq!((own_threads(), usage(&world).map(|usage| usage.workers)), (2, Some(2)));
    stop.store(true, Relaxed);
    let answers: usize = hammers.into_iter().map(|hammer| hammer.join().unwrap()).sum();
    assert!(answers > 1_000, "{answers}");

    // The other one takes no new connections, and stays for those that it has.
    world.console.forget();
    until("one for new ones", async || usage(&world).filter(|usage| usage.workers == 1)).await;
    assert_eq!(own_threads(), 2, "one serves what it has");
    streams.go_on("while a thread leaves").await;
    let asked = 1 + answers as u64 + 2 * STREAMS as u64;
    assert_eq!(Client::connect(world.own).await.get("/").await.status, 200);
    // Each once: those of the streams, of the two that hammered, and the last one.
    until("the count of connections", async || {
        counters(&world).filter(|counters| counters.connections == 2 * STREAMS as u64 + 2 + 1)
    })
    .await;
    let numbers = streams.end().await;
    println!("{answers} answers and {numbers} numbers; none lost");
    until("the other one's end", async || (own_threads() == 1).then_some(())).await;
    until("every request", async || counters(&world).filter(|counters| counters.requests == asked)).await;
    until("nobody", async || usage(&world).filter(|usage| usage.connections == 0)).await;
}

#[tokio::test]
async fn shared_threads_are_not_scaled() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut none = scaling(world.own, 2);
    none.capacity.workers = 0;
    world.put(Resource::Gateway(none)).await;
    assert_eq!(world.get("/api/predict/model").await.status, 200);
    assert_eq!(world.console.telemetry().iter().map(|batch| batch.usage.len()).sum::<usize>(), 0);
}
