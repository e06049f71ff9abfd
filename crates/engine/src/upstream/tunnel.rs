//! A WebSocket: two connections that have become one.

use crate::record::Flight;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

/// Carries bytes both ways until one side ends; the flight ends with it.
pub fn tunnel(client: OnUpgrade, replica: OnUpgrade, mut flight: Box<Flight>) {
    tokio::task::spawn_local(async move {
        let (Ok(client), Ok(replica)) = tokio::join!(client, replica) else { return };
        let (mut client, mut replica) = (TokioIo::new(client), TokioIo::new(replica));
        // A WebSocket that breaks off is the everyday end of one.
        if let Ok((_, down)) = copy_bidirectional(&mut client, &mut replica).await {
            flight.bytes_out = down;
        }
        flight.complete();
    });
}
