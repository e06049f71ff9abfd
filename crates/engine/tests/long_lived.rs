//! Hundreds of connections that stay open whatever is published, shown or killed meanwhile.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::id::{RANDOM_LEN, TokenId};
use domain::secret::Secret;
use domain::snapshot::policy::Rate;
use domain::snapshot::{ListenerConfig, Resource, ResourceKey, Scheme, Snapshot, TokenConfig};
use harness::client::Stream;
use harness::numbered::Streams;
use harness::other::{self, other_gateway, other_service};
use harness::process::Process;
use harness::tls::{Browser, Made};
use harness::{Agent, Console, Engine, HOST, Replica, TOKEN, World, files, free_address, gateway, service};
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;
use tokio::net::TcpStream;

const WEBSOCKETS: usize = 500;
const EVENT_STREAMS: usize = 200;
const PUBLISHES: u32 = 1000;

/// What the edits need of their own.
struct Spare {
    own: SocketAddr,
    others: SocketAddr,
    door: SocketAddr,
    certificate: Made,
}

impl Spare {
    /// Changes something each time, and nothing that one who is in could be asked to go for.
    fn edit(&self, snapshot: &mut Snapshot, n: u32) {
        let (round, comes) = (n / 8, (n / 8).is_multiple_of(2));
        let somebody = format!("192.0.2.{}/32", round % 250);
        match n % 8 {
            0 => {
                snapshot.put(Resource::Gateway(gateway(self.own, &["127.0.0.0/8", &somebody])));
            }
            1 => {
                let mut larger = gateway(self.own, &["127.0.0.1/32"]);
                larger.name = format!("named {round}");
                larger.capacity.connections = Some(100_000 + u64::from(round));
                larger.public.as_mut().unwrap().hosts.push(format!("also-{round}.example"));
                snapshot.put(Resource::Gateway(larger));
            }
            2 => {
                let mut shared = service();
                let secret = Secret::new(format!("another token {round}"));
                let id = TokenId::from_random([6; RANDOM_LEN]);
                shared.tokens.insert(0, TokenConfig { id, digest: secret.digest(), expires_at: None, secret: None });
                snapshot.put(Resource::Service(shared));
            }
            3 => {
                let mut stricter = service();
                (stricter.body_limit, stricter.timeouts.connect_ms) = (u64::from(n), 4000 + u64::from(round));
                stricter.policy.limits.rate = Some(Rate { per_second: 100_000 + round, burst: 1000 });
                snapshot.put(Resource::Service(stricter));
            }
            4 if comes => {
                snapshot.put(Resource::Gateway(other_gateway(self.others, &["127.0.0.0/8"])));
                snapshot.put(Resource::Service(other_service()));
            }
            4 => {
                snapshot.remove(&ResourceKey::Service(other::service_id()));
                snapshot.remove(&ResourceKey::Gateway(other::gateway_id()));
            }
            5 if comes => {
                snapshot.put(Resource::Gateway(other_gateway(self.others, &[&somebody])));
            }
            // A service moves in beside the one that is used, and out again.
            5 => {
                let name = format!("beside_{round}");
                let beside =
                    domain::snapshot::ServiceConfig { gateway_id: harness::gateway_id(), name, ..other_service() };
                snapshot.put(Resource::Service(beside));
            }
            6 if comes => {
                snapshot.put(self.certificate.resource());
            }
            6 => {
                snapshot.remove(&ResourceKey::Service(other::service_id()));
                snapshot.remove(&self.certificate.resource().key());
            }
            _ if comes => {
                snapshot.put(Resource::Listener(ListenerConfig::new(self.door, Scheme::Http)));
            }
            _ => {
                snapshot.remove(&ResourceKey::Listener(self.door));
            }
        }
    }

    async fn publish(&self, world: &mut World, numbers: std::ops::Range<u32>) {
        for n in numbers {
            let before = world.snapshot.hash();
            world.change(|snapshot| self.edit(snapshot, n)).await;
            assert_ne!(world.snapshot.hash(), before, "publish {n} changes nothing");
        }
    }
}

async fn console(folder: &Path) -> (Process, Console) {
    let (process, folder) = (Process::new(), folder.to_owned());
    let console = process.run(async move { Console::start(&folder).await }).await;
    (process, console)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_open_is_dropped() {
    // Two ends on this side and two on the engine's.
    let files = files::most();
    assert!(files > 4 * (WEBSOCKETS + EVENT_STREAMS) as u64 + 200, "only {files} open files are allowed");
    let folder = tempfile::tempdir().unwrap();
    let (process, told) = console(folder.path()).await;
    let engine = Engine::start(folder.path());
    let agent = Agent::connect(folder.path()).await;
    let mut world = World::around(engine, told, agent, folder).await;
    let (tls, shown, mut next) = (free_address(), Made::new(1, &[HOST], true), Made::new(1, &[HOST], true));
    next.config.id = shown.config.id.clone();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(tls, Scheme::Https)));
            snapshot.put(shown.resource());
        })
        .await;

    // A third of each by name, by port and over TLS.
    let (browser, mut streams) = (Browser::new(&[&TLS13]), Streams::of("/api/predict/model", HOST, TOKEN));
    let replica = Replica::numbered(streams.stop()).await;
    world.ready(&[&replica]).await;
    for n in 0..WEBSOCKETS + EVENT_STREAMS {
        let stream: Box<dyn Stream> = match n % 3 {
            0 => Box::new(TcpStream::connect(world.address).await.unwrap()),
            1 => Box::new(TcpStream::connect(world.own).await.unwrap()),
            _ => Box::new(browser.connect(tls, HOST).await.unwrap().into_stream()),
        };
        if n < WEBSOCKETS { streams.websocket(stream).await } else { streams.events(stream).await }
    }
    streams.go_on("all of them before").await;

    let spare = Spare {
        own: world.own,
        others: free_address(),
        door: free_address(),
        certificate: Made::new(2, &["spare.example"], false),
    };
    let (reached, began) = (streams.reached(), Instant::now());
    spare.publish(&mut world, 0..PUBLISHES).await;
    println!("{PUBLISHES} publishes in {:?}", began.elapsed());
    assert!(streams.slowest_since(&reached) > 0, "one stood still all the while");

    world.put(next.resource()).await;
    assert_eq!(Browser::new(&[&TLS13]).connect(tls, HOST).await.unwrap().certificate(), next.der);
    streams.go_on("all of them with another certificate").await;

    drop(process);
    streams.go_on("all of them without a console").await;
    let (_process, told) = console(world.folder.path()).await;
    world.console = told;
    assert_eq!(world.console.hello().await.hash, world.snapshot.hash());
    spare.publish(&mut world, PUBLISHES..PUBLISHES + 16).await;
    streams.go_on("all of them with another console").await;

    // Each took one connection to the replica, from its beginning to its end.
    let connections = replica.connections.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(connections, WEBSOCKETS + EVENT_STREAMS);
    println!("{} numbers carried, none lost, 0 streams dropped", streams.end().await);
}
