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
}

impl Told {
    fn take(&self, batch: Telemetry) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.lost = batch.records_dropped;
        heard.requests =
            heard.requests.max(batch.services.iter().map(|service| service.counters.requests).max().unwrap_or(0));
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

    /// Records that the engine could not keep.
    pub fn lost(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lost
    }
}

/// Ends with the last of its parts.
pub struct Link {
    told: Told,
    server: tokio::task::JoinHandle<()>,
    // The engine keeps what an agent said while it is connected, and after.
    _agent: mpsc::Sender<EndpointUp>,
}

struct Console {
    snapshot: Snapshot,
    told: Told,
    loaded: mpsc::Sender<Result<(), String>>,
}

#[tonic::async_trait]
impl EngineLink for Console {
    type SessionStream = ReceiverStream<Result<EngineDown, Status>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (down, answers) = mpsc::channel(16);
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
        let console = Console { snapshot, told: told.clone(), loaded };
        let service = EngineLinkServer::new(console).max_decoding_message_size(link::MAX_MESSAGE);
        let server = tokio::spawn(async move {
            let _ = tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming).await;
        });
        match tokio::time::timeout(SOON, answers.recv()).await.context("the engine does not call")? {
            Some(Err(reason)) => bail!("the engine refuses the configuration: {reason}"),
            loaded => loaded.transpose().map_err(anyhow::Error::msg)?.context("the engine does not call")?,
        }
        Ok(Self { told, server, _agent: ready(agent, endpoints).await? })
    }

    pub fn told(&self) -> Told {
        self.told.clone()
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
    let mut down = EndpointLinkClient::new(channel).session(ReceiverStream::new(said)).await?.into_inner();
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
