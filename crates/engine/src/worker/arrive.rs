//! A connection before its protocol: who is behind it, whose it is, whether it may come in, and which worker serves it.

use super::conn::{Conn, Registered};
use super::control::{Control, HEAD};
use super::handshake::{HANDSHAKE, Protocol, unless_told};
use super::{Worker, hello, proxied};
use crate::config::{Gateway, Listener};
use crate::limit::Place;
use crate::listener::Accepted;
use crate::{access, record};
use domain::id::VpcId;
use domain::snapshot::Scheme;
use http::HeaderValue;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub struct Arriving<'w> {
    worker: &'w Rc<Worker>,
    control: &'w Rc<Control>,
    pub stream: TcpStream,
    /// `None` if it is no longer configured.
    listener: Option<Arc<Listener>>,
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
        let listener = worker.table.load().listeners.get(&accepted.address).cloned();
        let alone = listener.as_ref().and_then(|listener| listener.gateway.clone());
        Ok(Self {
            worker,
            control,
            stream,
            listener,
            gateway: accepted.settled.or(alone),
            peer: SocketAddr::new(accepted.peer.ip().to_canonical(), accepted.peer.port()),
            door: accepted.address,
            number: accepted.door,
            at: accepted.at,
        })
    }

    pub fn scheme(&self) -> Scheme {
        self.listener.as_ref().map_or(Scheme::Http, |listener| listener.scheme)
    }

    /// The network whose side it came from; `None`: the public one.
    fn vpc(&self) -> Option<&VpcId> {
        self.listener.as_ref()?.vpc.as_ref()
    }

    /// `None`: it is not this worker's any more, or nobody's.
    pub async fn settle(mut self) -> io::Result<Option<Self>> {
        let control = self.control.clone();
        let settled = {
            let all = timeout(self.patience(), self.look());
            unless_told(&control, all).await
        };
        match settled {
            Some(Ok(looked)) => looked?,
            // It did not say in time what it wants. Who may come in clear is silent without a record, as everywhere.
            Some(Err(_)) => {
                if self.scheme() == Scheme::Https {
                    self.record(None, "HandshakeTimeout");
                }
                return Ok(None);
            }
            None => return Ok(None),
        }
        let Some(gateway) = self.gateway.clone() else { return Ok(Some(self)) };
        let entrance = gateway.entrance(self.vpc()).filter(|entrance| entrance.drop_strangers);
        if entrance.is_some_and(|entrance| access::check(entrance, self.peer.ip()).is_err()) {
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

    fn patience(&self) -> Duration {
        if self.scheme() == Scheme::Https { HANDSHAKE } else { HEAD }
    }

    async fn look(&mut self) -> io::Result<()> {
        let ip = self.peer.ip();
        let believes = |listener: &Arc<Listener>| listener.proxies.iter().any(|proxy| proxy.contains(ip));
        if self.listener.as_ref().is_some_and(believes) {
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
        let table = &self.worker.table;
        let name = match self.scheme() {
            Scheme::Https => match hello::server_name(&self.stream).await {
                Ok(name) => name,
                Err(error) => {
                    self.record(None, "HandshakeFailed");
                    return Err(error);
                }
            },
            Scheme::Http if table.load().sides.looks_ahead(self.vpc()) => hello::host(&self.stream).await?,
            Scheme::Http => None,
        };
        if let Some(name) = name.as_deref().and_then(crate::route::host::normalise) {
            self.gateway = table.load().sides.named(self.vpc(), &name).cloned();
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
            scheme: self.scheme(),
            vpc: self.vpc().cloned(),
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
