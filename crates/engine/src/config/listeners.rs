//! What is behind each address on which the engine listens: a listener, or a gateway's own port.

use super::{ConfigError, Gateway, Parted};
use crate::listener::Door;
use crate::worker::Conn;
use domain::cidr::Cidr;
use domain::id::{GatewayId, VpcId};
use domain::snapshot::{ListenerConfig, Resource, ResourceKey, Scheme, Snapshot};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// Linux's own limit; it takes the first bytes of a longer name for the whole.
const LONGEST_DEVICE: usize = 15;

pub struct Listener {
    pub scheme: Scheme,
    /// The network whose side it is on; `None`: the public one.
    pub vpc: Option<VpcId>,
    /// Whose it is alone: every Host is welcome there that is not another gateway's. Else the Host decides, among the names of the side.
    pub gateway: Option<Arc<Gateway>>,
    /// Network interfaces on which it can be reached; none: on any.
    devices: Box<[Arc<str>]>,
    /// Who is believed when it says whose connection it brings.
    pub proxies: Box<[Cidr]>,
}

/// By address. Cloning copies little.
#[derive(Clone, Default)]
pub struct Listeners(Parted<SocketAddr, Arc<Listener>>);

impl Listeners {
    pub fn get(&self, address: &SocketAddr) -> Option<&Arc<Listener>> {
        self.0.get(address)
    }

    /// The one that it came through. A connection may outlive that; it is no way in through another one at the same
    /// address then.
    pub fn of(&self, conn: &Conn) -> Option<&Arc<Listener>> {
        self.get(&conn.door).filter(|listener| listener.scheme == conn.scheme && listener.vpc == conn.vpc)
    }

    /// All sockets that shall listen.
    pub fn doors(&self) -> BTreeSet<Door> {
        self.0.iter().flat_map(|(address, listener)| listener.doors(*address)).collect()
    }

    /// Those that are configured as listeners; gateways' own ports stay.
    pub(super) fn remove_changed(&mut self, changed: &BTreeSet<SocketAddr>) {
        for address in changed {
            let is_port = |gateway: &Arc<Gateway>| gateway.own == Some(*address);
            if self.get(address).is_some_and(|listener| !listener.gateway.as_ref().is_some_and(is_port)) {
                self.0.remove(address);
            }
        }
    }

    pub(super) fn remove_of(&mut self, gateway: &Gateway) {
        for address in gateway.own.iter().chain(&gateway.listeners) {
            self.0.remove(address);
        }
    }

    /// Those of several gateways; those of one come with it.
    ///
    /// # Errors
    /// Also about those of one.
    pub(super) fn insert_shared(
        &mut self,
        changed: &BTreeSet<SocketAddr>,
        snapshot: &Snapshot,
    ) -> Result<(), ConfigError> {
        for config in changed.iter().filter_map(|address| listener(snapshot, address)) {
            check(config)?;
            if config.gateway.is_none() {
                self.insert(config.address, Listener::new(config, None))?;
            }
        }
        Ok(())
    }

    /// A gateway's own port, and the listeners that are its alone.
    pub(super) fn insert_of(&mut self, gateway: &Arc<Gateway>, snapshot: &Snapshot) -> Result<(), ConfigError> {
        if let Some(address) = gateway.own {
            self.insert(address, Listener::new(&ListenerConfig::new(address, Scheme::Http), Some(gateway)))?;
        }
        for address in &gateway.listeners {
            let Some(config) = listener(snapshot, address) else { continue };
            if let Some(vpc) = &config.vpc
                && gateway.entrance(Some(vpc)).is_none()
            {
                let (vpc, gateway) = (vpc.clone(), gateway.id.clone());
                return Err(ConfigError::NoPrivateDoor { address: *address, vpc, gateway });
            }
            self.insert(*address, Listener::new(config, Some(gateway)))?;
        }
        Ok(())
    }

    fn insert(&mut self, address: SocketAddr, listener: Listener) -> Result<(), ConfigError> {
        let gateway = listener.gateway.clone();
        let Some(before) = self.0.insert(address, Arc::new(listener)) else { return Ok(()) };
        match (&before.gateway, &gateway) {
            (Some(first), Some(second)) if first.id != second.id => {
                let (first, second) = (first.id.clone(), second.id.clone());
                Err(ConfigError::SharedAddress { address, first, second })
            }
            (Some(gateway), _) | (None, Some(gateway)) => {
                Err(ConfigError::OwnIsShared { address, gateway: gateway.id.clone() })
            }
            // The same listener, as it was and as it is.
            (None, None) => Ok(()),
        }
    }
}

impl Listener {
    fn new(config: &ListenerConfig, gateway: Option<&Arc<Gateway>>) -> Self {
        Self {
            scheme: config.scheme,
            vpc: config.vpc.clone(),
            gateway: gateway.cloned(),
            devices: config.devices.iter().map(|device| device.as_str().into()).collect(),
            proxies: gateway
                .iter()
                .flat_map(|gateway| &*gateway.proxies)
                .chain(&config.trusted_proxies)
                .copied()
                .collect(),
        }
    }

    fn doors(&self, address: SocketAddr) -> impl Iterator<Item = Door> {
        let anywhere = self.devices.is_empty().then_some(Door { address, device: None });
        let each = self.devices.iter().map(move |device| Door { address, device: Some(device.clone()) });
        anywhere.into_iter().chain(each)
    }
}

fn listener<'s>(snapshot: &'s Snapshot, address: &SocketAddr) -> Option<&'s ListenerConfig> {
    match snapshot.get(&ResourceKey::Listener(*address)).map(Arc::as_ref) {
        Some(Resource::Listener(config)) => Some(config),
        _ => None,
    }
}

fn check(config: &ListenerConfig) -> Result<(), ConfigError> {
    let address = config.address;
    check_socket(address, &config.devices)?;
    match &config.gateway {
        Some(gateway) if config.vpc.is_none() => Err(ConfigError::NotInVpc { address, gateway: gateway.clone() }),
        _ => Ok(()),
    }
}

/// Whatever it listens for.
pub fn check_socket(address: SocketAddr, devices: &[String]) -> Result<(), ConfigError> {
    if address.port() == 0 {
        return Err(ConfigError::NoPort(address));
    }
    match devices.iter().find(|device| !is_device(device)) {
        Some(device) => Err(ConfigError::BadDevice { address, device: device.clone() }),
        None => Ok(()),
    }
}

/// An empty one would open the listener to all interfaces.
fn is_device(name: &str) -> bool {
    let sane = |byte: u8| !byte.is_ascii_control() && !matches!(byte, b' ' | b'/' | b':');
    (1..=LONGEST_DEVICE).contains(&name.len()) && name.bytes().all(sane) && !matches!(name, "." | "..")
}

/// The addresses that are a gateway's alone: those of `before`, and of those that changed which are so now.
pub(super) fn of(
    id: &GatewayId,
    before: &[SocketAddr],
    changed: &BTreeSet<SocketAddr>,
    snapshot: &Snapshot,
) -> Box<[SocketAddr]> {
    let is_its = |address: &&SocketAddr| listener(snapshot, address).is_some_and(|it| it.gateway.as_ref() == Some(id));
    let stayed = before.iter().filter(|address| !changed.contains(address));
    stayed.chain(changed.iter().filter(is_its)).copied().collect()
}

#[cfg(test)]
mod tests;
