//! A console on another host, as far as who joins it can tell.

use domain::endpoint::{ReplicaReport, WantedService};
use domain::id::{HostId, RANDOM_LEN};
use domain::secret::Secret;
use domain::service::{Probe, Workload};
use link::agent_link_server::{AgentLink, AgentLinkServer};
use link::engine_link_server::{EngineLink, EngineLinkServer};
use link::join_link_server::{JoinLink, JoinLinkServer};
use link::message::{AgentDown, AgentHello, AgentUp, EngineDown, EngineHello, EngineUp, JoinReply, JoinRequest};
use link::{Authority, Fingerprint, JoinToken, Peer};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

#[derive(Default)]
pub struct Heard {
    pub joins: Vec<JoinRequest>,
    /// Of the host's certificate.
    pub signed: Option<Fingerprint>,
    pub engines: Vec<(Peer, EngineHello)>,
    pub agents: Vec<(Peer, AgentHello)>,
    pub replicas: Vec<ReplicaReport>,
}

#[derive(Clone)]
struct Console {
    authority: Arc<Authority>,
    heard: Arc<Mutex<Heard>>,
}

pub struct Elsewhere {
    console: Console,
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Elsewhere {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let console = Console { authority: Arc::new(Authority::create().unwrap()), heard: Arc::default() };
        let _entered = runtime.enter();
        let incoming = link::remote::listen(([127, 0, 0, 1], 0).into(), &console.authority).unwrap();
        let address = incoming.local_addr();
        let server = link::server()
            .add_service(JoinLinkServer::new(console.clone()).max_decoding_message_size(link::MAX_JOIN))
            .add_service(EngineLinkServer::new(console.clone()))
            .add_service(AgentLinkServer::new(console.clone()));
        runtime.spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
        drop(_entered);
        Self { console, address, _runtime: runtime }
    }

    pub fn token(&self) -> String {
        JoinToken::new(&Secret::new(SECRET), self.console.authority.fingerprint()).reveal()
    }

    pub fn heard<T>(&self, look: impl FnOnce(&Heard) -> T) -> T {
        look(&self.console.heard.lock().unwrap())
    }
}

fn wanted() -> WantedService {
    WantedService {
        service_id: "svc-test".parse().unwrap(),
        name: "test".into(),
        version: 1,
        replicas: 1,
        workload: Workload {
            command: ["inference-gateway", "sample-model"].map(String::from).into(),
            readiness: Probe::Http { path: "/health".into() }.into(),
            grace_seconds: 5,
            ..Workload::default()
        },
    }
}

#[tonic::async_trait]
impl JoinLink for Console {
    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinReply>, Status> {
        let request = request.into_inner();
        let mut heard = self.heard.lock().unwrap();
        if request.token.reveal() != SECRET || !heard.joins.is_empty() {
            return Err(Status::permission_denied("this token was used; make another one on the Hosts page"));
        }
        let host_id = HostId::from_random([7; RANDOM_LEN]);
        let signed =
            self.authority.sign(&request.csr, &host_id).map_err(|e| Status::invalid_argument(e.to_string()))?;
        heard.joins.push(request);
        heard.signed = Some(signed.fingerprint);
        Ok(Response::new(JoinReply { host_id, certificate: signed.certificate }))
    }
}

fn peer<T>(request: &Request<T>) -> Peer {
    request.extensions().get::<Peer>().cloned().expect("over TCP there is one")
}

#[tonic::async_trait]
impl EngineLink for Console {
    type SessionStream = ReceiverStream<Result<EngineDown, Status>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (peer, mut up, heard) = (peer(&request), request.into_inner(), self.heard.clone());
        let (down, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Ok(Some(told)) = up.message().await {
                if let EngineUp::Hello(hello) = told {
                    heard.lock().unwrap().engines.push((peer.clone(), hello));
                }
            }
            drop(down);
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

#[tonic::async_trait]
impl AgentLink for Console {
    type SessionStream = ReceiverStream<Result<AgentDown, Status>>;

    async fn session(&self, request: Request<Streaming<AgentUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (peer, mut up, heard) = (peer(&request), request.into_inner(), self.heard.clone());
        let (down, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Ok(Some(told)) = up.message().await {
                match told {
                    AgentUp::Hello(hello) => {
                        heard.lock().unwrap().agents.push((peer.clone(), hello));
                        let _ = down.send(Ok(AgentDown::Wanted { version: 1, services: vec![wanted()] })).await;
                    }
                    AgentUp::Replicas(replicas) => heard.lock().unwrap().replicas = replicas,
                    _ => {}
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}
