//! Every socket that clients reach is had from here: those for requests, shared or one gateway's own, on the public side
//! or in a VPC, and those for names. So there is one place that knows which listen, and that can give them to the next
//! engine while nobody at the door notices: connections and questions that wait in them go along.

use crate::listener::Door;
use dns::{Anew, DnsError, Opens};
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::net::TcpSocket;

const BACKLOG: u32 = 1024;

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    Requests,
    /// Names, over UDP: several sockets at one address, among which the system spreads questions.
    Questions,
    /// Names, over TCP.
    Names,
}

/// Where a socket listens, and what for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub of: Use,
    pub address: SocketAddr,
    /// The network interface that it is bound to.
    pub device: Option<Arc<str>>,
}

/// Copies are the same.
#[derive(Clone, Default)]
pub struct Sockets(Arc<Mutex<State>>);

type Held = Weak<dyn AsFd + Send + Sync>;

#[derive(Default)]
struct State {
    /// From the engine before, and not wanted yet.
    inherited: BTreeMap<Place, Vec<OwnedFd>>,
    /// Those of doors that are closed are gone.
    open: Vec<(Place, Held)>,
}

impl State {
    fn note(&mut self, place: &Place, socket: Held) {
        self.open.retain(|(_, socket)| socket.strong_count() > 0);
        self.open.push((place.clone(), socket));
    }
}

impl Sockets {
    /// With what another engine handed over; places that are not among it are opened anew.
    pub fn inheriting(sockets: impl IntoIterator<Item = (Place, OwnedFd)>) -> Self {
        let mut inherited: BTreeMap<Place, Vec<OwnedFd>> = BTreeMap::new();
        for (place, socket) in sockets {
            inherited.entry(place).or_default().push(socket);
        }
        Self(Arc::new(Mutex::new(State { inherited, open: Vec::new() })))
    }

    /// Copies of all that listen now: the originals go on, and a place is closed when nobody has one any more.
    ///
    /// # Errors
    /// When the system gives out no more descriptors.
    pub fn hand_over(&self) -> io::Result<Vec<(Place, OwnedFd)>> {
        let state = self.state();
        let open = state.open.iter().filter_map(|(place, socket)| Some((place, socket.upgrade()?)));
        open.map(|(place, socket)| Ok((place.clone(), socket.as_fd().try_clone_to_owned()?))).collect()
    }

    /// Closes what was inherited and nobody wanted.
    pub fn forget_inherited(&self) {
        self.state().inherited.clear();
    }

    /// For requests. What fails, fails here and can be reported.
    pub(crate) fn listen(&self, door: &Door) -> io::Result<Arc<TcpListener>> {
        let place = Place { of: Use::Requests, address: door.address, device: door.device.clone() };
        let inherited = self.inherited(&place).into_iter().next();
        let listener = Arc::new(match inherited {
            Some(socket) => TcpListener::from(socket),
            None => bind(door)?,
        });
        listener.set_nonblocking(true)?;
        let held: Arc<dyn AsFd + Send + Sync> = listener.clone();
        self.state().note(&place, Arc::downgrade(&held));
        Ok(listener)
    }

    fn inherited(&self, place: &Place) -> Vec<OwnedFd> {
        self.state().inherited.remove(place).unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opens for Sockets {
    fn open(&self, address: SocketAddr, device: Option<&str>) -> Result<dns::Sockets, DnsError> {
        let place = |of| Place { of, address, device: device.map(Into::into) };
        let (names, questions) = (place(Use::Names), place(Use::Questions));
        let (tcp, udp) = (self.inherited(&names), self.inherited(&questions));
        let sockets = match tcp.into_iter().next().filter(|_| !udp.is_empty()) {
            Some(tcp) => {
                let udp = udp.into_iter().map(Into::into).collect();
                let failed = |source| DnsError::Open { transport: "inherited", address, source };
                dns::Sockets::of(udp, tcp.into()).map_err(failed)?
            }
            None => Anew.open(address, device)?,
        };
        let mut state = self.state();
        for socket in &sockets.udp {
            let held: Arc<dyn AsFd + Send + Sync> = socket.clone();
            state.note(&questions, Arc::downgrade(&held));
        }
        let held: Arc<dyn AsFd + Send + Sync> = sockets.tcp.clone();
        state.note(&names, Arc::downgrade(&held));
        Ok(sockets)
    }
}

fn bind(door: &Door) -> io::Result<TcpListener> {
    let address = door.address;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of before that linger in TIME_WAIT do not keep the port; a socket that listens does.
    socket.set_reuseaddr(true)?;
    if let Some(device) = &door.device {
        // Before it has its address: there is no moment in which it can be reached from elsewhere.
        socket.bind_device(Some(device.as_bytes())).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on the network interface {device}: {error}"))
        })?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpStream, UdpSocket};
    use std::time::Duration;

    fn door() -> Door {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Door { address: free.expect("a port"), device: None }
    }

    #[tokio::test]
    async fn sockets_go_from_one_to_the_next() {
        let (kept, closed, names) = (door(), door(), door().address);
        let old = Sockets::default();
        let (listener, gone) = (old.listen(&kept).expect("listens"), old.listen(&closed).expect("listens"));
        let dns = old.open(names, None).expect("listens");
        drop(gone);
        let handed = old.hand_over().expect("copies");
        // What waits at the door while one goes and the other comes.
        let mut client = TcpStream::connect(kept.address).expect("connects");
        client.write_all(b"hello").expect("writes");
        let asking = UdpSocket::bind("127.0.0.1:0").expect("a port");
        asking.send_to(b"who", names).expect("sends");
        let uses: Vec<_> = handed.iter().map(|(place, _)| (place.of, place.address)).collect();
        assert_eq!(uses.iter().filter(|it| **it == (Use::Requests, kept.address)).count(), 1, "{uses:?}");
        assert_eq!(uses.iter().filter(|it| it.1 == names).count(), dns.udp.len() + 1);
        assert!(uses.iter().all(|it| it.1 != closed.address), "a closed door is nobody's");
        drop((listener, dns, old));

        let new = Sockets::inheriting(handed);
        let listener = new.listen(&kept).expect("the same");
        let mut came = [0; 5];
        let (mut stream, _) = listener.accept().expect("who waited");
        stream.set_nonblocking(false).expect("blocks");
        stream.read_exact(&mut came).expect("what was said");
        assert_eq!(&came, b"hello");
        let dns = new.open(names, None).expect("the same");
        let mut packet = [0; 3];
        let heard = async {
            loop {
                if let Some(len) = dns.udp.iter().find_map(|socket| socket.try_recv(&mut packet).ok()) {
                    return len;
                }
                tokio::task::yield_now().await;
            }
        };
        assert_eq!(tokio::time::timeout(Duration::from_secs(10), heard).await, Ok(3));
        // Others are opened as ever, and nothing is left of what nobody wanted.
        drop(new.listen(&closed).expect("listens"));
        new.forget_inherited();
        drop((listener, dns));
        assert!(TcpStream::connect(kept.address).is_err() && TcpStream::connect(names).is_err());
    }
}
