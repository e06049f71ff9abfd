//! What does not change with single names.

use crate::data::Data;
use crate::error::DnsError;
use crate::name::{contact, parse};
use domain::cidr::Cidr;
use domain::id::VpcId;
use domain::snapshot::dns::DnsConfig;
use hickory_proto::rr::rdata::{NS, SOA};
use hickory_proto::rr::{LowerName, Name, RData, Record};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Seconds. Said in the SOA record for secondary servers, which there are none of.
const REFRESH: i32 = 3600;
const RETRY: i32 = 600;
const EXPIRE: i32 = 604_800;
/// Seconds; what is larger is taken for 0 by resolvers (RFC 2181, section 8).
const MAX_TTL: u32 = i32::MAX as u32;

#[derive(Debug)]
pub struct Settings {
    pub zone: LowerName,
    pub name_server: LowerName,
    contact: Name,
    pub ttl: u32,
    negative_ttl: u32,
    sides: BTreeMap<Option<VpcId>, Side>,
}

#[derive(Debug, Default)]
struct Side {
    /// Narrowest first.
    blocks: Vec<(Cidr, Box<str>)>,
    /// The listeners' own, for the name server's name.
    addresses: Vec<IpAddr>,
    name_server: Option<Data>,
}

impl Settings {
    pub fn new(config: &DnsConfig) -> Result<Self, DnsError> {
        let zone = LowerName::from(parse(&config.zone)?);
        let name_server = LowerName::from(parse(&config.name_server)?);
        let mut sides: BTreeMap<Option<VpcId>, Side> = BTreeMap::new();
        for each in &config.blocks {
            sides.entry(each.vpc.clone()).or_default().blocks.push((each.block, each.zone.as_str().into()));
        }
        for each in config.listeners.iter().filter(|each| !each.address.ip().is_unspecified()) {
            let addresses = &mut sides.entry(each.vpc.clone()).or_default().addresses;
            let address = each.address.ip().to_canonical();
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        for side in sides.values_mut() {
            side.blocks.sort_by_key(|(block, _)| std::cmp::Reverse(block.network().prefix_len()));
            let known = zone.zone_of(&name_server) && !side.addresses.is_empty();
            side.name_server = known.then(|| Data::addresses(side.addresses.iter().copied()));
        }
        Ok(Self {
            zone,
            name_server,
            contact: contact(&config.contact)?,
            ttl: config.ttl.min(MAX_TTL),
            negative_ttl: config.negative_ttl.min(MAX_TTL),
            sides,
        })
    }

    fn side(&self, vpc: Option<&VpcId>) -> Option<&Side> {
        self.sides.get(&vpc.cloned())
    }

    /// Where a client of this side is.
    pub fn zone_of(&self, vpc: Option<&VpcId>, client: IpAddr) -> Option<&str> {
        let blocks = &self.side(vpc)?.blocks;
        blocks.iter().find(|(block, _)| block.contains(client)).map(|(_, zone)| zone.as_ref())
    }

    /// The name server's addresses as this side reaches them.
    pub fn name_server_of(&self, vpc: Option<&VpcId>) -> Option<&Data> {
        self.side(vpc)?.name_server.as_ref()
    }

    pub fn ns(&self, apex: Name) -> Record {
        Record::from_rdata(apex, self.ttl, RData::NS(NS(self.name_server.clone().into())))
    }

    pub fn soa(&self, apex: Name, serial: u32) -> Record {
        let name_server = self.name_server.clone().into();
        let soa = SOA::new(name_server, self.contact.clone(), serial, REFRESH, RETRY, EXPIRE, self.negative_ttl);
        Record::from_rdata(apex, self.ttl, RData::SOA(soa))
    }

    /// As it stands beside a negative answer: kept no longer than that (RFC 2308, section 3).
    pub fn negative_soa(&self, apex: Name, serial: u32) -> Record {
        let mut record = self.soa(apex, serial);
        record.ttl = self.ttl.min(self.negative_ttl);
        record
    }
}
