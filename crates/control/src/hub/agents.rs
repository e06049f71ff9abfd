//! A session with an agent: it gets what it shall run and says what runs.

use crate::control::Wanted;
use crate::observed::AgentState;
use crate::{Control, clock};
use domain::id::AgentId;
use link::agent_link_server::AgentLink;
use link::message::{AgentDown, AgentUp};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

pub(super) struct Agents(pub Control);

#[tonic::async_trait]
impl AgentLink for Agents {
    type SessionStream = Pin<Box<dyn Stream<Item = Result<AgentDown, Status>> + Send>>;

    async fn session(&self, request: Request<Streaming<AgentUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(run(self.0.clone(), request.into_inner(), sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver).map(Ok))))
    }
}

fn wanted(wanted: &Arc<Wanted>) -> AgentDown {
    AgentDown::Wanted { version: wanted.version, services: wanted.services.clone() }
}

async fn run(control: Control, mut up: Streaming<AgentUp>, down: mpsc::Sender<AgentDown>) {
    let Some(Ok(AgentUp::Hello(hello))) = up.next().await else { return };
    let id = hello.agent_id;
    let number = clock::tick();
    tracing::info!(agent = %id, "agent connected");
    control.observe(|observed| {
        let replicas = observed.agents.remove(&id).map(|state| state.replicas).unwrap_or_default();
        let state = AgentState {
            connected: true,
            session: number,
            since: clock::now(),
            software: hello.software,
            replica_user: hello.replica_user,
            replicas,
        };
        observed.agents.insert(id.clone(), state);
    });
    talk(&control, &id, &mut up, &down).await;
    control.observe(|observed| {
        if let Some(state) = observed.agents.get_mut(&id)
            && state.session == number
        {
            state.connected = false;
            state.since = clock::now();
        }
    });
    tracing::warn!(agent = %id, "agent disconnected");
}

async fn talk(control: &Control, id: &AgentId, up: &mut Streaming<AgentUp>, down: &mpsc::Sender<AgentDown>) {
    let mut wishes = control.wanted();
    wishes.mark_changed();
    loop {
        tokio::select! {
            changed = wishes.changed() => {
                let newest = wanted(&wishes.borrow_and_update());
                if changed.is_err() || down.send(newest).await.is_err() {
                    return;
                }
            }
            said = up.next() => match said {
                Some(Ok(AgentUp::Replicas(replicas))) => control.observe(|observed| {
                    if let Some(state) = observed.agents.get_mut(id) {
                        state.replicas = replicas;
                    }
                }),
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}
