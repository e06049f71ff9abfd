//! A gateway with workers of its own, and a flood on another one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::flood::Flood;
use harness::other::{self, other_gateway, other_service};
use harness::process::Process;
use harness::tls::Made;
use harness::{HOST, Replica, TOKEN, World, files, free_address, gateway};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
/// Of each of the three states in a round.
const WINDOW: Duration = Duration::from_millis(800);
/// Of the flooded gateway.
const WORKERS: usize = 2;
/// Besides those workers the thread that the flood comes from wants to run; with its own host it would not be here.
const BUSY: usize = WORKERS + 1;
/// The flood may cost this much more than the same number of threads that only compute.
const FACTOR: f64 = 2.0;
/// Two time slices or so: what a busy machine adds now to the one and now to the other. Without workers of their own
/// the quiet gateway's requests take hundreds of milliseconds.
const NOISE: Duration = Duration::from_millis(8);

/// Threads that compute, as any other program on this machine could.
struct Busy {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<u64>>,
}

impl Busy {
    fn start(threads: usize) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let compute = |stop: Arc<AtomicBool>| {
            let mut n = 1u64;
            while !stop.load(Relaxed) {
                n = std::hint::black_box(n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            }
            n
        };
        let threads = (0..threads).map(|_| stop.clone()).map(|stop| std::thread::spawn(move || compute(stop)));
        Self { threads: threads.collect(), stop: stop.clone() }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn ask(stream: &mut BufReader<TcpStream>) {
    let request = format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n");
    stream.get_mut().write_all(request.as_bytes()).unwrap();
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200 "), "{line}");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    stream.read_exact(&mut vec![0; length]).unwrap();
}

fn connect(door: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(door).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(harness::SOON)).unwrap();
    BufReader::new(stream)
}

/// The time that all but one of a hundred quiet requests stay below. Every tenth is on a new connection.
fn p99(door: SocketAddr) -> Duration {
    let (mut times, mut kept, begin) = (Vec::new(), connect(door), Instant::now());
    while begin.elapsed() < WINDOW {
        let asked = Instant::now();
        if times.len() % 10 == 9 {
            kept = connect(door);
        }
        ask(&mut kept);
        times.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(1));
    }
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_flood_next_door_costs_no_more_than_its_threads() {
    // Both ends are in this process; the rest is for what else it has open.
    let waiting = files::most().saturating_sub(2000).div_euclid(2).min(10_000) as usize;
    // The console has to read what the engine tells of the flood; the replica shall not wait for that.
    let process = Process::new();
    let replica = process.run(Replica::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")).await;
    let mut world = World::with(&[&replica]).await;
    let (quiet, flooded, tls) = (world.own, free_address(), free_address());
    world
        .change(|snapshot| {
            for mut config in [gateway(quiet, &["127.0.0.0/8"]), other_gateway(flooded, &["127.0.0.0/8"])] {
                config.capacity.workers = WORKERS as u16;
                snapshot.put(Resource::Gateway(config));
            }
            snapshot.put(Resource::Service(other_service()));
            snapshot.put(Resource::Listener(ListenerConfig::new(tls, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST, other::HOST], true).resource());
        })
        .await;
    let measured = tokio::task::spawn_blocking(move || {
        let (mut idle, mut flood, mut share) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            idle.push(p99(quiet));
            let busy = Busy::start(BUSY);
            share.push(p99(quiet));
            drop(busy);
            let opening = Instant::now();
            let water = Flood::start(flooded, tls, waiting);
            let (opened, before, begin) = (opening.elapsed(), water.carried(), Instant::now());
            flood.push(p99(quiet));
            let rate = (water.carried() - before) as f64 / begin.elapsed().as_secs_f64() / 1e6;
            drop(water);
            println!(
                "round {round}: idle {:?}, flood {:?} ({rate:.1} MB/s of answers, open after {opened:?}), share {:?}",
                idle[round], flood[round], share[round]
            );
        }
        [idle, flood, share].map(median)
    });
    let [idle, flood, share] = measured.await.unwrap();
    println!("{waiting} connections wait; median p99: idle {idle:?}, flood {flood:?}, {BUSY} busy threads {share:?}");
    assert!(flood < share.mul_f64(FACTOR) + NOISE, "the flood costs {flood:?}, its threads alone {share:?}");
}
