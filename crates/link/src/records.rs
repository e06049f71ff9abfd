//! Access records on their way: packed where a request ends, and not looked into before somebody wants to know them.
//!
//! Each is an array in MessagePack's compact flavour, one behind the other. New fields come last, with a default: an
//! engine and a console of different versions read what both know.

use crate::telemetry::{AccessRecord, Llm};
use bytes::Bytes;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::net::{IpAddr, SocketAddr};

/// One that is being packed: the same fields in the same order as [`AccessRecord`].
#[derive(Serialize)]
pub struct Packing<'r> {
    /// Microseconds of the calendar.
    pub at: i64,
    pub request_id: &'r str,
    pub gateway_id: Option<&'r str>,
    pub service_id: Option<&'r str>,
    pub replica_id: Option<&'r str>,
    pub token_id: Option<&'r str>,
    pub client: IpAddr,
    pub local: SocketAddr,
    pub method: &'r str,
    pub host: &'r str,
    pub path: &'r str,
    pub status: u16,
    pub detail: Option<&'r str>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub duration_us: u64,
    pub upstream_us: Option<u64>,
    pub sent_us: Option<u64>,
    pub tries: u8,
    pub protocol: &'r str,
    pub tls: Option<&'r str>,
    pub user_agent: &'r str,
    pub trace_id: Option<&'r str>,
    pub llm: Option<&'r Llm>,
    /// Those that are behind all others and are not there cost nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_id: Option<u64>,
    /// Never without the one before it: its place in the array would be another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<u64>,
}

/// Some records, one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    bytes: Bytes,
    count: u64,
}

#[derive(Default)]
pub struct Packer {
    bytes: Vec<u8>,
    count: u64,
}

impl Packer {
    pub fn push(&mut self, record: &Packing<'_>) {
        let before = self.bytes.len();
        // Memory takes everything; what fails all the same must not leave half a record.
        match rmp_serde::encode::write(&mut self.bytes, record) {
            Ok(()) => self.count += 1,
            Err(_) => self.bytes.truncate(before),
        }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Makes room for `capacity` bytes for those that follow.
    pub fn take(&mut self, capacity: usize) -> Packed {
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(capacity));
        Packed { bytes: bytes.into(), count: std::mem::take(&mut self.count) }
    }
}

impl Packed {
    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// When (microseconds of the calendar) and which token was used, of each record that has one. The rest of a record
    /// is passed over, so this costs a fraction of reading it.
    pub fn token_uses(&self) -> impl Iterator<Item = (i64, &str)> {
        let mut reader = rmp_serde::Deserializer::from_read_ref(&self.bytes[..]);
        let mut left = self.count;
        let used = std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            TokenUse::deserialize(&mut reader).ok()
        });
        used.filter_map(|TokenUse(at, token)| Some((at, token?)))
    }

    /// What cannot be read is passed over: an engine of another version wrote it.
    pub fn iter(&self) -> impl Iterator<Item = AccessRecord> {
        let mut reader = rmp_serde::Deserializer::from_read_ref(&self.bytes[..]);
        let mut left = self.count;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            Known::deserialize(&mut reader).ok().map(|known| known.0)
        })
    }
}

/// A record as far as it is known here. By itself the format takes an array that is longer for an error.
struct Known(AccessRecord);

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Known;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("the fields of an access record")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Known, A::Error> {
                let known = AccessRecord::deserialize(SeqAccessDeserializer::new(&mut fields))?;
                while fields.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Known(known))
            }
        }

        deserializer.deserialize_seq(Fields)
    }
}

/// The first and the sixth field of a record.
struct TokenUse<'de>(i64, Option<&'de str>);

impl<'de> Deserialize<'de> for TokenUse<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = TokenUse<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("the fields of an access record")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<TokenUse<'de>, A::Error> {
                let at = fields.next_element()?.unwrap_or_default();
                for _ in 0..4 {
                    fields.next_element::<IgnoredAny>()?;
                }
                let token = fields.next_element::<Option<&'de str>>()?.flatten();
                while fields.next_element::<IgnoredAny>()?.is_some() {}
                Ok(TokenUse(at, token))
            }
        }

        deserializer.deserialize_seq(Fields)
    }
}

/// The records of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Records(Vec<Packed>);

impl Records {
    pub fn push(&mut self, packed: Packed) {
        self.0.push(packed);
    }

    pub fn count(&self) -> u64 {
        self.0.iter().map(Packed::count).sum()
    }

