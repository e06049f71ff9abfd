//! From a packet to its answer, without I/O and without a clock.

use crate::answer::{Answer, answer};
use crate::message::{encode, truncated, udp_limit};
use crate::question::read;
use crate::records::Records;
use domain::id::VpcId;
use std::net::IpAddr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

/// Where a packet came in, and from whom.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The listener's network; `None`: the public side.
    pub vpc: Option<&'a VpcId>,
    pub client: IpAddr,
    pub transport: Transport,
}

/// The answer, if it gets one: at most 1232 bytes over UDP (512 to who does not speak EDNS), 65535 over TCP.
pub fn respond(records: &Records, arrival: Arrival, packet: &[u8]) -> Option<Vec<u8>> {
    let (question, verdict) = read(packet)?;
    let limit = match arrival.transport {
        Transport::Udp => udp_limit(&question),
        Transport::Tcp => usize::from(u16::MAX),
    };
    let answer = match (verdict, &question.query) {
        (Err(code), _) => Answer { code, ..Answer::default() },
        (Ok(()), None) => return None,
        (Ok(()), Some(query)) => {
            let (zones, unhealthy) = (records.zones(), records.unhealthy());
            let view = zones.view(arrival.vpc);
            answer(&view, &view.near(arrival.client, &unhealthy), query.name(), query.query_type())
        }
    };
    encode(&question, answer, limit)
}

/// For who asks too often over UDP: an answer without records, after which a real client asks over TCP. What is no
/// proper question gets nothing.
pub(crate) fn send_to_tcp(packet: &[u8]) -> Option<Vec<u8>> {
    let (question, verdict) = read(packet)?;
    verdict.ok().and_then(|()| truncated(&question))
}
