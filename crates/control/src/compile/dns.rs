//! The DNS server, and what it is told of each gateway: its public name while the portal is on, and inside the VPC that asks
//! here its private name and the private domains that it was given. A VPC without authoritative DNS is not served: its names are other servers' business.

use super::fleet::Fleet;
use super::places::{Ground, Places, links};
use crate::Installation;
use crate::desired::Desired;
use domain::custom_domain::DomainSide;
use domain::gateway::Gateway;
use domain::id::VpcId;
use domain::network::{Inventory, LinkedVSwitch, VpcLink};
use domain::snapshot::Resource;
use domain::snapshot::dns::{DnsConfig, DnsListener, NameAddress, NameConfig, NameData, ZoneBlock};
use std::collections::BTreeSet;
use std::iter;
use std::net::{IpAddr, SocketAddr};

/// Seconds. What a resolver keeps longer than this may be wrong; asking again costs little in one's own network.
const TTL: u32 = 10;
/// Seconds. Who asked for a gateway's name just before it was made finds it soon.
const NEGATIVE_TTL: u32 = 1;

/// `None` while it is off.
pub(super) fn server(places: &Places, ground: &Ground<'_>) -> Option<Resource> {
    let installation = ground.installation;
    let public: BTreeSet<SocketAddr> = installation.dns.iter().copied().collect();
    // The operator's own word goes before.
    let private = places.asked(installation.dns_port()?, ground).filter(|each| !public.contains(&each.address));
    let listeners = public.iter().copied().map(DnsListener::new).chain(private).collect();
    let vpcs = places.asked_vpcs();
    let of_asked = ground.networks.vswitches.values().filter(|vswitch| vpcs.contains(&vswitch.vpc_id));
    let blocks = of_asked.map(|vswitch| ZoneBlock {
        zone: vswitch.zone.clone(),
        block: vswitch.block,
        vpc: Some(vswitch.vpc_id.clone()),
    });
    Some(Resource::Dns(DnsConfig {
        zone: installation.base_domain.clone(),
        name_server: format!("ns.{}", installation.base_domain),
        contact: format!("hostmaster@{}", installation.base_domain),
        ttl: TTL,
        negative_ttl: NEGATIVE_TTL,
        listeners,
        blocks: blocks.collect(),
    }))
}

/// The names of a gateway, on the sides that see them; none while the server is off. Public domains of its owner's are
/// in the owner's DNS.
/// They lead to hosts that carry work.
pub(super) fn names(gateway: &Gateway, desired: &Desired, installation: &Installation, fleet: &Fleet) -> Vec<Resource> {
    if installation.dns.is_empty() {
        return Vec::new();
    }
    let public = gateway.internet.enabled.then(|| {
        let shared: BTreeSet<IpAddr> = fleet.public(gateway).iter().map(SocketAddr::ip).collect();
        let addresses = shared.into_iter().map(|address| NameAddress { address, zone: None });
        name(installation.public_host(&gateway.id), None, addresses.collect())
    });
    let given = || desired.names.of_gateway(&gateway.id).filter(|domain| domain.side == DomainSide::Private);
    let hosts = || iter::once(installation.private_host(&gateway.id)).chain(given().map(|domain| domain.host.clone()));
    let asking = links(gateway, &desired.networks).filter(|link| link.authoritative_dns && !link.vswitches.is_empty());
    let private = asking.flat_map(|link| {
        // No CNAME for what the owner has given: it may be a whole domain, which cannot have one.
        let addresses = addresses(link, &desired.networks, fleet);
        // Whose VPC it is decides which domains there are in it; a guest has its own name only.
        let owner = desired.networks.vpcs.get(&link.vpc_id).map(|vpc| &vpc.account_id);
        let is_guest = owner != Some(&gateway.account_id);
        hosts()
            .take(if is_guest { 1 } else { usize::MAX })
            .map(move |host| name(host, Some(link.vpc_id.clone()), addresses.clone()))
    });
    public.into_iter().chain(private).collect()
}

/// Those that are served now; where none is, all of them.
fn addresses(link: &VpcLink, networks: &Inventory, fleet: &Fleet) -> Vec<NameAddress> {
    let zone = |id| networks.vswitches.get(id).map(|vswitch| vswitch.zone.clone());
    let served = |each: &&LinkedVSwitch| fleet.is_served(each.address);
    let mut leads: Vec<&LinkedVSwitch> = link.vswitches.iter().filter(served).collect();
    if leads.is_empty() {
        leads.extend(&link.vswitches);
    }
    leads.into_iter().map(|each| NameAddress { address: each.address, zone: zone(&each.vswitch_id) }).collect()
}

fn name(name: String, vpc: Option<VpcId>, addresses: Vec<NameAddress>) -> Resource {
    Resource::Name(NameConfig { name, vpc, data: NameData::Addresses(addresses) })
}
