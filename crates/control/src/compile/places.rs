//! Where gateways listen inside VPCs. An address that several gateways have is shared, the gateway chosen by Host there;
//! one that a gateway has alone is its own, and every Host is welcome that is not another gateway's.

use super::fleet::Fleet;
use crate::Installation;
use crate::desired::Desired;
use domain::gateway::Gateway;
use domain::id::{GatewayId, HostId, VpcId};
use domain::network::{HostAddress, Inventory, VpcLink};
use domain::snapshot::dns::DnsListener;
use domain::snapshot::{ListenerConfig, Resource, ResourceKey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Debug, Default)]
pub struct Places {
    at: BTreeMap<IpAddr, Place>,
    of: HashMap<GatewayId, Vec<IpAddr>>,
}

#[derive(Clone, Debug)]
struct Place {
    vpc: VpcId,
    gateways: BTreeSet<GatewayId>,
    /// Those of them whose names are asked for in this VPC.
    named: BTreeSet<GatewayId>,
    /// VPCs whose clients get here, too, by the gateway that wants them. Such a gateway is alone here.
    peers: BTreeMap<GatewayId, BTreeSet<VpcId>>,
}

/// What a change of a gateway may make a difference to.
pub struct Moved {
    pub at: BTreeSet<IpAddr>,
    /// Whether DNS is asked elsewhere now.
    pub asked: bool,
}

/// What listeners inside VPCs depend on besides the gateways.
pub struct Ground<'g> {
    pub installation: &'g Installation,
    pub networks: &'g Inventory,
    pub host: &'g HostId,
    pub fleet: &'g Fleet,
}

impl Ground<'_> {
    fn addresses(&self) -> &[HostAddress] {
        self.fleet.get(self.host).map(|site| site.addresses.as_slice()).unwrap_or_default()
    }
}

impl Places {
    pub fn of(desired: &Desired) -> Self {
        let mut places = Self::default();
        for gateway in desired.gateways.values() {
            places.set(&gateway.id, Some(gateway), &desired.networks);
        }
        places
    }

    /// The gateway as it is now.
    pub fn set(&mut self, id: &GatewayId, gateway: Option<&Gateway>, networks: &Inventory) -> Moved {
        let before = self.of.remove(id).unwrap_or_default();
        let links = || gateway.into_iter().flat_map(|gateway| links(gateway, networks));
        let now: Vec<IpAddr> = links().flat_map(|link| &link.vswitches).map(|vswitch| vswitch.address).collect();
        let at: BTreeSet<IpAddr> = before.iter().chain(&now).copied().collect();
        let asked = self.asked_among(&at);
        for address in &before {
            if let Some(place) = self.at.get_mut(address) {
                place.gateways.remove(id);
                place.named.remove(id);
                place.peers.remove(id);
                if place.gateways.is_empty() {
                    self.at.remove(address);
                }
            }
        }
        for link in links() {
            for vswitch in &link.vswitches {
                let place = self.at.entry(vswitch.address).or_insert_with(|| Place::new(&link.vpc_id));
                place.gateways.insert(id.clone());
                let account = gateway.map(|gateway| &gateway.account_id);
                let may = |peer: &&VpcId| account.is_some_and(|account| networks.may_link(peer, account));
                let peers: BTreeSet<VpcId> = link.peers.iter().filter(may).cloned().collect();
                if !peers.is_empty() {
                    place.peers.insert(id.clone(), peers);
                }
                if link.authoritative_dns {
                    place.named.insert(id.clone());
                }
            }
        }
        if !now.is_empty() {
            self.of.insert(id.clone(), now);
        }
        Moved { asked: asked != self.asked_among(&at), at }
    }

    /// Also by whom: peers ask, too.
    fn asked_among(&self, addresses: &BTreeSet<IpAddr>) -> Vec<(IpAddr, VpcId, Vec<VpcId>)> {
        let asked = |address: &IpAddr| {
            let place = self.at.get(address).filter(|place| !place.named.is_empty())?;
            Some((*address, place.vpc.clone(), place.peers.values().flatten().cloned().collect()))
        };
        addresses.iter().filter_map(asked).collect()
    }

