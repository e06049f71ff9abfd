//! The session with the console: called again and again, never needed.

use crate::core::Command;
use crate::host::Host;
use crate::record::Outbox;
use crate::reports::DoorReports;
use domain::host::HostDoors;
use domain::id::EngineId;
use domain::snapshot::SnapshotHash;
use link::LinkError;
use link::engine_link_client::EngineLinkClient;
use link::message::{EngineDown, EngineHello, EngineUp};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Between two looks into the workers' rings.
const COLLECT: Duration = Duration::from_millis(250);
/// Looks for one batch.
const LOOKS: u32 = 4;
/// Between two batches that are sent because requests begin to be held.
const AGAIN: Duration = Duration::from_millis(100);

pub struct Console {
    pub engine_id: EngineId,
    pub console: link::Console,
    /// Of a host that has joined.
    pub public: Option<HostDoors>,
    pub commands: mpsc::Sender<Command>,
    pub current: watch::Receiver<(u64, SnapshotHash)>,
    pub doors: DoorReports,
    pub host: watch::Receiver<Arc<Host>>,
    pub outbox: Outbox,
    /// How many files the engine may have open, if there is a limit.
    pub open_files: Option<u64>,
    /// The workers have ended: what they left goes to the console, and that is all.
    pub closing: Arc<Notify>,
}

#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("the console broke off: {0}")]
    Broken(#[from] Status),
    #[error("the console closed the session")]
    Closed,
    #[error("the engine ends")]
    Done,
}

