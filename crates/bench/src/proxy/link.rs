//! Plays the console's and the agent's side of the engine's link: sends everything once, acknowledges what comes.

use anyhow::{Context, Result, bail};
use domain::endpoint::Endpoint;
use domain::id::{AgentId, RANDOM_LEN};
use domain::snapshot::{Delta, Snapshot};
use link::endpoint_link_client::EndpointLinkClient;
use link::engine_link_server::{EngineLink, EngineLinkServer};
use link::message::{EndpointDown, EndpointUp, EngineDown, EngineUp};
use link::telemetry::{AccessRecord, Telemetry};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

const SOON: Duration = Duration::from_secs(60);
/// Records that are kept to be looked at.
const KEPT: usize = 1000;

/// What the engine told.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    records: Vec<AccessRecord>,
    lost: u64,
    requests: u64,
    tokens: u64,
}

impl Told {
    fn take(&self, batch: Telemetry) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.lost = batch.records_dropped;
        heard.requests =
            heard.requests.max(batch.services.iter().map(|service| service.counters.requests).max().unwrap_or(0));
        heard.tokens = heard.tokens.max(batch.services.iter().map(|service| service.tokens_out).sum());
        let room = KEPT.saturating_sub(heard.records.len());
        heard.records.extend(batch.records.into_iter().take(room));
    }

    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).records.clear();
    }

    pub fn has(&self, path: &str, status: u16) -> bool {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.records.iter().any(|record| record.path == path && record.status == status)
    }

    /// Whether a service's counter has moved.
    pub fn counts(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).requests > 0
    }

    /// Of models' answers, where they are read.
    pub fn tokens(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tokens
    }

    /// Records that the engine could not keep.
    pub fn lost(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lost
    }
}

type Down = mpsc::Sender<Result<EngineDown, Status>>;

/// Ends with the last of its parts.
pub struct Link {
    told: Told,
    /// The engine's newest session.
    session: Arc<Mutex<Option<Down>>>,
    answers: mpsc::Receiver<Result<(), String>>,
    server: tokio::task::JoinHandle<()>,
    // The engine keeps what an agent said while it is connected, and after.
    _agent: mpsc::Sender<EndpointUp>,
}

struct Console {
    snapshot: Snapshot,
    told: Told,
    session: Arc<Mutex<Option<Down>>>,
    loaded: mpsc::Sender<Result<(), String>>,
}

#[tonic::async_trait]
impl EngineLink for Console {
    type SessionStream = ReceiverStream<Result<EngineDown, Status>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (down, answers) = mpsc::channel(16);
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(down.clone());
        let _ = down.send(Ok(EngineDown::Config(Delta::whole(&self.snapshot)))).await;
        let (told, loaded) = (self.told.clone(), self.loaded.clone());
        let mut up = request.into_inner();
        tokio::spawn(async move {
            while let Ok(Some(said)) = up.message().await {
                match said {
                    EngineUp::Telemetry(batch) => {
                        let _ = down.send(Ok(EngineDown::TelemetryReceived { sequence: batch.sequence })).await;
                        told.take(batch);
                    }
                    EngineUp::Loaded { .. } => drop(loaded.try_send(Ok(()))),
                    EngineUp::Refused { reason, .. } => drop(loaded.try_send(Err(reason))),
                    _ => {}
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(answers)))
    }
}

type Incoming = Pin<Box<dyn Stream<Item = std::io::Result<UnixStream>> + Send>>;

/// Before the engine is started, so that its first call is answered.
pub fn listen(socket: &Path) -> Result<Incoming> {
    Ok(Box::pin(link::socket::listen(socket)?))
}

impl Link {
    /// Returns when the engine serves this.
    pub async fn tell(incoming: Incoming, snapshot: Snapshot, agent: &Path, endpoints: Vec<Endpoint>) -> Result<Self> {
        let told = Told::default();
        let (loaded, mut answers) = mpsc::channel(16);
        let session = Arc::default();
        let console = Console { snapshot, told: told.clone(), session: Arc::clone(&session), loaded };
        let service = EngineLinkServer::new(console)
            .max_decoding_message_size(link::MAX_MESSAGE)
            .max_encoding_message_size(link::MAX_MESSAGE);
        let server = tokio::spawn(async move {
            let _ = tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming).await;
        });
        heard(&mut answers).await?;
        Ok(Self { told, session, answers, server, _agent: ready(agent, endpoints).await? })
    }

    pub async fn send(&self, delta: Delta) -> Result<()> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        session.context("the engine does not call")?.send(Ok(EngineDown::Config(delta))).await?;
        Ok(())
    }

    /// Returns when what was sent last is served; to be called once for each.
    pub async fn loaded(&mut self) -> Result<()> {
        heard(&mut self.answers).await
    }

    pub fn told(&self) -> Told {
        self.told.clone()
    }
}

async fn heard(answers: &mut mpsc::Receiver<Result<(), String>>) -> Result<()> {
    match tokio::time::timeout(SOON, answers.recv()).await.context("the engine does not answer")? {
        Some(Ok(())) => Ok(()),
        Some(Err(reason)) => bail!("the engine refuses the configuration: {reason}"),
        None => bail!("the engine does not call"),
    }
}

async fn ready(socket: &Path, endpoints: Vec<Endpoint>) -> Result<mpsc::Sender<EndpointUp>> {
    let end = Instant::now() + SOON;
    let channel = loop {
        match link::socket::connect(socket).await {
            Ok(channel) => break channel,
            Err(error) if Instant::now() > end => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let (up, said) = mpsc::channel(16);
    let agent_id = AgentId::from_random([5; RANDOM_LEN]);
    up.send(EndpointUp::Ready { agent_id, sequence: 1, endpoints }).await?;
    let mut down = EndpointLinkClient::new(channel)
        .max_encoding_message_size(link::MAX_MESSAGE)
        .session(ReceiverStream::new(said))
        .await?
        .into_inner();
    match down.message().await? {
        Some(EndpointDown::Loaded { .. }) => Ok(up),
        other => bail!("the engine does not take the replicas: {other:?}"),
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.server.abort();
    }
}
