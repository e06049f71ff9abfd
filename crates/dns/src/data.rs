//! What a name has, ready to be put into answers.

use crate::error::DnsError;
use crate::name::{excerpt, parse};
use domain::snapshot::dns::{NameAddress, NameData};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

/// Of one name. Together they fit into one message over TCP.
const MAX_RECORDS: usize = 256;
/// Bytes of one text; it is cut into the pieces of 255 that a TXT record consists of.
const MAX_TEXT: usize = 4096;
const MAX_TEXTS_TOGETHER: usize = 32 * 1024;

#[derive(Debug)]
pub enum Data {
    Addresses(Box<[Address]>),
    Alias(Name),
    Text(Box<[TXT]>),
}

#[derive(Debug)]
pub struct Address {
    address: IpAddr,
    zone: Option<Box<str>>,
}

/// Who asks, as far as the order of addresses depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Near<'a> {
    pub zone: Option<&'a str>,
    pub unhealthy: &'a HashSet<IpAddr>,
}

impl Data {
    pub fn new(name: &str, data: &NameData) -> Result<Self, DnsError> {
        let few = |len: usize| match len {
            0..=MAX_RECORDS => Ok(()),
            _ => Err(DnsError::Records { name: excerpt(name), len, max: MAX_RECORDS }),
        };
        Ok(match data {
            NameData::Addresses(addresses) => {
                few(addresses.len())?;
                Self::Addresses(unique(addresses))
            }
            NameData::Alias(target) => Self::Alias(parse(target)?),
            NameData::Text(texts) => {
                few(texts.len())?;
                short(name, texts)?;
                Self::Text(texts.iter().map(|text| TXT::from_bytes(pieces(text))).collect())
            }
        })
    }

    pub fn addresses(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self::Addresses(addresses.into_iter().map(|address| Address { address, zone: None }).collect())
    }

    /// The records of this type, in the order in which the client shall try them.
    pub fn records(&self, kind: RecordType, near: &Near) -> Vec<RData> {
        match (self, kind) {
            (Self::Addresses(all), RecordType::A) => in_order(all, near, IpAddr::is_ipv4),
            (Self::Addresses(all), RecordType::AAAA) => in_order(all, near, IpAddr::is_ipv6),
            (Self::Alias(target), RecordType::CNAME) => vec![RData::CNAME(CNAME(target.clone()))],
            (Self::Text(texts), RecordType::TXT) => texts.iter().cloned().map(RData::TXT).collect(),
            // One type is enough for who asks for any (RFC 8482).
            (Self::Addresses(_), RecordType::ANY) => {
                let v4 = self.records(RecordType::A, near);
                if v4.is_empty() { self.records(RecordType::AAAA, near) } else { v4 }
            }
            (Self::Alias(_), RecordType::ANY) => self.records(RecordType::CNAME, near),
            (Self::Text(_), RecordType::ANY) => self.records(RecordType::TXT, near),
            _ => Vec::new(),
        }
    }
}

fn short(name: &str, texts: &[String]) -> Result<(), DnsError> {
    let too_long = |len, max| Err(DnsError::Text { name: excerpt(name), len, max });
    if let Some(text) = texts.iter().find(|text| text.len() > MAX_TEXT) {
        return too_long(text.len(), MAX_TEXT);
    }
    let together = texts.iter().map(String::len).sum();
    if together > MAX_TEXTS_TOGETHER { too_long(together, MAX_TEXTS_TOGETHER) } else { Ok(()) }
}

/// A record has one piece at least, if only an empty one.
fn pieces(text: &str) -> Vec<&[u8]> {
    if text.is_empty() { vec![b""] } else { text.as_bytes().chunks(255).collect() }
}

fn unique(addresses: &[NameAddress]) -> Box<[Address]> {
    let mut seen = BTreeSet::new();
    let canonical = addresses.iter().map(|each| (each.address.to_canonical(), each.zone.as_deref()));
    let first = canonical.filter(|(address, _)| seen.insert(*address));
    first.map(|(address, zone)| Address { address, zone: zone.map(Into::into) }).collect()
}

/// Nearest first, otherwise as configured. Unhealthy ones only where there is nothing else: if all fail their checks,
/// the checks may be what is broken.
fn in_order(all: &[Address], near: &Near, family: fn(&IpAddr) -> bool) -> Vec<RData> {
    let of_family = || all.iter().filter(|each| family(&each.address));
    let mut found: Vec<&Address> = of_family().filter(|each| !near.unhealthy.contains(&each.address)).collect();
    if found.is_empty() {
        found = of_family().collect();
    }
    found.sort_by_key(|each| near.zone.is_none() || each.zone.as_deref() != near.zone);
    let record = |each: &Address| match each.address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    };
    found.into_iter().map(record).collect()
}
