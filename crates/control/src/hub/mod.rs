//! Where engines and agents call in: those of the console's own host over a socket, others over TLS.

mod agents;
mod asks;
mod caller;
mod engines;
mod joins;

pub(crate) use asks::{Answer, Asks};

use crate::Control;
use crate::hosts::LinkDoor;
use link::agent_link_server::AgentLinkServer;
use link::engine_link_server::EngineLinkServer;
use link::join_link_server::JoinLinkServer;
use std::net::SocketAddr;
use std::path::Path;
use tonic::transport::Server;
use tonic::transport::server::Router;

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error(transparent)]
    Socket(#[from] link::socket::SocketError),
    #[error(transparent)]
    Link(#[from] link::LinkError),
    #[error("the link of engines and agents ended: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves engines and agents at this socket until `shutdown`.
pub async fn serve(control: Control, socket: &Path, shutdown: impl Future<Output = ()>) -> Result<(), HubError> {
    let incoming = link::socket::listen(socket)?;
    let serving = sessions(Server::builder(), &control).serve_with_incoming(incoming);
    // Sessions end only with one of their sides, so waiting for their end would be waiting for nothing.
    tokio::select! {
        served = serving => Ok(served?),
        () = shutdown => Ok(()),
    }
}

/// Serves those of other hosts as well, and lets hosts join, until `shutdown`.
pub async fn serve_remote(
    control: Control,
    address: SocketAddr,
    authority: link::Authority,
    shutdown: impl Future<Output = ()>,
) -> Result<(), HubError> {
    let incoming = link::remote::listen(address, &authority)?;
    let door = LinkDoor { address: incoming.local_addr(), authority };
    control.open_link(door);
    let joins = JoinLinkServer::new(joins::Joins(control.clone()));
    let serving = sessions(link::server(), &control)
        .add_service(joins.max_decoding_message_size(link::MAX_JOIN))
        .serve_with_incoming(incoming);
    tokio::select! {
        served = serving => Ok(served?),
        () = shutdown => Ok(()),
    }
}

fn sessions(mut server: Server, control: &Control) -> Router {
    let engines = EngineLinkServer::new(engines::Engines(control.clone()));
    let agents = AgentLinkServer::new(agents::Agents(control.clone()));
    server
        .add_service(engines.max_decoding_message_size(link::MAX_MESSAGE).max_encoding_message_size(link::MAX_MESSAGE))
        .add_service(agents.max_decoding_message_size(link::MAX_MESSAGE).max_encoding_message_size(link::MAX_MESSAGE))
}
