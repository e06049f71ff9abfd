//! Plays console, agent, replicas and clients around a real engine.
#![allow(dead_code, clippy::unwrap_used)]

pub mod agent;
pub mod client;
pub mod clients;
pub mod console;
pub mod dns;
pub mod files;
pub mod flood;
pub mod frames;
pub mod http2;
pub mod namespace;
pub mod numbered;
pub mod other;
pub mod process;
pub mod python;
pub mod python2;
pub mod python_server;
pub mod recorder;
pub mod replica;
pub mod tls;
pub mod vpc;

pub use agent::Agent;
pub use client::{Answer, Client};
pub use console::Console;
pub use replica::Replica;

use domain::cidr::Cidr;
use domain::id::{EngineId, GatewayId, RANDOM_LEN, ReplicaId, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{
    Capacity, GatewayConfig, ListenerConfig, Policy, PublicDoor, Resource, Scheme, ServiceConfig, Snapshot, Timeouts,
    TlsPolicy, TokenConfig,
};
use engine::Drain;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Longest wait for anything that should happen.
pub const SOON: Duration = Duration::from_secs(60);

/// Asks until there is something, or fails after [`SOON`].
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + SOON;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < end, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Not one of those that were given last: the system gives out again what nobody holds.
pub fn free_address() -> SocketAddr {
    static GIVEN: Mutex<VecDeque<u16>> = Mutex::new(VecDeque::new());
    let mut given = GIVEN.lock().unwrap();
    loop {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        if !given.contains(&address.port()) {
            given.push_back(address.port());
            // A test may want thousands, and there are not so many more.
            if given.len() > 100 {
                given.pop_front();
            }
            return address;
        }
    }
}

pub struct Engine {
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Engine {
    pub fn start(folder: &Path) -> Self {
        Self::start_with_key(folder, [9; 32])
    }

    pub fn start_with_key(folder: &Path, key: [u8; 32]) -> Self {
        Self::start_with(folder, key, None)
    }

    pub fn start_with(folder: &Path, key: [u8; 32], admin: Option<SocketAddr>) -> Self {
        // No test waits long for what may be on its way, unless it is about that.
        Self::draining(folder, key, admin, Drain { least: Duration::from_millis(100), ..Drain::default() })
    }

    pub fn draining(folder: &Path, key: [u8; 32], admin: Option<SocketAddr>, drain: Drain) -> Self {
        Self::run(Self::options(folder, key, admin, drain), || {})
    }

    /// Requests have spans of their own.
    pub fn tracing(folder: &Path) -> Self {
        let options = Self::options(folder, [9; 32], None, Drain::default());
        Self::run(engine::EngineOptions { traces: true, ..options }, || {})
    }

    /// Of a host that has joined.
    pub fn joined(folder: &Path, identity: link::HostIdentity, public: domain::host::HostDoors) -> Self {
        let options = Self::options(folder, [9; 32], None, Drain::default());
        let console = link::Console::Remote(identity.into());
        Self::run(engine::EngineOptions { console, public: Some(public), ..options }, || {})
    }

    /// In this network namespace.
    pub fn within(folder: &Path, namespace: &Path) -> Self {
        let namespace = namespace.to_owned();
        let drain = Drain { least: Duration::from_millis(100), ..Drain::default() };
        Self::run(Self::options(folder, [9; 32], None, drain), move || namespace::enter(&namespace))
    }

    fn options(folder: &Path, key: [u8; 32], admin: Option<SocketAddr>, drain: Drain) -> engine::EngineOptions {
        engine::EngineOptions {
            engine_id: EngineId::from_random([1; RANDOM_LEN]),
            state_dir: folder.into(),
            console: link::Console::Socket(folder.join("console.sock")),
            public: None,
            endpoint_socket: folder.join("endpoint.sock"),
            key,
            admin,
            workers: 2,
            drain,
            traces: false,
        }
    }

    /// `first` is done on the engine's thread.
    fn run(options: engine::EngineOptions, first: impl FnOnce() + Send + 'static) -> Self {
        // Shown when a test fails.
        let _ = tracing_subscriber::fmt().with_test_writer().with_max_level(tracing::Level::INFO).try_init();
        let (shutdown, ended) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            first();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let done = async {
                let _ = ended.await;
            };
            runtime.block_on(engine::run(options, done)).unwrap();
        });
        Self { shutdown: Some(shutdown), thread: Some(thread) }
    }

    pub fn tell_stop(&mut self) {
        self.shutdown.take();
    }

    pub fn stop(mut self) {
        self.tell_stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shutdown.take();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// An engine with a console and an agent, and what they told it.
pub struct World {
    pub engine: Engine,
    pub console: Console,
    pub agent: Agent,
    pub address: SocketAddr,
    pub own: SocketAddr,
    pub snapshot: Snapshot,
    pub folder: TempDir,
}

pub const HOST: &str = "gw.example";
pub const TOKEN: &str = "the-token";

pub fn gateway_id() -> GatewayId {
    GatewayId::from_random([2; RANDOM_LEN])
}

pub fn service_id() -> ServiceId {
    ServiceId::from_random([3; RANDOM_LEN])
}

pub fn token_id() -> TokenId {
    TokenId::from_random([4; RANDOM_LEN])
}

pub fn replica_id(n: u8) -> ReplicaId {
    ReplicaId::from_random([n; RANDOM_LEN])
}

pub fn gateway(own: SocketAddr, whitelist: &[&str]) -> GatewayConfig {
    GatewayConfig {
        id: gateway_id(),
        name: "test".into(),
        public: Some(PublicDoor {
            hosts: vec![HOST.into()],
            own: Some(own),
            whitelist: whitelist.iter().map(|text| Cidr::parse(text).unwrap()).collect(),
            drop_strangers: false,
        }),
        private: Vec::new(),
        capacity: Capacity::default(),
        tls: TlsPolicy::default(),
        trusted_proxies: Vec::new(),
    }
}

pub fn service() -> ServiceConfig {
    ServiceConfig {
        id: service_id(),
        gateway_id: gateway_id(),
        name: "model".into(),
        tokens: vec![TokenConfig {
            id: token_id(),
            digest: Secret::new(TOKEN).digest(),
            expires_at: None,
            secret: None,
        }],
        body_limit: 1000,
        timeouts: Timeouts::default(),
        policy: Policy::default(),
        group: None,
    }
}

impl World {
    /// A gateway for loopback with the service `model`, and no replica.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let console = Console::start(folder.path()).await;
        let engine = Engine::start(folder.path());
        let agent = Agent::connect(folder.path()).await;
        Self::around(engine, console, agent, folder).await
    }

    pub async fn around(engine: Engine, console: Console, agent: Agent, folder: TempDir) -> Self {
        let (address, own) = (free_address(), free_address());
        let mut world = Self { engine, console, agent, address, own, snapshot: Snapshot::default(), folder };
        world.console.hello().await;
        world
            .change(|snapshot| {
                snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Http)));
                snapshot.put(Resource::Gateway(gateway(own, &["127.0.0.0/8"])));
                snapshot.put(Resource::Service(service()));
            })
            .await;
        world
    }

    /// As `new`, with these replicas.
    pub async fn with(replicas: &[&Replica]) -> Self {
        let mut world = Self::new().await;
        world.ready(replicas).await;
        world
    }

    pub async fn ready(&mut self, replicas: &[&Replica]) {
        let addresses: Vec<SocketAddr> = replicas.iter().map(|replica| replica.address).collect();
        self.agent.ready(&addresses).await;
    }

    /// Sends the difference and waits until it is loaded.
    pub async fn change(&mut self, edit: impl FnOnce(&mut Snapshot)) {
        let mut next = self.snapshot.clone();
        edit(&mut next);
        next.version += 1;
        self.console.config(&self.snapshot, &next).await;
        self.snapshot = next;
    }

    pub async fn put(&mut self, resource: Resource) {
        self.change(|snapshot| {
            snapshot.put(resource);
        })
        .await;
    }

    pub async fn whitelist(&mut self, whitelist: &[&str]) {
        let gateway = gateway(self.own, whitelist);
        self.put(Resource::Gateway(gateway)).await;
    }

    /// The service with another policy.
    pub async fn policy(&mut self, edit: impl FnOnce(&mut Policy)) {
        let mut service = service();
        edit(&mut service.policy);
        self.put(Resource::Service(service)).await;
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// One request with the token on a connection of its own.
    pub async fn get(&self, path: &str) -> Answer {
        self.client().await.get(path).await
    }
}
