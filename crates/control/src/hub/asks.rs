//! What is asked of agents and waits for an answer.

use crate::{ControlError, clock};
use domain::id::AgentId;
use link::message::{AgentDown, Output};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Less than a browser waits.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(crate) struct Asks(Mutex<State>);

#[derive(Default)]
struct State {
    /// By the session that they are in.
    sessions: BTreeMap<AgentId, (u64, mpsc::Sender<AgentDown>)>,
    waiting: BTreeMap<u64, (AgentId, oneshot::Sender<Answer>)>,
}

#[derive(Debug)]
pub(crate) enum Answer {
    /// Why it was not done; `None`: it was.
    Acted(Option<String>),
    Output(Output),
}

impl Asks {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn open(&self, agent: &AgentId, session: u64, down: mpsc::Sender<AgentDown>) {
        self.with(|state| state.sessions.insert(agent.clone(), (session, down)));
    }

    /// A newer session of the same agent stays.
    pub(super) fn close(&self, agent: &AgentId, session: u64) {
        self.with(|state| {
            if state.sessions.get(agent).is_some_and(|(open, _)| *open == session) {
                state.sessions.remove(agent);
            }
        });
    }

    /// Nobody answers for another agent.
    pub(super) fn answered(&self, agent: &AgentId, request: u64, answer: Answer) {
        let asked = self.with(|state| {
            let is_its = state.waiting.get(&request).is_some_and(|(asked, _)| asked == agent);
            if is_its { state.waiting.remove(&request) } else { None }
        });
        if let Some((_, waits)) = asked {
            // Who asked may have gone.
            let _ = waits.send(answer);
        }
    }

    /// # Errors
    /// The host does not answer in time, or not at all.
    pub(crate) async fn ask(
        &self,
        agent: &AgentId,
        message: impl FnOnce(u64) -> AgentDown,
    ) -> Result<Answer, ControlError> {
        let request = clock::tick();
        let (sender, answer) = oneshot::channel();
        let _waiting = Waiting { asks: self, request };
        let down = self.with(|state| {
            let (_, down) = state.sessions.get(agent)?;
            state.waiting.insert(request, (agent.clone(), sender));
            Some(down.clone())
        });
        let down = down.ok_or(ControlError::HostSilent)?;
        let answered = tokio::time::timeout(PATIENCE, async {
            down.send(message(request)).await.ok()?;
            answer.await.ok()
        });
        answered.await.ok().flatten().ok_or(ControlError::HostSilent)
    }
}

/// A question that nobody waits for any more is forgotten, however it ends.
struct Waiting<'a> {
    asks: &'a Asks,
    request: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.asks.with(|state| state.waiting.remove(&self.request));
    }
}
