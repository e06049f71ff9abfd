//! W3C trace context: a request belongs to the trace that it names, or begins one.

use crate::message::{Head, Name, write_hex};
use crate::worker::Worker;

/// Whoever is told of it may have kept something of the trace, and the next one should as well.
const SAMPLED: u8 = 1;
/// With how the id was made. Other flags are not known, and such have to be 0.
const KNOWN_FLAGS: u8 = SAMPLED | 2;

/// Where a request stands.
#[derive(Clone, Copy, Default)]
pub struct TraceContext {
    /// 0 where there is none.
    pub id: u128,
    /// The request's own span, if somebody wants to see it.
    pub span: Option<u64>,
    /// The client's; only with one of its own.
    pub parent: Option<u64>,
}

pub struct Trace {
    pub context: TraceContext,
    /// The engine began it: state of another trace would be a lie.
    pub is_new: bool,
    /// What the replica is told instead of what the client said. A client's trace that nobody wants to see here goes
    /// on as it came, or the replica's span would name a parent that is nowhere.
    parent: Option<[u8; 55]>,
}

impl Trace {
    pub fn of(head: &Head, worker: &Worker) -> Self {
        let client = head.fields.only(Name::Traceparent).and_then(Parent::read);
        let wanted = worker.traces && client.as_ref().is_none_or(|client| client.flags & SAMPLED != 0);
        match client {
            Some(client) if wanted => {
                let span = worker.next_random().max(1);
                let context = TraceContext { id: client.trace, span: Some(span), parent: Some(client.span) };
                Self { context, is_new: false, parent: Some(told(client.trace, span, client.flags & KNOWN_FLAGS)) }
            }
            Some(client) => {
                let context = TraceContext { id: client.trace, span: None, parent: None };
                Self { context, is_new: false, parent: None }
            }
            None => {
                // Neither may be 0.
                let id = (u128::from(worker.next_random()) << 64 | u128::from(worker.next_random())).max(1);
                let span = worker.next_random().max(1);
                let context = TraceContext { id, span: wanted.then_some(span), parent: None };
                Self { context, is_new: true, parent: Some(told(id, span, if wanted { SAMPLED } else { 0 })) }
            }
        }
    }

    pub fn parent(&self) -> Option<&[u8]> {
        self.parent.as_ref().map(|parent| &parent[..])
    }
}

fn told(trace: u128, span: u64, flags: u8) -> [u8; 55] {
    let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
    write_hex(&mut text[3..35], trace);
    write_hex(&mut text[36..52], span.into());
    write_hex(&mut text[53..], flags.into());
    text
}

/// What a client says of where it stands.
#[derive(Debug, PartialEq, Eq)]
struct Parent {
    trace: u128,
    span: u64,
    flags: u8,
}

impl Parent {
    /// `00-<32 hexadecimal digits>-<16>-<2>`; later versions may have more behind.
    fn read(value: &[u8]) -> Option<Self> {
        let dashes = value.get(2) == Some(&b'-') && value.get(35) == Some(&b'-') && value.get(52) == Some(&b'-');
        let version = lower_hex(value.get(..2)?)?;
        let trace = lower_hex(value.get(3..35)?)?;
        let span = u64::try_from(lower_hex(value.get(36..52)?)?).ok()?;
        let flags = u8::try_from(lower_hex(value.get(53..55)?)?).ok()?;
        let length = value.len() == 55 || (version != 0 && value.get(55) == Some(&b'-'));
        if !dashes || !length || version == 0xff || trace == 0 || span == 0 {
            return None;
        }
        Some(Self { trace, span, flags })
    }
}

/// At most 32 digits.
fn lower_hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |value, digit| match digit {
        b'0'..=b'9' => Some(value << 4 | u128::from(digit - b'0')),
        b'a'..=b'f' => Some(value << 4 | u128::from(digit - b'a' + 10)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_a_trace() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
        let parent = Parent { trace, span: 0xb7ad_6b71_6920_3331, flags: 1 };
        assert_eq!(Parent::read(good.as_bytes()), Some(parent));
        assert_eq!(told(trace, 0xb7ad_6b71_6920_3331, 1), good.as_bytes());
        assert!(Parent::read(format!("01{}-more", &good[2..]).as_bytes()).is_some());
        for bad in [
            "",
            "00",
            "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
            "00-0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(Parent::read(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(value in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Parent::read(&value);
        }
    }
}