/// Runs until it is dropped.
pub async fn talk(mut console: Console) {
    let mut wait = FIRST_WAIT;
    let mut ticks = interval(COLLECT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = 0;
    let mut connected = true;
    let (filled, closing) = (console.outbox.filled(), console.closing.clone());
    loop {
        // While nobody answers, the workers' rings still have to be emptied.
        let mut opening = pin!(open(&console));
        let attempt = loop {
            tokio::select! {
                attempt = &mut opening => break attempt,
                _ = ticks.tick() => console.look(&mut looks, false),
                () = filled.notified() => console.outbox.collect(),
                () = closing.notified() => return,
            }
        };
        let ended = match attempt {
            Ok((up, down)) => {
                tracing::info!(console = %console.console, "connected to the console");
                (connected, wait) = (true, FIRST_WAIT);
                console.session(up, down, &mut ticks, &mut looks).await
            }
            Err(error) => error,
        };
        if matches!(ended, Ended::Done) {
            return;
        }
        if connected {
            tracing::warn!(reason = %ended, "without the console; serving what was told last and calling again");
            connected = false;
        }
        let mut pause = pin!(sleep(wait));
        loop {
            tokio::select! {
                () = &mut pause => break,
                _ = ticks.tick() => console.look(&mut looks, false),
                () = filled.notified() => console.outbox.collect(),
                () = closing.notified() => return,
            }
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

type Session = (mpsc::Sender<EngineUp>, Streaming<EngineDown>);

/// Resolves to a session, whatever becomes of `console` meanwhile.
fn open(console: &Console) -> impl Future<Output = Result<Session, Ended>> + use<> {
    let hello = EngineHello {
        engine_id: console.engine_id.clone(),
        software: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        version: 0,
        hash: SnapshotHash::default(),
        open_files: console.open_files,
        addresses: Vec::new(),
        public: console.public.clone(),
    };
    call(console.console.clone(), console.current.clone(), console.host.clone(), hello)
}

async fn call(
    console: link::Console,
    current: watch::Receiver<(u64, SnapshotHash)>,
    host: watch::Receiver<Arc<Host>>,
    mut hello: EngineHello,
) -> Result<Session, Ended> {
    let channel = console.connect().await?;
    let mut client = EngineLinkClient::new(channel)
        .max_decoding_message_size(link::MAX_MESSAGE)
        .max_encoding_message_size(link::MAX_MESSAGE);
    let (up, receiver) = mpsc::channel(64);
    // As they are now: connecting may have taken a while.
    (hello.version, hello.hash) = *current.borrow();
    hello.addresses = host.borrow().addresses.clone();
    // Before the call: a console may answer only when it knows who calls.
    up.send(EngineUp::Hello(hello)).await.map_err(|_| Ended::Closed)?;
    let down = client.session(ReceiverStream::new(receiver)).await?;
    Ok((up, down.into_inner()))
}

impl Console {
    async fn session(
        &mut self,
        up: mpsc::Sender<EngineUp>,
        mut down: Streaming<EngineDown>,
        ticks: &mut Interval,
        looks: &mut u32,
    ) -> Ended {
        let mut sent = 0;
        let (filled, held) = (self.outbox.filled(), self.outbox.held());
        let mut told_at: Option<Instant> = None;
        self.outbox.tell_all();
        self.doors.mark_changed();
        // The host may have changed since the hello was written.
        self.host.mark_changed();
        loop {
            tokio::select! {
                told = down.message() => match told {
                    Ok(Some(told)) => self.take(told, &up).await,
                    Ok(None) => return Ended::Closed,
                    Err(error) => return error.into(),
                },
                changed = self.doors.changed() => {
                    let doors = self.doors.look();
                    if changed.is_err() || up.send(EngineUp::Doors(doors)).await.is_err() {
                        return Ended::Closed;
                    }
                }
                Ok(()) = self.host.changed() => {
                    let addresses = self.host.borrow_and_update().addresses.clone();
                    if up.send(EngineUp::Addresses(addresses)).await.is_err() {
                        return Ended::Closed;
                    }
                }
                () = self.closing.notified() => {
                    let mut now = LOOKS;
                    self.look(&mut now, true);
                    let told = self.send_telemetry(&up, &mut sent);
                    while told.is_ok() && self.outbox.after(0).is_some() {
                        // It is not done before the console has it; who waits for this knows for how long.
                        match down.message().await {
                            Ok(Some(told)) => self.take(told, &up).await,
                            _ => break,
                        }
                    }
                    return Ended::Done;
                }
                () = filled.notified() => {
                    self.outbox.collect();
                    self.outbox.seal_heavy();
                    if self.send_telemetry(&up, &mut sent).is_err() {
                        return Ended::Closed;
                    }
                }
                () = held.notified() => {
                    if told_at.is_some_and(|at| at.elapsed() < AGAIN) {
                        // Who comes and goes all the time is told of with the next look.
                        *looks = LOOKS;
                        continue;
                    }
                    told_at = Some(Instant::now());
                    self.outbox.collect();
                    self.outbox.seal(false);
                    if self.send_telemetry(&up, &mut sent).is_err() {
                        return Ended::Closed;
                    }
                }
                _ = ticks.tick() => {
                    self.look(looks, true);
                    if self.send_telemetry(&up, &mut sent).is_err() {
                        return Ended::Closed;
                    }
                }
            }
        }
    }

    async fn take(&mut self, told: EngineDown, up: &mpsc::Sender<EngineUp>) {
        match told {
            EngineDown::Config(delta) => {
                let _ = self.commands.send(Command::Config { delta, reply: up.clone() }).await;
            }
            EngineDown::Endpoints { agent_id, endpoints } => {
                // Nobody asks when; the agent itself told the console.
                let done = oneshot::channel().0;
                let _ = self.commands.send(Command::Endpoints { agent_id, endpoints, done }).await;
            }
            EngineDown::TelemetryReceived { sequence } => self.outbox.received(sequence),
            EngineDown::Unknown => {}
        }
    }

    fn look(&mut self, looks: &mut u32, heartbeat: bool) {
        self.outbox.collect();
        *looks += 1;
        if *looks >= LOOKS {
            *looks = 0;
            self.outbox.seal(heartbeat);
        }
    }

    /// What was not sent in this session yet. A slow console is not waited for: configuration comes first.
    fn send_telemetry(&self, up: &mpsc::Sender<EngineUp>, sent: &mut u64) -> Result<(), Ended> {
        while let Some(batch) = self.outbox.after(*sent) {
            match up.try_reserve() {
                Ok(place) => {
                    *sent = batch.sequence;
                    place.send(EngineUp::Telemetry(batch.clone()));
                }
                Err(TrySendError::Full(())) => return Ok(()),
                Err(TrySendError::Closed(())) => return Err(Ended::Closed),
            }
        }
        Ok(())
    }
}
