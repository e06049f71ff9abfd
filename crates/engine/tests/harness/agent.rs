//! The agent's side of the endpoint link.

use super::{replica_id, service_id, until};
use domain::endpoint::{DEFAULT_WEIGHT, Endpoint};
use domain::id::{AgentId, RANDOM_LEN, ServiceId};
use link::endpoint_link_client::EndpointLinkClient;
use link::message::{EndpointDown, EndpointUp};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

pub struct Agent {
    up: mpsc::Sender<EndpointUp>,
    down: Streaming<EndpointDown>,
    sequence: u64,
    /// Of replicas at these addresses, told from the next time on; others weigh as they do by default.
    pub weights: HashMap<SocketAddr, u32>,
}

impl Agent {
    pub async fn connect(folder: &Path) -> Self {
        let socket = folder.join("endpoint.sock");
        let channel = until("the endpoint socket", async || link::socket::connect(&socket).await.ok()).await;
        let (up, receiver) = mpsc::channel(16);
        let down = EndpointLinkClient::new(channel).session(ReceiverStream::new(receiver)).await.unwrap();
        Self { up, down: down.into_inner(), sequence: 0, weights: HashMap::new() }
    }

    /// Tells these as all ready replicas and waits until the engine balances over them.
    pub async fn ready(&mut self, addresses: &[SocketAddr]) {
        let replicas: Vec<_> = addresses.iter().map(|address| (service_id(), *address)).collect();
        self.ready_for(&replicas).await;
    }

    /// As `ready`, of several services.
    pub async fn ready_for(&mut self, replicas: &[(ServiceId, SocketAddr)]) {
        self.sequence += 1;
        let endpoint = |(n, (service_id, address)): (usize, &(ServiceId, SocketAddr))| Endpoint {
            service_id: service_id.clone(),
            replica_id: replica_id(10 + n as u8),
            address: *address,
            weight: self.weights.get(address).copied().unwrap_or(DEFAULT_WEIGHT),
        };
        let endpoints = replicas.iter().enumerate().map(endpoint).collect();
        let agent_id = AgentId::from_random([5; RANDOM_LEN]);
        self.up.send(EndpointUp::Ready { agent_id, sequence: self.sequence, endpoints }).await.unwrap();
        match self.down.message().await.unwrap() {
            Some(EndpointDown::Loaded { sequence }) => assert_eq!(sequence, self.sequence),
            other => panic!("{other:?}"),
        }
    }
}
