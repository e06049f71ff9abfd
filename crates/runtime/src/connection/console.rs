//! Hears from the console what is wanted and tells it what is there.

use super::usage::usage;
use super::{Line, SessionError};
use crate::agent::Shared;
use crate::driver::Driver;
use crate::files;
use crate::replica::{Act, ActError};
use crate::spec::{ReplicaSpec, SPEC};
use crate::wanted::Wanted;
use link::agent_link_client::AgentLinkClient;
use link::message::{AgentDown, AgentHello, AgentUp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

/// Changes this close together are told together.
const COALESCE: Duration = Duration::from_millis(50);
/// And so much longer for each replica, since all are told each time.
const EACH: Duration = Duration::from_micros(100);
/// How often it is told what replicas use.
const USAGE: Duration = Duration::from_secs(5);

/// What the console asks of the agent's loop.
pub enum Ask {
    Wanted {
        wanted: Wanted,
        /// Dropped where it could not be kept.
        on_disk: oneshot::Sender<()>,
    },
    Act {
        act: Act,
        done: oneshot::Sender<Result<(), ActError>>,
    },
}

pub async fn console(shared: Arc<Shared>, agent: mpsc::Sender<Ask>) {
    let mut line = Line::new("console");
    loop {
        let Err(error) = session(&shared, &agent, &mut line).await;
        line.is_down(&error).await;
    }
}

async fn session(
    shared: &Shared,
    agent: &mpsc::Sender<Ask>,
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
    let mut usages = interval(USAGE);
    usages.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Dropped with the session.
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            message = down.message() => match message?.ok_or(SessionError::Closed)? {
                AgentDown::Wanted { version, services } => {
                    let (on_disk, kept) = oneshot::channel();
                    let wanted = Wanted { version, services };
                    agent.send(Ask::Wanted { wanted, on_disk }).await.map_err(|_| SessionError::Closed)?;
                    kept.await.map_err(|_| SessionError::NotKept)?;
                    // Not before: on a full disk each call would end here, and start anew without a pause.
                    if !std::mem::replace(&mut kept_any, true) {
                        line.is_up();
                    }
                    say(AgentUp::Accepted { version }).await?;
                }
                AgentDown::Act { request, replica_id, action } => {
                    let (done, answer) = oneshot::channel();
                    let act = Act { replica_id, action };
                    agent.send(Ask::Act { act, done }).await.map_err(|_| SessionError::Closed)?;
                    let refused = answer.await.map_err(|_| SessionError::Closed)?.err();
                    say(AgentUp::Acted { request, refused: refused.map(|error| error.to_string()) }).await?;
                }
                AgentDown::ReadOutput { request, replica_id, read } => {
                    let folder = shared.replicas_dir().join(replica_id.as_str());
                    // Aside: a slow disk does not hold up what else is said.
                    let (driver, up) = (driver_of(shared, &folder), up.clone());
                    tasks.spawn(async move {
                        let reading = tokio::task::spawn_blocking(move || driver.read_output(&folder, read));
                        if let Ok(output) = reading.await {
                            let _ = up.send(AgentUp::Output { request, output }).await;
                        }
                    });
                }
                AgentDown::Unknown => {}
            },
            Some(_) = tasks.join_next() => {}
            _ = usages.tick() => {
                let running = shared.all_running();
                let up = up.clone();
                tasks.spawn(async move {
                    let _ = up.send(usage(running).await).await;
                });
            }
            Ok(()) = changed.changed() => {
                let many = u32::try_from(changed.borrow().reports.len()).unwrap_or(u32::MAX);
                due.get_or_insert_with(|| Instant::now() + COALESCE + EACH * many);
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
        means: shared.drivers.means(),
    }
}

/// Of a replica by its folder; one that is not there reads as one that has printed nothing.
fn driver_of(shared: &Shared, folder: &Path) -> Arc<dyn Driver> {
    let spec = files::read_json::<ReplicaSpec>(&folder.join(SPEC)).ok().flatten();
    shared.drivers.of(&spec.map(|spec| spec.workload.runtime).unwrap_or_default())
}