    /// Where DNS is asked inside VPCs: at the addresses of gateways that have names there.
    pub fn asked<'a>(&'a self, port: u16, ground: &'a Ground<'_>) -> impl Iterator<Item = DnsListener> + 'a {
        let asked = self.at.iter().filter(|(_, place)| !place.named.is_empty());
        asked.filter_map(move |(address, place)| {
            let devices = devices(*address, place, ground)?;
            Some(DnsListener { address: SocketAddr::new(*address, port), devices, vpc: Some(place.vpc.clone()) })
        })
    }

    /// The VPCs in which it is.
    pub fn asked_vpcs(&self) -> BTreeSet<&VpcId> {
        self.at.values().filter(|place| !place.named.is_empty()).map(|place| &place.vpc).collect()
    }

    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.at.keys().copied()
    }

    /// The listeners at this address.
    pub fn listeners<'a>(&'a self, address: IpAddr, ground: &'a Ground<'_>) -> impl Iterator<Item = Resource> + 'a {
        let place = self.at.get(&address);
        place.into_iter().flat_map(move |place| {
            let mut alone = place.gateways.iter();
            let gateway = alone.next().filter(|_| alone.next().is_none()).cloned();
            let devices = devices(address, place, ground);
            let listener = move |devices: &Vec<String>, (scheme, port)| {
                Resource::Listener(ListenerConfig {
                    vpc: Some(place.vpc.clone()),
                    devices: devices.clone(),
                    gateway: gateway.clone(),
                    ..ListenerConfig::new(SocketAddr::new(address, port), scheme)
                })
            };
            // Without one the address would be open to every network of the host.
            devices.into_iter().flat_map(move |devices| {
                let listener = listener.clone();
                ground.installation.private_ports().map(move |port| listener(&devices, port))
            })
        })
    }
}

/// What listeners at this address have been called.
pub fn keys(address: IpAddr, installation: &Installation) -> impl Iterator<Item = ResourceKey> {
    installation.private_ports().map(move |(_, port)| ResourceKey::Listener(SocketAddr::new(address, port)))
}

impl Place {
    fn new(vpc: &VpcId) -> Self {
        Self { vpc: vpc.clone(), gateways: BTreeSet::new(), named: BTreeSet::new(), peers: BTreeMap::new() }
    }
}

/// The VPCs that reach the gateway: those of its account, and those of others as long as they are granted.
pub(super) fn links<'a>(gateway: &'a Gateway, networks: &'a Inventory) -> impl Iterator<Item = &'a VpcLink> {
    gateway.vpcs.iter().filter(|link| networks.may_link(&link.vpc_id, &gateway.account_id))
}

/// The interfaces that lead into the VPC: whoever is in any of its zones reaches the address, and nobody else does but
/// its peers. Any will do for loopback: nothing but this host gets there. `None`: this host is not in the VPC, or another
/// one has the address.
fn devices(address: IpAddr, place: &Place, ground: &Ground<'_>) -> Option<Vec<String>> {
    if address.is_loopback() {
        return Some(Vec::new());
    }
    let into = |vpc: &VpcId| -> BTreeSet<&str> {
        let blocks = ground.networks.vpcs.get(vpc).map(|vpc| vpc.blocks.as_slice()).unwrap_or_default();
        let inside = |each: &&HostAddress| blocks.iter().any(|block| block.contains(each.address));
        ground.addresses().iter().filter(inside).map(|each| each.interface.as_str()).collect()
    };
    let mut found = into(&place.vpc);
    if found.is_empty() || ground.fleet.is_elsewhere(address, ground.host) {
        return None;
    }
    found.extend(place.peers.values().flatten().flat_map(into));
    Some(found.into_iter().map(str::to_owned).collect())
}
