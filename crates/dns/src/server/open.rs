//! Opening the sockets of a door. What fails, fails here and can be reported.

use crate::error::DnsError;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, UdpSocket};

const BACKLOG: i32 = 128;
/// Bytes of questions that wait. The system may allow less.
const WAITING: usize = 1 << 20;
/// Sockets among which the system spreads questions by their sender's address and port. A sender who fills the queue of
/// one, faster than anything could read it, leaves the others to the rest of the world.
const QUEUES: usize = 8;

/// Of one door. Closed with the last of those who have them.
pub struct Sockets {
    pub udp: Vec<Arc<UdpSocket>>,
    pub tcp: Arc<TcpListener>,
}

/// Where a server has its sockets from. Called within the server's runtime.
pub trait Opens {
    /// # Errors
    /// Says why the address cannot be listened on, and what to do.
    fn open(&self, address: SocketAddr, device: Option<&str>) -> Result<Sockets, DnsError>;
}

/// Opened when they are wanted.
pub struct Anew;

impl Opens for Anew {
    fn open(&self, address: SocketAddr, device: Option<&str>) -> Result<Sockets, DnsError> {
        open(address, device)
    }
}

impl Sockets {
    /// Of sockets that listen already, within a runtime.
    ///
    /// # Errors
    /// When the runtime cannot watch them.
    pub fn of(udp: Vec<std::net::UdpSocket>, tcp: std::net::TcpListener) -> io::Result<Self> {
        let udp = udp.into_iter().map(|socket| {
            socket.set_nonblocking(true)?;
            UdpSocket::from_std(socket).map(Arc::new)
        });
        let udp = udp.collect::<io::Result<_>>()?;
        tcp.set_nonblocking(true)?;
        Ok(Self { udp, tcp: Arc::new(TcpListener::from_std(tcp)?) })
    }
}

/// Both or none: a name server that answers over one of them only is a puzzle to its clients.
fn open(address: SocketAddr, device: Option<&str>) -> Result<Sockets, DnsError> {
    if address.ip().is_unspecified() {
        return Err(DnsError::Wildcard { address });
    }
    let failed = |transport| move |source| DnsError::Open { transport, address, source };
    // First, since it tells whether another server has the address. Of UDP a second one would get a share.
    let tcp = tcp(address, device).map_err(failed("TCP"))?;
    let udp: io::Result<Vec<_>> = (0..QUEUES).map(|_| udp(address, device)).collect();
    Sockets::of(udp.map_err(failed("UDP"))?, tcp).map_err(failed("TCP"))
}

fn udp(address: SocketAddr, device: Option<&str>) -> io::Result<std::net::UdpSocket> {
    let socket = socket(address, device, Type::DGRAM, Protocol::UDP)?;
    socket.set_reuse_port(true)?;
    // Less room is no reason not to serve.
    let _ = socket.set_recv_buffer_size(WAITING);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

fn tcp(address: SocketAddr, device: Option<&str>) -> io::Result<std::net::TcpListener> {
    let socket = socket(address, device, Type::STREAM, Protocol::TCP)?;
    // Connections of before that linger in TIME_WAIT do not keep the port; a socket that listens does.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr, device: Option<&str>, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if let Some(device) = device {
        // Before it has an address: from then on packets arrive.
        socket.bind_device(Some(device.as_bytes()))?;
    }
    Ok(socket)
}
