//! Console and engine over real sockets.

use domain::endpoint::{Endpoint, ReplicaReport, ReplicaUsage, WantedService};
use link::agent_link_server::{AgentLink, AgentLinkServer};
use link::endpoint_link_server::{EndpointLink, EndpointLinkServer};
use link::message::{AgentDown, AgentHello, AgentUp, EndpointDown, EndpointUp, Output};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

/// Everything that was said.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub hellos: Vec<AgentHello>,
    pub accepted: u64,
    pub replicas: Vec<ReplicaReport>,
    pub endpoints: Vec<Endpoint>,
    pub usages: Vec<(u64, Vec<ReplicaUsage>)>,
    pub acted: Vec<(u64, Option<String>)>,
    pub outputs: Vec<(u64, Output)>,
    /// Number and size of each set of endpoints.
    pub sequences: Vec<(u64, usize)>,
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

struct Console {
    wants: watch::Receiver<(u64, Vec<WantedService>)>,
    hears: watch::Sender<Heard>,
    /// What else the console says, to all who listen.
    asks: broadcast::Sender<AgentDown>,
}

#[tonic::async_trait]
impl AgentLink for Console {
    type SessionStream = Answers<AgentDown>;

    async fn session(&self, request: Request<Streaming<AgentUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let mut up = request.into_inner();
        let hears = self.hears.clone();
        // Before anybody hears of the agent, who may then ask it something.
        let mut asks = self.asks.subscribe();
        match up.message().await? {
            Some(AgentUp::Hello(hello)) => hears.send_modify(|heard| heard.hellos.push(hello)),
            other => panic!("hello is always first, not {other:?}"),
        }
        tokio::spawn(async move {
            while let Ok(Some(message)) = up.message().await {
                hears.send_modify(|heard| match message {
                    AgentUp::Accepted { version } => heard.accepted = version,
                    AgentUp::Replicas(replicas) => heard.replicas = replicas,
                    AgentUp::Usage { at_us, replicas } => heard.usages.push((at_us, replicas)),
                    AgentUp::Acted { request, refused } => heard.acted.push((request, refused)),
                    AgentUp::Output { request, output } => heard.outputs.push((request, output)),
                    other => panic!("unexpected {other:?}"),
                });
            }
        });
        let (sender, receiver) = mpsc::channel(1);
        let mut wants = self.wants.clone();
        wants.mark_changed();
        tokio::spawn(async move {
            loop {
                let message = tokio::select! {
                    changed = wants.changed() => {
                        let (version, services) = wants.borrow_and_update().clone();
                        if changed.is_err() {
                            return;
                        }
                        if version == 0 {
                            continue;
                        }
                        AgentDown::Wanted { version, services }
                    }
                    Ok(ask) = asks.recv() => ask,
                };
                if sender.send(Ok(message)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

pub fn console(
    socket: &Path,
    wants: watch::Receiver<(u64, Vec<WantedService>)>,
    asks: broadcast::Sender<AgentDown>,
    hears: watch::Sender<Heard>,
) {
    let incoming = link::socket::listen(socket).unwrap();
    tokio::spawn(
        Server::builder()
            .add_service(
                AgentLinkServer::new(Console { wants, hears, asks })
                    .max_encoding_message_size(link::MAX_MESSAGE)
                    .max_decoding_message_size(link::MAX_MESSAGE),
            )
            .serve_with_incoming(incoming),
    );
}

#[derive(Clone)]
pub struct Engine {
    hears: watch::Sender<Heard>,
    /// Says `Loaded`.
    pub answers: Arc<AtomicBool>,
    /// Ends all sessions when it changes.
    pub hang_up: watch::Sender<()>,
}

#[tonic::async_trait]
impl EndpointLink for Engine {
    type SessionStream = Answers<EndpointDown>;

    async fn session(&self, request: Request<Streaming<EndpointUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (hears, answers) = (self.hears.clone(), Arc::clone(&self.answers));
        let mut up = request.into_inner();
        let (sender, down) = mpsc::channel(1);
        let mut hang_up = self.hang_up.subscribe();
        tokio::spawn(async move {
            loop {
                let message = tokio::select! {
                    message = up.message() => message,
                    _ = hang_up.changed() => return,
                };
                let Ok(Some(EndpointUp::Ready { sequence, endpoints, .. })) = message else { return };
                hears.send_modify(|heard| {
                    heard.sequences.push((sequence, endpoints.len()));
                    heard.endpoints = endpoints;
                });
                if answers.load(Ordering::SeqCst) {
                    let _ = sender.send(Ok(EndpointDown::Loaded { sequence })).await;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(down))))
    }
}

impl Engine {
    pub fn start(socket: &Path, hears: watch::Sender<Heard>) -> Self {
        let engine = Self { hears, answers: Arc::new(AtomicBool::new(true)), hang_up: watch::Sender::new(()) };
        let incoming = link::socket::listen(socket).unwrap();
        let service = EndpointLinkServer::new(engine.clone()).max_decoding_message_size(link::MAX_MESSAGE);
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        engine
    }
}
