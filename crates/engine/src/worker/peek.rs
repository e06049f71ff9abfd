//! Looks at the first bytes of a connection and leaves them in the socket, for whoever will read them.

use rustix::net::{RecvFlags, recv};
use std::io;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Resolves when more than `seen` bytes are there, or as many as fit. `None`: no more will come. Nothing is done while
/// nothing comes, however many connections stop in the middle.
pub async fn more(stream: &TcpStream, buffer: &mut [u8], seen: usize) -> io::Result<Option<usize>> {
    loop {
        let ready = stream.ready(Interest::READABLE).await?;
        let looked = stream.try_io(Interest::READABLE, || {
            let (len, _) = recv(stream, &mut *buffer, RecvFlags::PEEK)?;
            // Told so, the runtime waits for the next bytes, although those that were seen are still there.
            if len > seen || len == 0 || len == buffer.len() { Ok(len) } else { Err(io::ErrorKind::WouldBlock.into()) }
        });
        match looked {
            Ok(0) => return Ok(None),
            Ok(len) => return Ok(Some(len)),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Err(_) if ready.is_read_closed() => return Ok(None),
            Err(_) => {}
        }
    }
}
