//! A session with an agent: it gets what it shall run and says what runs.

use super::Answer;
use super::caller::Caller;
use crate::hosts::Wanted;
use crate::observed::AgentState;
use crate::{Control, clock};
use domain::endpoint::{ReplicaReport, ReplicaUsage};
use domain::id::AgentId;
use link::agent_link_server::AgentLink;
use link::message::{AgentDown, AgentUp};
use std::collections::BTreeMap;
use std::pin::Pin;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

pub(super) struct Agents(pub Control);

#[tonic::async_trait]
impl AgentLink for Agents {
    type SessionStream = Pin<Box<dyn Stream<Item = Result<AgentDown, Status>> + Send>>;

    async fn session(&self, request: Request<Streaming<AgentUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let caller = Caller::of(&self.0, &request)?;
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(run(self.0.clone(), caller, request.into_inner(), sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver).map(Ok))))
    }
}

async fn run(control: Control, caller: Caller, mut up: Streaming<AgentUp>, down: mpsc::Sender<AgentDown>) {
    let Some(Ok(AgentUp::Hello(hello))) = up.next().await else { return };
    let id = hello.agent_id;
    if caller.member.as_ref().is_some_and(|member| member.agent_id != id) {
        tracing::warn!(agent = %id, host = %caller.host, "refused an agent that is another host's");
        return;
    }
    let number = clock::tick();
    tracing::info!(agent = %id, "agent connected");
    let is_removed = caller.is_removed(&control);
    control.observe(|observed| {
        if is_removed {
            return;
        }
        let before = observed.agents.remove(&id);
        let heard = before.as_ref().and_then(|state| state.heard);
        let replicas = before.map(|state| state.replicas).unwrap_or_default();
        let state = AgentState {
            host: caller.host.clone(),
            connected: true,
            heard,
            session: number,
            since: clock::now(),
            software: hello.software,
            replica_user: hello.replica_user,
            replicas,
            usage: BTreeMap::new(),
        };
        observed.agents.insert(id.clone(), state);
    });
    control.inner.asks.open(&id, number, down.clone());
    Session { control: &control, caller: &caller, id: &id, number }.talk(&mut up, &down).await;
    control.inner.asks.close(&id, number);
    control.observe(|observed| {
        if let Some(state) = observed.agents.get_mut(&id)
            && state.session == number
        {
            state.connected = false;
            state.since = clock::now();
            if caller.is_removed(&control) {
                observed.agents.remove(&id);
            }
        }
    });
    // What it has counts as kept, and no longer as ready.
    control.want();
    tracing::warn!(agent = %id, "agent disconnected");
}

struct Session<'s> {
    control: &'s Control,
    caller: &'s Caller,
    id: &'s AgentId,
    number: u64,
}

impl Session<'_> {
    async fn talk(&self, up: &mut Streaming<AgentUp>, down: &mpsc::Sender<AgentDown>) {
        let mut wishes = self.control.wanted();
        let mut sent: Option<Wanted> = None;
        // What it runs decides what it shall run: on several hosts, and on the way from one version to another.
        let mut is_heard = false;
        loop {
            tokio::select! {
                changed = wishes.changed(), if is_heard => {
                    let newest = wishes.borrow_and_update().get(&self.caller.host).cloned().unwrap_or_default();
                    if changed.is_err() {
                        return;
                    }
                    if sent.as_ref().is_some_and(|sent| sent.services == newest.services) {
                        continue;
                    }
                    let wanted = AgentDown::Wanted { version: newest.version, services: newest.services.clone() };
                    sent = Some(newest);
                    if down.send(wanted).await.is_err() {
                        return;
                    }
                }
                said = up.next() => match said {
                    Some(Ok(AgentUp::Replicas(replicas))) => {
                        self.hear(replicas).await;
                        if !std::mem::replace(&mut is_heard, true) {
                            wishes.mark_changed();
                        }
                    }
                    Some(Ok(AgentUp::Usage { at_us, replicas })) => self.measured(at_us, replicas),
                    Some(Ok(AgentUp::Acted { request, refused })) => {
                        self.control.inner.asks.answered(self.id, request, Answer::Acted(refused));
                    }
                    Some(Ok(AgentUp::Output { request, output })) => {
                        self.control.inner.asks.answered(self.id, request, Answer::Output(output));
                    }
                    Some(Ok(_)) => {}
                    _ => return,
                },
            }
        }
    }

    async fn hear(&self, replicas: Vec<ReplicaReport>) {
        let is_removed = self.caller.is_removed(self.control);
        self.control.offer(self.id, &self.caller.host, if is_removed { &[] } else { &replicas });
        self.control.observe(|observed| {
            if is_removed && replicas.is_empty() {
                observed.agents.remove(self.id);
            } else if let Some(state) = observed.agents.get_mut(self.id) {
                state.replicas = replicas;
                state.heard = Some(self.number);
            }
        });
        if self.control.has_several_hosts() {
            self.control.heard_of(&self.caller.host, false).await;
        }
        if self.control.has_several_hosts() || self.control.is_rolling() {
            self.control.want();
        }
    }

    fn measured(&self, at_us: u64, replicas: Vec<ReplicaUsage>) {
        self.control.observe_quietly(|observed| {
            if let Some(state) = observed.agents.get_mut(self.id).filter(|state| state.session == self.number) {
                state.measured(at_us, replicas);
                self.control.inner.watch.measured(state);
            }
        });
    }
}
