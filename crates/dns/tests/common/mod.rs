//! A small world: the base domain `gw.example.org`, two VPCs, names on all sides.
#![allow(dead_code)]

pub mod world;

use dns::{Arrival, Records, Transport, Zones, respond};
use domain::cidr::Cidr;
use domain::id::VpcId;
use domain::snapshot::dns::{DnsConfig, DnsListener, NameAddress, NameConfig, NameData, ZoneBlock};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use std::net::IpAddr;

pub fn vpc(name: &str) -> VpcId {
    format!("vpc-{name}").parse().expect("id")
}

/// `vpc` as in the tests' tables: empty for the public side.
pub fn side(name: &str) -> Option<VpcId> {
    (!name.is_empty()).then(|| vpc(name))
}

pub fn config() -> DnsConfig {
    let block = |zone: &str, block: &str| ZoneBlock {
        zone: zone.into(),
        block: Cidr::parse(block).expect("block"),
        vpc: side("x"),
    };
    let listener = |address: &str, name: &str| DnsListener {
        vpc: side(name),
        ..DnsListener::new(address.parse().expect("address"))
    };
    DnsConfig {
        zone: "gw.example.org".into(),
        name_server: "ns.gw.example.org".into(),
        contact: "host.master@example.org".into(),
        ttl: 30,
        negative_ttl: 5,
        listeners: vec![listener("127.0.0.1:53", ""), listener("127.88.1.53:53", "x")],
        blocks: vec![block("wide", "127.88.0.0/16"), block("a", "127.88.1.0/24"), block("b", "127.88.2.0/24")],
    }
}

pub fn name(name: &str, on: &str, data: NameData) -> NameConfig {
    NameConfig { name: name.into(), vpc: side(on), data }
}

/// `192.0.2.1`, or `192.0.2.1@a` with its zone.
pub fn addresses(texts: &[&str]) -> NameData {
    let address = |text: &&str| {
        let (address, zone) = text.split_once('@').map_or((*text, None), |(address, zone)| (address, Some(zone)));
        NameAddress { address: address.parse().expect("address"), zone: zone.map(str::to_owned) }
    };
    NameData::Addresses(texts.iter().map(address).collect())
}

pub fn alias(target: &str) -> NameData {
    NameData::Alias(target.into())
}

pub fn text(texts: &[&str]) -> NameData {
    NameData::Text(texts.iter().map(|text| (*text).to_owned()).collect())
}

pub fn names() -> Vec<NameConfig> {
    vec![
        name("gw-1.local.gw.example.org", "", addresses(&["192.0.2.1", "192.0.2.2", "2001:db8::1"])),
        name("gw-1-vpc.local.gw.example.org", "x", addresses(&["127.88.1.10@a", "127.88.2.10@b", "127.88.3.10@c"])),
        name("gw-2.local.gw.example.org", "", addresses(&["192.0.2.9"])),
        name("gw-2.local.gw.example.org", "x", addresses(&["10.0.0.9"])),
        name("*.wild.gw.example.org", "", addresses(&["192.0.2.7"])),
        name("own.wild.gw.example.org", "", text(&["own"])),
        name("deep.below.wild.gw.example.org", "", addresses(&["192.0.2.8"])),
        name("www.gw.example.org", "", alias("hop.gw.example.org")),
        name("hop.gw.example.org", "", alias("gw-1.local.gw.example.org")),
        name("dangling.gw.example.org", "", alias("nowhere.gw.example.org")),
        name("away.gw.example.org", "", alias("www.example.com")),
        name("loop.gw.example.org", "", alias("pool.gw.example.org")),
        name("pool.gw.example.org", "", alias("loop.gw.example.org")),
        name("_acme-challenge.gw.example.org", "", text(&["token-1", "token-2"])),
        name("api.example.com", "x", alias("gw-1-vpc.local.gw.example.org")),
        name("*.models.test", "x", addresses(&["127.88.1.10"])),
        name("a.b.corp.test", "y", addresses(&["10.1.1.1"])),
        name("corp.test", "y", addresses(&["10.1.1.2"])),
    ]
}

pub fn records() -> Records {
    Records::new(Zones::new(&config(), &names()).expect("valid"))
}

pub fn query(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    let labels = name.split('.').filter(|label| !label.is_empty()).map(str::as_bytes);
    message.add_query(Query::query(Name::from_labels(labels).expect("name"), kind));
    message
}

pub fn with_edns(mut message: Message, payload: u16) -> Message {
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    message.set_edns(edns);
    message
}

pub struct Asker<'a> {
    pub records: &'a Records,
    pub side: Option<VpcId>,
    pub client: IpAddr,
    pub transport: Transport,
}

impl<'a> Asker<'a> {
    pub fn new(records: &'a Records, on: &str) -> Self {
        Self { records, side: side(on), client: [127, 0, 0, 1].into(), transport: Transport::Udp }
    }

    pub fn from(records: &'a Records, on: &str, client: &str) -> Self {
        Self { client: client.parse().expect("address"), ..Self::new(records, on) }
    }

    pub fn raw(&self, packet: &[u8]) -> Option<Vec<u8>> {
        let arrival = Arrival { vpc: self.side.as_ref(), client: self.client, transport: self.transport };
        respond(self.records, arrival, packet)
    }

    pub fn send(&self, message: &Message) -> Message {
        let packet = message.to_vec().expect("encodes");
        Message::from_vec(&self.raw(&packet).expect("an answer")).expect("decodes")
    }

    pub fn ask(&self, name: &str, kind: RecordType) -> Message {
        self.send(&query(name, kind))
    }

    /// The answer's records, each as `type data`.
    pub fn answers(&self, name: &str, kind: RecordType) -> Vec<String> {
        self.ask(name, kind).answers.iter().map(|each| format!("{} {}", each.record_type(), each.data)).collect()
    }
}
