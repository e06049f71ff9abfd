//! A connection before its protocol: who is behind it, whose it is, whether it may come in, and which worker serves it.

use super::conn::{Conn, Registered};
use super::control::Control;
use super::handshake::{HANDSHAKE, Protocol, unless_told};
use super::{Worker, hello, proxied};
use crate::config::Gateway;
use crate::limit::Place;
use crate::listener::Accepted;
use crate::{access, record};
use domain::snapshot::Scheme;
use http::HeaderValue;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub struct Arriving<'w> {
    worker: &'w Rc<Worker>,
    control: &'w Rc<Control>,
    pub stream: TcpStream,
    pub scheme: Scheme,
    /// As far as it is known.
    pub gateway: Option<Arc<Gateway>>,
    peer: SocketAddr,
    door: SocketAddr,
    number: u64,
    at: Instant,
}

impl<'w> Arriving<'w> {
    pub fn new(worker: &'w Rc<Worker>, accepted: Accepted, control: &'w Rc<Control>) -> io::Result<Self> {
        // Here and not in the acceptor: the socket is registered with this thread's event queue only.
        let stream = TcpStream::from_std(accepted.stream)?;
        stream.set_nodelay(true)?;
        let table = worker.table.load();
        let scheme = table.shared.get(&accepted.address).copied().unwrap_or(Scheme::Http);
        Ok(Self {
            worker,
            control,
            stream,
            scheme,
            gateway: accepted.settled.or_else(|| table.own.get(&accepted.address).cloned()),
            peer: SocketAddr::new(accepted.peer.ip().to_canonical(), accepted.peer.port()),
            door: accepted.address,
            number: accepted.door,
            at: accepted.at,
        })
    }

    /// `None`: it is not this worker's any more, or nobody's.
    pub async fn settle(mut self) -> io::Result<Option<Self>> {
        let control = self.control.clone();
        let settled = {
            let all = timeout(HANDSHAKE, self.look());
            unless_told(&control, all).await
        };
        match settled {
            Some(Ok(looked)) => looked?,
            // Told to end, or it did not say in time what it wants.
            _ => return Ok(None),
        }
        let Some(gateway) = self.gateway.clone() else { return Ok(Some(self)) };
        if gateway.drop_strangers && access::check(&gateway, self.peer.ip()).is_err() {
            self.record(Some(gateway), "SourceDropped");
            return Ok(None);
        }
        if self.worker.of.as_ref() != Some(&gateway.id)
            && let Some(seat) = self.worker.groups.seat(&gateway)
        {
            seat.give(Accepted {
                stream: self.stream.into_std()?,
                peer: self.peer,
                door: self.number,
                address: self.door,
                at: self.at,
                settled: Some(gateway),
            });
            return Ok(None);
        }
        Ok(Some(self))
    }

    async fn look(&mut self) -> io::Result<()> {
        let proxies = self.worker.table.load().proxies.get(&self.door).cloned();
        if proxies.is_some_and(|proxies| proxies.iter().any(|proxy| proxy.contains(self.peer.ip()))) {
            match proxied::client(&mut self.stream).await {
                Ok(Some(client)) => self.peer = SocketAddr::new(client.ip().to_canonical(), client.port()),
                Ok(None) => {}
                Err(error) => {
                    self.record(None, "BadProxyHeader");
                    return Err(error);
                }
            }
        }
        if self.gateway.is_some() {
            return Ok(());
        }
        let name = match self.scheme {
            Scheme::Https => hello::server_name(&self.stream).await?,
            Scheme::Http if self.worker.table.load().looks_ahead => hello::host(&self.stream).await?,
            Scheme::Http => None,
        };
        if let Some(name) = name.as_deref().and_then(crate::route::host::normalise) {
            self.gateway = self.worker.table.load().hosts.get(&name).cloned();
        }
        Ok(())
    }

    fn record(&self, gateway: Option<Arc<Gateway>>, detail: &'static str) {
        record::connection_from(self.worker, self.peer.ip(), self.door, gateway, detail);
    }

    pub fn conn(&self, registered: Registered) -> io::Result<Conn> {
        Ok(Conn {
            control: self.control.clone(),
            door: self.door,
            scheme: self.scheme,
            protocol: Protocol::Http1,
            tls: None,
            server_name: None,
            shown_to: None,
            peer: self.peer.ip(),
            peer_value: HeaderValue::try_from(self.peer.ip().to_string()).map_err(io::Error::other)?,
            local: self.stream.local_addr()?,
            place: Place::default(),
            _registered: registered,
        })
    }
}
