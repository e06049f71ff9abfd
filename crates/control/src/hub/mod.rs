//! Where engines and agents call in.

mod agents;
mod engines;

use crate::Control;
use link::agent_link_server::AgentLinkServer;
use link::engine_link_server::EngineLinkServer;
use std::path::Path;
use tonic::transport::Server;

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error(transparent)]
    Socket(#[from] link::socket::SocketError),
    #[error("the link of engines and agents ended: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves engines and agents at this socket until `shutdown`.
pub async fn serve(control: Control, socket: &Path, shutdown: impl Future<Output = ()>) -> Result<(), HubError> {
    let incoming = link::socket::listen(socket)?;
    let engines = EngineLinkServer::new(engines::Engines(control.clone()));
    let agents = AgentLinkServer::new(agents::Agents(control));
    let serving = Server::builder()
        .add_service(engines.max_decoding_message_size(link::MAX_MESSAGE).max_encoding_message_size(link::MAX_MESSAGE))
        .add_service(agents.max_decoding_message_size(link::MAX_MESSAGE).max_encoding_message_size(link::MAX_MESSAGE))
        .serve_with_incoming(incoming);
    // Sessions end only with one of their sides, so waiting for their end would be waiting for nothing.
    tokio::select! {
        served = serving => Ok(served?),
        () = shutdown => Ok(()),
    }
}
