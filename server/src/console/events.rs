//! News for open pages: that something changed, at most four times a second.

use super::router::Shared;
use axum::extract::{Extension, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

const PACE: Duration = Duration::from_millis(250);

pub async fn stream(
    State(shared): State<Shared>,
    Extension(_signed_in): Extension<super::session::Resolved>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(forward(shared, sender));
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

async fn forward(mut shared: Shared, sender: mpsc::Sender<Result<Event, Infallible>>) {
    let mut events = shared.control.events();
    loop {
        tokio::select! {
            heard = events.recv() => if matches!(heard, Err(broadcast::error::RecvError::Closed)) { return },
            _ = shared.stopped.changed() => return,
            () = sender.closed() => return,
        }
        // Whatever waits behind it is the same news.
        while !matches!(events.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
        if sender.send(Ok(Event::default().event("changed").data("1"))).await.is_err() {
            return;
        }
        tokio::time::sleep(PACE).await;
    }
}
