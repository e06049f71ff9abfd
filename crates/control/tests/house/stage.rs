//! A service between versions, with an agent that a test plays: its replicas start, fail and end as the test likes.

use super::{Agent, House, house_in, until};
use chrono::{DateTime, TimeDelta, Utc};
use control::{Clock, ControlError, Installation, hub};
use domain::endpoint::{ReplicaReport, WantedService};
use domain::id::{AgentId, RANDOM_LEN, ReplicaId, ServiceId};
use domain::service::rollout::Phase;
use domain::service::{CheckedDraft, EventKind, ServiceDraft, Why};
use domain::status::{ReplicaState, ServiceStatus};
use domain::view::{RolloutView, ServiceDetail};
use std::collections::BTreeMap;
use std::time::Duration;

/// A console with a service, and an agent that does as it is told.
pub struct Stage {
    pub house: House,
    pub clock: Clock,
    pub service: ServiceId,
    pub agent: Agent,
    pub replicas: Vec<ReplicaReport>,
    pub wanted: Vec<WantedService>,
    pub started: u8,
}

pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_700_000_000_000_000).expect("a time")
}

pub fn draft(gateway: &str, command: &str, replicas: u32) -> CheckedDraft {
    let draft = ServiceDraft {
        name: "echo".into(),
        gateway: gateway.into(),
        command: command.into(),
        env: "KEY=hidden".into(),
        replicas: replicas.to_string(),
        ..ServiceDraft::default()
    };
    draft.validate().expect("valid")
}

pub fn serve(house: &House) {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
    let control = house.control.clone();
    tokio::spawn(async move { control.keep_services_rolled().await });
}

pub async fn call(house: &House) -> Agent {
    let socket = link::Console::Socket(house.folder.path().join("link.sock"));
    Agent::over(&socket, AgentId::from_random([1; RANDOM_LEN])).await
}

impl Stage {
    /// With so many ready replicas of version 1.
    pub async fn set(replicas: u32) -> Self {
        let clock = Clock::by_hand(noon());
        let house = house_in(tempfile::tempdir().expect("a folder"), clock.clone(), Installation::default()).await;
        serve(&house);
        let gateway = house.gateway("first").await;
        let first = draft(gateway.as_str(), "one", replicas);
        let service = house.control.deploy_checked(&house.principal, first, Why::Deploy).await.expect("deploys");
        let agent = call(&house).await;
        agent.says(Vec::new()).await;
        let mut stage = Self { house, clock, service, agent, replicas: vec![], wanted: vec![], started: 0 };
        stage.obey().await;
        stage.all(1, ReplicaState::Ready).await;
        until("runs", || stage.detail().summary.status == ServiceStatus::Running).await;
        stage
    }

    pub fn detail(&self) -> ServiceDetail {
        self.house.control.service(&self.house.principal, &self.service).expect("is there")
    }

    pub fn rollout(&self) -> RolloutView {
        self.detail().rollout.expect("there was one")
    }

    pub fn phase(&self) -> Phase {
        self.rollout().phase
    }

    /// Does what it was told last, if it was told anything: at once, and says so.
    pub async fn obey(&mut self) {
        while let Some(wanted) = self.agent.next_wanted(Duration::from_millis(300)).await {
            self.wanted = wanted;
            let mut now = Vec::new();
            for each in self.wanted.clone() {
                let mut has: Vec<_> = self.replicas.extract_if(.., |of| of.version == each.version).collect();
                has.sort_by_key(|replica| replica.state != ReplicaState::Ready);
                has.truncate(each.replicas as usize);
                while has.len() < each.replicas as usize {
                    self.started += 1;
                    has.push(replica(self.started, &each));
                }
                now.extend(has);
            }
            self.replicas = now;
            self.agent.says(self.replicas.clone()).await;
        }
    }

    pub async fn all(&mut self, version: u32, state: ReplicaState) {
        self.replicas.iter_mut().filter(|replica| replica.version == version).for_each(|replica| replica.state = state);
        self.agent.says(self.replicas.clone()).await;
    }

    /// How many there are of which version.
    pub fn there(&self) -> BTreeMap<u32, usize> {
        let mut there = BTreeMap::new();
        self.replicas.iter().for_each(|replica| *there.entry(replica.version).or_default() += 1);
        there
    }

    pub async fn try_update(&self, change: impl FnOnce(&mut CheckedDraft)) -> Result<bool, ControlError> {
        let detail = self.detail();
        let mut update = draft(detail.summary.gateway_id.as_str(), "one", detail.replicas_wanted);
        change(&mut update);
        self.house.control.update_checked(&self.house.principal, &self.service, detail.revision, update, false).await
    }

    pub async fn update(&self, command: &str, change: impl FnOnce(&mut CheckedDraft)) {
        let changed = self.try_update(|draft| {
            draft.spec.workload.command = vec![command.into()];
            change(draft);
        });
        assert!(changed.await.expect("updates"), "it is something else");
    }

    pub async fn events(&self) -> Vec<EventKind> {
        let page = self.house.control.service_events(&self.house.principal, &self.service, 1).await.expect("reads");
        page.items.into_iter().map(|event| event.kind).collect()
    }

    pub async fn until_event(&self, kind: EventKind) {
        for _ in 0..500 {
            if self.events().await.contains(&kind) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no {kind:?} in {:?}", self.events().await);
    }

    pub async fn until_failed(&self, times: u32) {
        for _ in 0..500 {
            let (control, principal) = (&self.house.control, &self.house.principal);
            let page = control.service_events(principal, &self.service, 1).await.expect("reads");
            let failed = page.items.iter().filter(|event| event.kind == EventKind::ReplicaFailed);
            if failed.map(|event| event.count).sum::<u32>() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is not said {times} times that one failed");
    }

    pub fn later(&self, seconds: i64) {
        self.clock.set(noon() + TimeDelta::seconds(seconds));
    }
}

pub fn replica(n: u8, of: &WantedService) -> ReplicaReport {
    ReplicaReport {
        replica_id: ReplicaId::from_random([n; RANDOM_LEN]),
        service_id: of.service_id.clone(),
        state: ReplicaState::Starting,
        address: ([127, 0, 0, 1], 20_000 + u16::from(n)).into(),
        pid: None,
        restarts: 0,
        detail: None,
        since: noon(),
        version: of.version,
        started_at: None,
        isolated: false,
        last_lines: Vec::new(),
        weight: domain::endpoint::DEFAULT_WEIGHT,
    }
}
