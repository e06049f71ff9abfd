//! Questions in single packets.

use super::Shared;
use super::doors::Door;
use crate::limit::Verdict;
use crate::respond::{Arrival, Transport, respond, send_to_tcp};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;

/// Bytes; a question is never larger. What is cut off here is no question any more.
const LARGEST: usize = 4096;
/// After an error that the next call would meet again.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Until it is aborted. Nothing waits for a single client: what cannot be sent at once is lost, as packets may be.
pub async fn answer(socket: Arc<UdpSocket>, door: Rc<Door>, shared: Rc<Shared>) {
    let mut packet = vec![0; LARGEST];
    let mut failing = false;
    loop {
        let (len, peer) = match socket.recv_from(&mut packet).await {
            Ok(received) => received,
            Err(error) => {
                if !failing {
                    tracing::error!(address = %door.address, %error, "cannot read DNS questions; trying on");
                }
                failing = true;
                tokio::time::sleep(BACK_OFF).await;
                continue;
            }
        };
        failing = false;
        let Some(question) = packet.get(..len) else { continue };
        let answer = match shared.judge(door.vpc.as_ref(), peer.ip()) {
            // Not even read, so that a flood costs little.
            Verdict::Drop => None,
            Verdict::Truncate => send_to_tcp(question),
            Verdict::Answer => {
                let arrival = Arrival { vpc: door.vpc.as_ref(), client: peer.ip(), transport: Transport::Udp };
                respond(&shared.records, arrival, question)
            }
        };
        if let Some(answer) = answer {
            let _ = socket.try_send_to(&answer, peer);
        }
    }
}
