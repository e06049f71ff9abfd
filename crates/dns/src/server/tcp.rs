//! Questions over connections, one after the other, each with its length in front (RFC 7766).

use super::Shared;
use super::doors::Door;
use crate::respond::{Arrival, Transport, respond};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Bytes of a question; a larger one ends the connection.
const LARGEST: usize = 4096;
/// After an error that the next call would meet again, like too many open files.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Until it is aborted, which closes its connections too.
pub async fn accept(listener: Arc<TcpListener>, door: Rc<Door>, shared: Rc<Shared>) {
    let mut open = JoinSet::new();
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                failing = false;
                // Without a place it is closed here.
                if let Some(place) = shared.connections.enter(peer.ip()) {
                    let (door, shared) = (door.clone(), shared.clone());
                    open.spawn_local(async move {
                        let _place = place;
                        // The client is gone or silent; nobody is left to tell.
                        let _ = serve(stream, peer, &door, &shared).await;
                    });
                }
            }
            Err(error) if is_about_one(&error) => {}
            Err(error) => {
                if !failing {
                    tracing::error!(address = %door.address, %error, "cannot accept DNS connections; trying on");
                }
                failing = true;
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// The connection was gone before it was taken; the next one is not concerned.
fn is_about_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

async fn serve(mut stream: TcpStream, peer: SocketAddr, door: &Door, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::with_capacity(LARGEST, reader);
    let mut question = Vec::new();
    let arrival = Arrival { vpc: door.vpc.as_ref(), client: peer.ip(), transport: Transport::Tcp };
    // One time for all of a question: a byte now and then does not keep a place.
    while let Ok(read) = timeout(shared.idle, read(&mut reader, &mut question)).await {
        read?;
        let Some(mut answer) = respond(&shared.records, arrival, &question) else { break };
        let Ok(len) = u16::try_from(answer.len()) else { break };
        answer.splice(..0, len.to_be_bytes());
        let Ok(written) = timeout(shared.idle, writer.write_all(&answer)).await else { break };
        written?;
    }
    Ok(())
}

async fn read(reader: &mut (impl AsyncReadExt + Unpin), question: &mut Vec<u8>) -> io::Result<()> {
    let len = usize::from(reader.read_u16().await?);
    if len > LARGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    question.resize(len, 0);
    reader.read_exact(question).await?;
    Ok(())
}
