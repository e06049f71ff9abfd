//! Tells the host's engine which replicas can take requests.

use super::{Line, SessionError};
use crate::agent::Shared;
use link::endpoint_link_client::EndpointLinkClient;
use link::message::{EndpointDown, EndpointUp};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// What is known of the engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct EngineView {
    pub connected: bool,
    /// It balances over the endpoints of this number.
    pub loaded: u64,
}

pub async fn engine(shared: Arc<Shared>) {
    let mut line = Line::new("engine");
    loop {
        let Err(error) = session(&shared, &mut line).await;
        shared.engine.send_replace(EngineView::default());
        line.is_down(&error).await;
    }
}

async fn session(shared: &Shared, line: &mut Line) -> Result<std::convert::Infallible, SessionError> {
    let channel = link::socket::connect(&shared.options.engine_socket).await?;
    let mut client = EndpointLinkClient::new(channel)
        .max_decoding_message_size(link::MAX_MESSAGE)
        .max_encoding_message_size(link::MAX_MESSAGE);
    let (up, queue) = mpsc::channel(1);
    let mut changed = shared.board.subscribe();
    // An engine that kept what it last heard takes nothing with a number that it knows.
    shared.board.renumber();
    let mut sent = ready(shared, &mut changed, &up).await?;
    let mut down = client.session(ReceiverStream::new(queue)).await?.into_inner();
    line.is_up();
    shared.engine.send_replace(EngineView { connected: true, loaded: 0 });
    loop {
        tokio::select! {
            message = down.message() => match message?.ok_or(SessionError::Closed)? {
                EndpointDown::Loaded { sequence } => {
                    shared.engine.send_modify(|view| view.loaded = view.loaded.max(sequence));
                }
                EndpointDown::Unknown => {}
            },
            Ok(()) = changed.changed() => {
                let sequence = changed.borrow().sequence;
                if sequence != sent {
                    sent = ready(shared, &mut changed, &up).await?;
                }
            }
        }
    }
}

async fn ready(
    shared: &Shared,
    changed: &mut tokio::sync::watch::Receiver<crate::board::View>,
    up: &mpsc::Sender<EndpointUp>,
) -> Result<u64, SessionError> {
    let (sequence, endpoints) = {
        let view = changed.borrow_and_update();
        (view.sequence, view.endpoints())
    };
    let message = EndpointUp::Ready { agent_id: shared.options.agent_id.clone(), sequence, endpoints };
    up.send(message).await.map_err(|_| SessionError::Closed)?;
    Ok(sequence)
}
