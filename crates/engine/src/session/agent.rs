//! The socket that this host's agent calls with its ready replicas.

use crate::core::Command;
use crate::error::EngineError;
use link::endpoint_link_server::{EndpointLink, EndpointLinkServer};
use link::message::{EndpointDown, EndpointUp};
use std::path::Path;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

struct Agents {
    commands: mpsc::Sender<Command>,
}

#[tonic::async_trait]
impl EndpointLink for Agents {
    type SessionStream = ReceiverStream<Result<EndpointDown, Status>>;

    async fn session(&self, request: Request<Streaming<EndpointUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(listen(request.into_inner(), self.commands.clone(), sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Until the agent goes. What it told last stays: its replicas run without it.
async fn listen(
    mut told: Streaming<EndpointUp>,
    commands: mpsc::Sender<Command>,
    answers: mpsc::Sender<Result<EndpointDown, Status>>,
) {
    loop {
        match told.message().await {
            Ok(Some(EndpointUp::Ready { agent_id, sequence, endpoints })) => {
                let (done, loaded) = oneshot::channel();
                if commands.send(Command::Endpoints { agent_id, endpoints, done }).await.is_err() {
                    return;
                }
                if loaded.await.is_err() || answers.send(Ok(EndpointDown::Loaded { sequence })).await.is_err() {
                    return;
                }
            }
            Ok(Some(EndpointUp::Unknown)) => {}
            Ok(None) => return,
            Err(error) => {
                tracing::info!(%error, "an agent's session ended; its replicas stay as it told them last");
                return;
            }
        }
    }
}

/// Binds `socket` now; the returned future serves it until it is dropped.
pub fn serve(
    socket: &Path,
    commands: mpsc::Sender<Command>,
) -> Result<impl Future<Output = Result<(), EngineError>> + Send + use<>, EngineError> {
    let incoming = link::socket::listen(socket)?;
    let service = EndpointLinkServer::new(Agents { commands })
        .max_decoding_message_size(link::MAX_MESSAGE)
        .max_encoding_message_size(link::MAX_MESSAGE);
    Ok(async move {
        tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming).await?;
        Ok(())
    })
}
