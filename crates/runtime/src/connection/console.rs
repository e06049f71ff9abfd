//! Hears from the console what is wanted and tells it what is there.

use super::{Line, SessionError};
use crate::agent::Shared;
use crate::wanted::Wanted;
use link::agent_link_client::AgentLinkClient;
use link::message::{AgentDown, AgentHello, AgentUp};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

/// Changes this close together are told together.
const COALESCE: Duration = Duration::from_millis(50);

/// For the agent's loop.
pub struct NewWanted {
    pub wanted: Wanted,
    /// Dropped where it could not be kept.
    pub on_disk: oneshot::Sender<()>,
}

pub async fn console(shared: Arc<Shared>, agent: mpsc::Sender<NewWanted>) {
    let mut line = Line::new("console");
    loop {
        let Err(error) = session(&shared, &agent, &mut line).await;
        line.is_down(&error).await;
    }
}

async fn session(
    shared: &Shared,
    agent: &mpsc::Sender<NewWanted>,
    line: &mut Line,
) -> Result<std::convert::Infallible, SessionError> {
    let channel = shared.options.console.connect().await?;
    let mut client = AgentLinkClient::new(channel)
        .max_decoding_message_size(link::MAX_MESSAGE)
        .max_encoding_message_size(link::MAX_MESSAGE);
    let (up, queue) = mpsc::channel(4);
    let say = async |message| up.send(message).await.map_err(|_| SessionError::Closed);
    say(AgentUp::Hello(hello(shared))).await?;
    let mut down = client.session(ReceiverStream::new(queue)).await?.into_inner();
    let mut kept_any = false;
    let mut changed = shared.board.subscribe();
    let mut due = Some(Instant::now());
    loop {
        tokio::select! {
            message = down.message() => match message?.ok_or(SessionError::Closed)? {
                AgentDown::Wanted { version, services } => {
                    let (on_disk, kept) = oneshot::channel();
                    let new = NewWanted { wanted: Wanted { version, services }, on_disk };
                    agent.send(new).await.map_err(|_| SessionError::Closed)?;
                    kept.await.map_err(|_| SessionError::NotKept)?;
                    // Not before: on a full disk each call would end here, and start anew without a pause.
                    if !std::mem::replace(&mut kept_any, true) {
                        line.is_up();
                    }
                    say(AgentUp::Accepted { version }).await?;
                }
                AgentDown::Unknown => {}
            },
            Ok(()) = changed.changed() => {
                due.get_or_insert_with(|| Instant::now() + COALESCE);
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                due = None;
                let reports = changed.borrow_and_update().reports.values().cloned().collect();
                say(AgentUp::Replicas(reports)).await?;
            }
        }
    }
}

fn hello(shared: &Shared) -> AgentHello {
    AgentHello {
        agent_id: shared.options.agent_id.clone(),
        software: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        version: shared.version.load(Ordering::SeqCst),
        replica_user: shared.options.replica_user.as_ref().map(|user| user.name.clone()),
    }
}
