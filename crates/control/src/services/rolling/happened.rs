//! What happened to replicas, from one look to the next.

use crate::{Control, Observed};
use domain::endpoint::ReplicaReport;
use domain::id::{AgentId, ReplicaId, ServiceId};
use domain::service::{EventKind, ServiceEvent};
use domain::status::ReplicaState;
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;

/// Of what a program printed an event keeps the end, bytes.
const MOST_TEXT: usize = 4_000;

/// What was seen last.
#[derive(Default)]
pub(super) struct Watch {
    /// What they had when they were heard of first is no news.
    known: BTreeSet<AgentId>,
    replicas: BTreeMap<ReplicaId, Seen>,
}

#[derive(Clone)]
struct Seen {
    agent: AgentId,
    service: ServiceId,
    state: ReplicaState,
    restarts: u32,
}

impl Watch {
    fn look(&mut self, observed: &Observed) -> Vec<(ServiceId, EventKind, ReplicaId, Option<String>)> {
        let mut happened = Vec::new();
        for (agent_id, agent) in observed.agents.iter().filter(|(_, agent)| agent.heard.is_some()) {
            let is_first = self.known.insert(agent_id.clone());
            for report in &agent.replicas {
                let now = Seen {
                    agent: agent_id.clone(),
                    service: report.service_id.clone(),
                    state: report.state,
                    restarts: report.restarts,
                };
                let before = self.replicas.insert(report.replica_id.clone(), now);
                if !is_first {
                    let kinds = kinds(before.as_ref(), report).into_iter().flatten();
                    let told =
                        |kind| (report.service_id.clone(), kind, report.replica_id.clone(), detail(kind, report));
                    happened.extend(kinds.map(told));
                }
            }
            let there: BTreeSet<&ReplicaId> = agent.replicas.iter().map(|report| &report.replica_id).collect();
            self.replicas.retain(|id, seen| {
                let is_gone = seen.agent == *agent_id && !there.contains(id);
                if is_gone {
                    happened.push((seen.service.clone(), EventKind::ReplicaGone, id.clone(), None));
                }
                !is_gone
            });
        }
        self.replicas.retain(|_, seen| observed.agents.contains_key(&seen.agent));
        self.known.retain(|agent| observed.agents.contains_key(agent));
        happened
    }
}

/// At most: it failed, and what it is now.
fn kinds(before: Option<&Seen>, now: &ReplicaReport) -> [Option<EventKind>; 2] {
    let Some(before) = before else {
        let state = match now.state {
            ReplicaState::Ready => Some(EventKind::ReplicaReady),
            ReplicaState::BackOff => Some(EventKind::ReplicaFailed),
            _ => None,
        };
        return [Some(EventKind::ReplicaStarted), state];
    };
    let is_new = before.state != now.state;
    // It may have ended and been started again between two looks.
    let failed = match (before.state, now.state) {
        (ReplicaState::BackOff, ReplicaState::BackOff) => now.restarts > before.restarts,
        (ReplicaState::BackOff, _) => now.restarts > before.restarts + 1,
        (_, ReplicaState::BackOff) => true,
        _ => now.restarts > before.restarts,
    };
    let state = match now.state {
        ReplicaState::Ready if is_new || failed => Some(EventKind::ReplicaReady),
        ReplicaState::Unready if is_new => Some(EventKind::ReplicaUnready),
        _ => None,
    };
    [failed.then_some(EventKind::ReplicaFailed), state]
}

fn detail(kind: EventKind, report: &ReplicaReport) -> Option<String> {
    match kind {
        EventKind::ReplicaStarted => Some(report.version.to_string()),
        EventKind::ReplicaFailed | EventKind::ReplicaUnready => {
            let lines = report.detail.iter().chain(&report.last_lines).map(String::as_str);
            Some(end_of(&lines.collect::<Vec<_>>().join("\n"))).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

fn end_of(text: &str) -> String {
    let mut at = text.len().saturating_sub(MOST_TEXT);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    text.get(at..).unwrap_or_default().replace('\0', "")
}

impl Control {
    pub(super) async fn record_what_happened(&self, watch: &mut Watch) {
        let mut happened = watch.look(&self.observed());
        // One that was deleted meanwhile has no events any more.
        let desired = self.desired();
        happened.retain(|(service, ..)| desired.services.contains_key(service));
        if happened.is_empty() {
            return;
        }
        if let Err(error) = self.record(happened).await {
            tracing::warn!(%error, "what happened to replicas could not be written down");
        }
        self.notify();
    }

    async fn record(&self, happened: Vec<(ServiceId, EventKind, ReplicaId, Option<String>)>) -> Result<(), StoreError> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        for (service, kind, replica, detail) in happened {
            if tx.service(&service).await?.is_some() {
                let event = ServiceEvent { first_at: now, at: now, count: 1, kind, replica: Some(replica), detail };
                tx.service_event(&service, &event).await?;
            }
        }
        tx.commit().await
    }
}
