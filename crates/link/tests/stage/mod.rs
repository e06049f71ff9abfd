//! A console that other hosts call over loopback, as far as the link needs one.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use domain::host::HostDoors;
use domain::id::{AgentId, EngineId, HostId, RANDOM_LEN};
use domain::secret::Secret;
use link::engine_link_server::{EngineLink, EngineLinkServer};
use link::join_link_server::{JoinLink, JoinLinkServer};
use link::message::{EngineDown, EngineHello, EngineUp, JoinReply, JoinRequest};
use link::{Authority, JoinToken, Joining, MAX_JOIN, Peer};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

pub const SECRET: &str = "a secret of 256 random bits, as text, 43 ch";

#[derive(Clone)]
pub struct Heard {
    pub authority: Arc<Authority>,
    pub joins: Arc<Mutex<Vec<JoinRequest>>>,
    /// Of each session.
    pub peers: Arc<Mutex<Vec<Peer>>>,
    /// Sessions that ended.
    pub ended: Arc<watch::Sender<usize>>,
}

pub struct Stage {
    pub heard: Heard,
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub fn host_id() -> HostId {
    HostId::from_random([5; RANDOM_LEN])
}

impl Stage {
    pub fn start() -> Self {
        Self::with(Authority::create().unwrap())
    }

    pub fn with(authority: Authority) -> Self {
        let heard = Heard {
            authority: Arc::new(authority),
            joins: Arc::default(),
            peers: Arc::default(),
            ended: Arc::default(),
        };
        let incoming = link::remote::listen(([127, 0, 0, 1], 0).into(), &heard.authority).unwrap();
        let address = incoming.local_addr();
        let server = link::server()
            .add_service(EngineLinkServer::new(heard.clone()))
            .add_service(JoinLinkServer::new(heard.clone()).max_decoding_message_size(MAX_JOIN));
        let serving = tokio::spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
        Self { heard, address, serving }
    }

    pub fn console(&self) -> String {
        self.address.to_string()
    }

    pub fn token(&self) -> JoinToken {
        JoinToken::new(&Secret::new(SECRET), self.heard.authority.fingerprint())
    }
}

pub fn joining() -> Joining {
    Joining {
        engine_id: EngineId::from_random([1; RANDOM_LEN]),
        agent_id: AgentId::from_random([2; RANDOM_LEN]),
        hostname: "zweiter\u{1b}[31m".into(),
        software: "test".into(),
        public: HostDoors { http: vec!["10.0.0.2:80".parse().unwrap()], ..HostDoors::default() },
    }
}

pub fn hello() -> EngineUp {
    EngineUp::Hello(EngineHello {
        engine_id: EngineId::from_random([1; RANDOM_LEN]),
        software: "test".into(),
        pid: 1,
        version: 0,
        hash: domain::snapshot::Snapshot::default().hash(),
        open_files: None,
        addresses: Vec::new(),
        public: None,
    })
}

#[tonic::async_trait]
impl JoinLink for Heard {
    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinReply>, Status> {
        let request = request.into_inner();
        if request.token.reveal() != SECRET {
            return Err(Status::permission_denied("this token was used; make a new one\u{7} on the Hosts page"));
        }
        let signed = self.authority.sign(&request.csr, &host_id());
        let signed = signed.map_err(|error| Status::invalid_argument(error.to_string()))?;
        self.joins.lock().unwrap().push(request);
        Ok(Response::new(JoinReply { host_id: host_id(), certificate: signed.certificate }))
    }
}

#[tonic::async_trait]
impl EngineLink for Heard {
    type SessionStream = Pin<Box<dyn Stream<Item = Result<EngineDown, Status>> + Send>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let peer = request.extensions().get::<Peer>().cloned().expect("over TCP there is one");
        self.peers.lock().unwrap().push(peer.clone());
        if peer.certificate.is_none() {
            return Err(Status::unauthenticated("join first"));
        }
        let mut up = request.into_inner();
        let Some(Ok(EngineUp::Hello(_))) = up.next().await else { return Err(Status::aborted("no hello")) };
        let first = tokio_stream::once(Ok(EngineDown::TelemetryReceived { sequence: 7 }));
        let (ended, (open, rest)) = (self.ended.clone(), mpsc::channel(1));
        tokio::spawn(async move {
            while let Some(Ok(_)) = up.next().await {}
            ended.send_modify(|ends| *ends += 1);
            drop(open);
        });
        // Open as long as the engine is.
        Ok(Response::new(Box::pin(first.chain(ReceiverStream::new(rest)))))
    }
}
