//! The console's side of the link.

use super::until;
use domain::snapshot::{Delta, Snapshot, SnapshotHash};
use link::engine_link_server::{EngineLink, EngineLinkServer};
use link::message::{DoorReport, EngineDown, EngineHello, EngineUp};
use link::telemetry::Telemetry;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status, Streaming};

type Down = mpsc::Sender<Result<EngineDown, Status>>;

#[derive(Default)]
struct State {
    heard: Vec<EngineUp>,
    session: Option<Down>,
}

pub struct Console {
    state: Arc<Mutex<State>>,
    server: tokio::task::JoinHandle<()>,
    /// Whether telemetry is acknowledged.
    receives: Arc<std::sync::atomic::AtomicBool>,
}

struct Link {
    state: Arc<Mutex<State>>,
    receives: Arc<std::sync::atomic::AtomicBool>,
}

#[tonic::async_trait]
impl EngineLink for Link {
    type SessionStream = ReceiverStream<Result<EngineDown, Status>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (down, receiver) = mpsc::channel(16);
        self.state.lock().unwrap().session = Some(down.clone());
        let (state, receives) = (self.state.clone(), self.receives.clone());
        let mut up = request.into_inner();
        tokio::spawn(async move {
            while let Ok(Some(told)) = up.message().await {
                if let EngineUp::Telemetry(batch) = &told
                    && receives.load(std::sync::atomic::Ordering::Relaxed)
                {
                    let _ = down.send(Ok(EngineDown::TelemetryReceived { sequence: batch.sequence })).await;
                }
                state.lock().unwrap().heard.push(told);
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

impl Console {
    pub async fn start(folder: &Path) -> Self {
        Self::serve(tonic::transport::Server::builder(), link::socket::listen(&folder.join("console.sock")).unwrap())
    }

    /// For engines of other hosts.
    pub async fn listen(address: SocketAddr, authority: &link::Authority) -> (Self, SocketAddr) {
        // One before may be on its way out.
        let incoming = until("a free port", async || link::remote::listen(address, authority).ok()).await;
        let address = incoming.local_addr();
        (Self::serve(link::server(), incoming), address)
    }

    fn serve<I>(mut builder: Server, incoming: impl Stream<Item = std::io::Result<I>> + Send + 'static) -> Self
    where
        I: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
        let state = Arc::<Mutex<State>>::default();
        let receives = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let service = EngineLinkServer::new(Link { state: state.clone(), receives: receives.clone() })
            .max_decoding_message_size(link::MAX_MESSAGE);
        let server = tokio::spawn(async move {
            let _ = builder.add_service(service).serve_with_incoming(incoming).await;
        });
        Self { state, server, receives }
    }

    pub fn acknowledge(&self, yes: bool) {
        self.receives.store(yes, std::sync::atomic::Ordering::Relaxed);
    }

    /// Breaks the session off; the engine has to call again.
    pub async fn hang_up(&self) {
        let session = self.state.lock().unwrap().session.take();
        session.unwrap().send(Err(Status::unavailable("hung up"))).await.unwrap();
    }

    pub async fn send(&self, down: EngineDown) {
        let session = until("a session", async || self.state.lock().unwrap().session.clone()).await;
        session.send(Ok(down)).await.unwrap();
    }

    pub async fn hear<T>(&self, what: &str, find: impl Fn(&EngineUp) -> Option<T>) -> T {
        until(what, async || self.state.lock().unwrap().heard.iter().rev().find_map(&find)).await
    }

    pub async fn hello(&self) -> EngineHello {
        let hello = |up: &EngineUp| if let EngineUp::Hello(hello) = up { Some(hello.clone()) } else { None };
        self.hear("hello", hello).await
    }

    pub fn forget(&self) {
        self.state.lock().unwrap().heard.clear();
    }

    pub async fn config(&self, old: &Snapshot, new: &Snapshot) {
        self.send(EngineDown::Config(Delta::between(old, new))).await;
        self.loaded(new.version, new.hash()).await;
    }

    pub async fn loaded(&self, version: u64, hash: SnapshotHash) {
        self.hear("loaded", |up| match up {
            EngineUp::Loaded { version: v, hash: h } if (*v, *h) == (version, hash) => Some(()),
            EngineUp::Refused { version: v, reason, .. } if *v == version => panic!("refused: {reason}"),
            _ => None,
        })
        .await;
    }

    pub async fn refused(&self, version: u64) -> String {
        self.hear("refused", |up| match up {
            EngineUp::Refused { version: v, reason, .. } if *v == version => Some(reason.clone()),
            _ => None,
        })
        .await
    }

    /// The newest report.
    pub fn doors(&self) -> Vec<DoorReport> {
        let state = self.state.lock().unwrap();
        let doors = |up: &EngineUp| if let EngineUp::Doors(doors) = up { Some(doors.clone()) } else { None };
        state.heard.iter().rev().find_map(doors).unwrap_or_default()
    }

    /// Of everything that was heard, in order.
    pub fn all<T>(&self, find: impl Fn(&EngineUp) -> Option<T>) -> Vec<T> {
        self.state.lock().unwrap().heard.iter().filter_map(find).collect()
    }

    pub fn telemetry(&self) -> Vec<Telemetry> {
        let state = self.state.lock().unwrap();
        let batch = |up: &EngineUp| if let EngineUp::Telemetry(batch) = up { Some(batch.clone()) } else { None };
        state.heard.iter().filter_map(batch).collect()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.server.abort();
    }
}
