//! A console's use cases without a console, and an engine that a test plays over the real link.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod record;
pub mod stage;

use control::{Clock, Control, Installation, InstallationKey};
use domain::endpoint::{ReplicaReport, WantedService};
use domain::gateway::ManagedDraft;
use domain::id::{AgentId, EngineId, GatewayId, RANDOM_LEN, SessionId, UserId};
use domain::name::UserName;
use domain::network::HostAddress;
use domain::role::Role;
use domain::snapshot::{Delta, Snapshot};
use identity::Principal;
use link::agent_link_client::AgentLinkClient;
use link::engine_link_client::EngineLinkClient;
use link::message::{AgentDown, AgentHello, AgentUp, EngineDown, EngineHello, EngineUp, HostMeans};
use std::time::Duration;
use store::Store;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

pub struct House {
    pub control: Control,
    pub principal: Principal,
    pub folder: tempfile::TempDir,
}

pub async fn house() -> House {
    house_of(Installation::default()).await
}

pub async fn house_of(installation: Installation) -> House {
    house_in(tempfile::tempdir().expect("a folder"), Clock::default(), installation).await
}

/// On what is in this folder already.
pub async fn house_in(folder: tempfile::TempDir, clock: Clock, installation: Installation) -> House {
    let store = Store::open(&folder.path().join("db")).await.expect("opens");
    let key = InstallationKey::load(&folder.path().join("key")).expect("makes it");
    let control = Control::start_by(clock, store, key, installation).await.expect("starts");
    let workspace = control.first_workspace().clone();
    let principal = Principal {
        user_id: UserId::from_random([1; RANDOM_LEN]),
        name: UserName::parse("ada").expect("valid"),
        role: Role::Administrator,
        account_id: workspace.account_id,
        workspace_id: workspace.id,
        session_id: SessionId::from_random([1; RANDOM_LEN]),
    };
    House { control, principal, folder }
}

pub fn draft(name: &str) -> ManagedDraft {
    ManagedDraft { name: name.into(), spec: "2c4g".into(), nodes: "2".into(), charge: "PostPaid".into() }
}

impl House {
    pub async fn gateway(&self, name: &str) -> GatewayId {
        self.control.buy_managed_gateway(&self.principal, &draft(name)).await.expect("buys")
    }

    pub fn revision(&self, id: &GatewayId) -> i64 {
        self.control.gateway(&self.principal, id).expect("is there").revision
    }
}

pub fn loopback() -> Vec<HostAddress> {
    vec![HostAddress { interface: "lo".into(), address: [127, 0, 0, 1].into(), prefix: 8 }]
}

/// Until the console answers.
async fn called(console: &link::Console) -> tonic::transport::Channel {
    loop {
        match console.connect().await {
            Ok(channel) => break channel,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

/// An agent that says what the test wants it to say.
pub struct Agent {
    up: mpsc::Sender<AgentUp>,
    down: tonic::Streaming<AgentDown>,
}

impl Agent {
    pub async fn over(console: &link::Console, agent_id: AgentId) -> Self {
        let (up, said) = mpsc::channel(8);
        let hello = AgentHello {
            agent_id,
            software: "test".into(),
            pid: 1,
            version: 0,
            replica_user: None,
            means: HostMeans::default(),
        };
        up.send(AgentUp::Hello(hello)).await.expect("there is room");
        let answer = AgentLinkClient::new(called(console).await).session(ReceiverStream::new(said)).await;
        Self { up, down: answer.expect("answers").into_inner() }
    }

    pub async fn says(&self, replicas: Vec<ReplicaReport>) {
        self.up.send(AgentUp::Replicas(replicas)).await.expect("the console listens");
    }

    pub async fn say(&self, said: AgentUp) {
        self.up.send(said).await.expect("the console listens");
    }

    pub async fn next(&mut self) -> AgentDown {
        let next = tokio::time::timeout(Duration::from_secs(5), self.down.next()).await.expect("in time");
        next.expect("the session goes on").expect("is read")
    }

    /// What it shall run next; `None` where nothing else is said in this time.
    pub async fn next_wanted(&mut self, patience: Duration) -> Option<Vec<WantedService>> {
        match tokio::time::timeout(patience, self.down.next()).await.ok()? {
            Some(Ok(AgentDown::Wanted { services, .. })) => Some(services),
            other => panic!("nothing wanted but {other:?}"),
        }
    }

    /// How many replicas of its services it shall run, in all.
    pub async fn wanted(&mut self) -> u32 {
        let services = self.next_wanted(Duration::from_secs(5)).await.expect("in time");
        services.iter().map(|each| each.replicas).sum()
    }
}

/// An engine that says what the test wants it to say.
pub struct Engine {
    up: mpsc::Sender<EngineUp>,
    pub down: tonic::Streaming<EngineDown>,
    pub has: Snapshot,
}

impl Engine {
    pub async fn connect(house: &House, has: Snapshot) -> Self {
        Self::on(house, has, loopback()).await
    }

    /// On a host with these addresses.
    pub async fn on(house: &House, has: Snapshot, addresses: Vec<HostAddress>) -> Self {
        let console = link::Console::Socket(house.folder.path().join("link.sock"));
        Self::over(&console, EngineId::from_random([1; RANDOM_LEN]), has, addresses).await.expect("answers")
    }

    pub async fn over(
        console: &link::Console,
        engine_id: EngineId,
        has: Snapshot,
        addresses: Vec<HostAddress>,
    ) -> Result<Self, tonic::Status> {
        let (up, said) = mpsc::channel(8);
        let hello = EngineHello {
            engine_id,
            software: "test".into(),
            pid: 1,
            version: has.version,
            hash: has.hash(),
            open_files: Some(1_000),
            addresses,
            public: None,
        };
        up.send(EngineUp::Hello(hello)).await.expect("there is room");
        let answer = EngineLinkClient::new(called(console).await).session(ReceiverStream::new(said)).await?;
        Ok(Self { up, down: answer.into_inner(), has })
    }

    pub async fn next(&mut self) -> Delta {
        loop {
            match self.down.next().await {
                Some(Ok(EngineDown::Config(delta))) => return delta,
                // Where replicas on other hosts are.
                Some(Ok(EngineDown::Endpoints { .. })) => {}
                other => panic!("no configuration but {other:?}"),
            }
        }
    }

    pub async fn load(&mut self) {
        let delta = self.next().await;
        self.has = self.has.apply(&delta).expect("fits");
        self.say(EngineUp::Loaded { version: self.has.version, hash: self.has.hash() }).await;
    }

    pub async fn say(&self, said: EngineUp) {
        self.up.send(said).await.expect("the console listens");
    }
}

pub async fn until(what: &str, check: impl Fn() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(5), async {
        while !check() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}