    /// Bytes.
    pub fn size(&self) -> usize {
        self.0.iter().map(Packed::size).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they came, for who looks into them later.
    pub fn packs(&self) -> &[Packed] {
        &self.0
    }

    /// See [`Packed::iter`].
    pub fn iter(&self) -> impl Iterator<Item = AccessRecord> {
        self.0.iter().flat_map(Packed::iter)
    }
}

impl IntoIterator for Records {
    type Item = AccessRecord;
    type IntoIter = std::vec::IntoIter<AccessRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packing(request_id: &str) -> Packing<'_> {
        Packing {
            at: 1_795_435_200_000_001,
            request_id,
            gateway_id: Some("gw-1"),
            service_id: None,
            replica_id: None,
            token_id: None,
            client: IpAddr::from([127, 0, 0, 1]),
            local: SocketAddr::from(([0; 8], 80)),
            method: "GET",
            host: "h",
            path: "/",
            status: 200,
            detail: None,
            bytes_in: 1,
            bytes_out: 70_000,
            duration_us: 3,
            upstream_us: Some(2),
            sent_us: None,
            tries: 1,
            protocol: "HTTP/1.1",
            tls: None,
            user_agent: "",
            trace_id: Some("0af7651916cd43dd8448eb211c80319c"),
            llm: None,
            span_id: None,
            parent_span_id: None,
        }
    }

    #[test]
    fn what_is_packed_is_read() {
        let mut packer = Packer::default();
        ["a", "b"].iter().for_each(|id| packer.push(&packing(id)));
        let mut records = Records::default();
        records.push(packer.take(0));
        assert!(packer.is_empty());
        let sent = rmp_serde::to_vec_named(&records).expect("MessagePack");
        let got: Records = rmp_serde::from_slice(&sent).expect("the same");
        assert_eq!(got, records);
        let all: Vec<AccessRecord> = got.into_iter().collect();
        assert_eq!(all.iter().map(|record| record.request_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(all[0].at.timestamp_micros(), 1_795_435_200_000_001);
        assert_eq!((all[0].bytes_out, all[0].gateway_id.as_ref().map(|id| id.as_str())), (70_000, Some("gw-1")));
        assert_eq!(all[0].local, SocketAddr::from(([0; 8], 80)));
    }

    #[test]
    fn uses_of_tokens_are_found_without_the_rest() {
        let mut packer = Packer::default();
        packer.push(&Packing { token_id: Some("tok-1"), ..packing("a") });
        packer.push(&packing("b"));
        packer.push(&Packing { at: 7, token_id: Some("tok-2"), span_id: Some(1), ..packing("c") });
        let packed = packer.take(0);
        assert_eq!(packed.token_uses().collect::<Vec<_>>(), [(1_795_435_200_000_001, "tok-1"), (7, "tok-2")]);
        let cut = Packed { bytes: packed.bytes.slice(..packed.bytes.len() - 1), count: 3 };
        assert_eq!(cut.token_uses().count(), 1, "half a record is none");
    }

    #[test]
    fn spans_are_there_or_not() {
        let mut packer = Packer::default();
        let all = [(None, None), (Some(u64::MAX), Some(1)), (Some(7), None)];
        for (span_id, parent_span_id) in all {
            packer.push(&Packing { span_id, parent_span_id, ..packing("a") });
        }
        let read: Vec<_> = packer.take(0).iter().map(|record| (record.span_id, record.parent_span_id)).collect();
        assert_eq!(read, all);
    }

    #[test]
    fn a_newer_engines_record_is_read() {
        let mut packer = Packer::default();
        packer.push(&Packing { span_id: Some(1), parent_span_id: Some(2), ..packing("a") });
        let mut bytes = packer.take(0).bytes.to_vec();
        assert_eq!(bytes[..3], [0xdc, 0, 26]);
        bytes[2] += 1;
        bytes.push(7);
        let twice = [&bytes[..], &bytes[..]].concat();
        let read: Vec<_> = Packed { bytes: twice.into(), count: 2 }.iter().map(|record| record.span_id).collect();
        assert_eq!(read, [Some(1), Some(1)]);
    }

    #[test]
    fn an_older_engines_record_is_read() {
        #[derive(Serialize)]
        struct Older(
            i64,
            &'static str,
            (),
            (),
            (),
            (),
            IpAddr,
            SocketAddr,
            &'static str,
            &'static str,
            &'static str,
            u16,
        );
        let older = Older(1, "a", (), (), (), (), [1, 2, 3, 4].into(), ([1, 2, 3, 4], 5).into(), "GET", "h", "/", 200);
        let mut bytes = rmp_serde::to_vec(&older).expect("MessagePack");
        // As long as the fields that have always been there.
        bytes[0] = 0xdc;
        bytes.splice(1..1, [0, 16]);
        bytes.extend_from_slice(&rmp_serde::to_vec(&(None::<&str>, 1, 2, 3)).expect("MessagePack")[1..]);
        let records = Records(vec![Packed { bytes: bytes.into(), count: 1 }]);
        assert_eq!(records.iter().map(|record| (record.status, record.duration_us)).collect::<Vec<_>>(), [(200, 3)]);
    }
}
