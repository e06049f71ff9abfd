//! A gateway's workers become more and fewer under load, and nobody who is connected notices.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{GatewayConfig, ListenerConfig, Resource, Scheme, ServiceConfig};
use engine::Drain;
use harness::client::Stream;
use harness::numbered::Streams;
use harness::tls::{Browser, Made};
use harness::{
    Agent, Client, Console, Engine, HOST, Replica, TOKEN, World, free_address, gateway, other, service, until,
};
use link::telemetry::GatewayUsage;
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const WEBSOCKETS: usize = 60;
const EVENT_STREAMS: usize = 40;
const KEPT: usize = 24;
/// Threads of its own after each change; 0: shared ones take what comes.
const SIZES: [u16; 9] = [1, 2, 1, 4, 0, 2, 1, 0, 2];
/// Much shorter than the test: what were drained would be cut off.
const DRAIN: Drain = Drain { least: Duration::from_millis(50), most: Duration::from_millis(400) };

/// Clients that ask again and again over the connection that they have.
struct Kept {
    stop: Arc<AtomicBool>,
    asked: Vec<Arc<AtomicUsize>>,
    clients: JoinSet<Client>,
}

impl Kept {
    async fn go_on(&self) {
        let before: Vec<_> = self.asked.iter().map(|asked| asked.load(Relaxed)).collect();
        until("answers on every connection", async || {
            let goes_on = |(asked, before): (&Arc<AtomicUsize>, &usize)| asked.load(Relaxed) > before + 1;
            self.asked.iter().zip(&before).all(goes_on).then_some(())
        })
        .await;
    }

    fn add(&mut self, mut client: Client) {
        let (stop, asked) = (self.stop.clone(), Arc::<AtomicUsize>::default());
        self.asked.push(asked.clone());
        self.clients.spawn(async move {
            while !stop.load(Relaxed) {
                assert_eq!(client.get("/api/predict/plain").await.status, 200);
                asked.fetch_add(1, Relaxed);
            }
            client
        });
    }

    async fn end(self) -> (usize, Vec<Client>) {
        self.stop.store(true, Relaxed);
        let clients = self.clients.join_all().await;
        (self.asked.iter().map(|asked| asked.load(Relaxed)).sum(), clients)
    }
}

/// All at once; a machine with fewer cores starts no more than it has.
fn own_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("gw-")).count()
}

fn cores(wanted: u16) -> usize {
    usize::from(wanted).min(std::thread::available_parallelism().unwrap().get())
}

fn sized(own: SocketAddr, workers: u16) -> GatewayConfig {
    let mut config = gateway(own, &["127.0.0.0/8"]);
    (config.capacity.workers, config.capacity.connections) = (workers, Some(10_000 + u64::from(workers)));
    config
}

async fn usage(world: &World, what: &str, is: impl Fn(&GatewayUsage) -> bool) -> Option<u64> {
    world.console.forget();
    until(what, async || {
        let newest = world.console.telemetry().into_iter().rfind(|batch| !batch.usage.is_empty())?;
        newest.usage.iter().any(&is).then_some(newest.resident_bytes)
    })
    .await
}

async fn connect(world: &World, tls: SocketAddr, browser: &Browser, n: usize) -> Box<dyn Stream> {
    match n % 3 {
        0 => Box::new(TcpStream::connect(world.address).await.unwrap()),
        1 => Box::new(TcpStream::connect(world.own).await.unwrap()),
        _ => Box::new(browser.connect(tls, HOST).await.unwrap().into_stream()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_size_drops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let console = Console::start(folder.path()).await;
    let engine = Engine::draining(folder.path(), [9; 32], None, DRAIN);
    let agent = Agent::connect(folder.path()).await;
    let mut world = World::around(engine, console, agent, folder).await;
    let (tls, browser) = (free_address(), Browser::new(&[&TLS13]));
    let (own, plain) = (world.own, other::service_id());
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(tls, Scheme::Https)));
            snapshot.put(Made::new(1, &[HOST], true).resource());
            snapshot.put(Resource::Gateway(sized(own, 2)));
            snapshot.put(Resource::Service(ServiceConfig { id: plain.clone(), name: "plain".into(), ..service() }));
        })
        .await;
    let mut streams = Streams::of("/api/predict/model", HOST, TOKEN);
    let (numbered, echo) = (Replica::numbered(streams.stop()).await, Replica::echo("a").await);
    let replicas = [(harness::service_id(), numbered.address), (plain, echo.address)];
    world.agent.ready_for(&replicas).await;
    for n in 0..WEBSOCKETS + EVENT_STREAMS {
        let stream = connect(&world, tls, &browser, n).await;
        if n < WEBSOCKETS { streams.websocket(stream).await } else { streams.events(stream).await }
    }
    let mut kept = Kept { stop: Arc::default(), asked: Vec::new(), clients: JoinSet::new() };
    for n in 0..KEPT {
        kept.add(Client::over(connect(&world, tls, &browser, n).await));
    }
    let mut silent = Client::connect(world.own).await;
    assert_eq!(silent.get("/api/predict/plain").await.status, 200);
    assert_eq!(own_threads(), cores(2));

    for (round, workers) in SIZES.into_iter().enumerate() {
        world.put(Resource::Gateway(sized(own, workers))).await;
        // Threads with connections stay, and are called back before others are started.
        assert_eq!(own_threads(), cores(2), "threads at size {workers}");
        kept.add(Client::over(connect(&world, tls, &browser, round).await));
        streams.go_on("with another size").await;
        kept.go_on().await;
    }
    assert_eq!(silent.get("/api/predict/plain").await.status, 200, "idle all the while");
    let open = (WEBSOCKETS + EVENT_STREAMS + KEPT + SIZES.len() + 1) as u64;
    let resident = usage(&world, "all of them", |usage| usage.connections == open && usage.cpu_us > 0).await;
    assert!(resident.is_some_and(|bytes| bytes > 1_000_000), "{resident:?}");

    // Those that take no new connections end with their last one, those that were called back do not.
    let numbers = streams.end().await;
    let (asked, clients) = kept.end().await;
    println!("{numbers} numbers and {asked} requests over {} sizes; none lost", SIZES.len());
    drop((clients, silent));
    usage(&world, "nobody", |usage| usage.connections == 0 && usize::from(usage.workers) == cores(2)).await;
    assert_eq!(own_threads(), cores(2));
    world.put(Resource::Gateway(sized(own, 1))).await;
    until("one thread", async || (own_threads() == 1).then_some(())).await;
    assert_eq!(world.get("/api/predict/plain").await.status, 200);
    world.put(Resource::Gateway(sized(own, 0))).await;
    until("no thread", async || (own_threads() == 0).then_some(())).await;
    assert_eq!(world.get("/api/predict/plain").await.status, 200);
}

#[tokio::test]
async fn lower_limits_are_for_those_who_come() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let limited = |own, connections| {
        let mut config = sized(own, 0);
        config.capacity.connections = Some(connections);
        Resource::Gateway(config)
    };
    world.put(limited(world.own, 3)).await;
    let mut inside = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(world.own).await;
        assert_eq!(client.get("/api/predict/model").await.status, 200);
        inside.push(client);
    }
    world.put(limited(world.own, 1)).await;
    for client in &mut inside {
        assert_eq!(client.get("/api/predict/model").await.status, 200, "it was in before");
    }
    assert!(Client::connect(world.own).await.is_closed().await, "one too many");
    world.put(limited(world.own, 4)).await;
    assert_eq!(Client::connect(world.own).await.get("/api/predict/model").await.status, 200);
}
