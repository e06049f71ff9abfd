//! W3C trace context: a request belongs to the trace that it names, or begins one.

use crate::message::{Head, Name, write_hex};
use crate::worker::Worker;

pub struct Trace {
    pub id: u128,
    /// What the replica is told, where the client named no trace.
    parent: Option<[u8; 55]>,
}

impl Trace {
    pub fn of(head: &Head, worker: &Worker) -> Self {
        if let Some(id) = head.fields.only(Name::Traceparent).and_then(trace_of) {
            return Self { id, parent: None };
        }
        // Neither may be 0.
        let id = (u128::from(worker.next_random()) << 64 | u128::from(worker.next_random())).max(1);
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        write_hex(&mut text[3..35], id);
        write_hex(&mut text[36..52], u128::from(worker.next_random().max(1)));
        Self { id, parent: Some(text) }
    }

    /// The engine began it: state of another trace would be a lie.
    pub fn is_new(&self) -> bool {
        self.parent.is_some()
    }

    pub fn parent(&self) -> Option<&[u8]> {
        self.parent.as_ref().map(|parent| &parent[..])
    }
}

/// `00-<32 hexadecimal digits>-<16>-<2>`; later versions may have more behind.
fn trace_of(value: &[u8]) -> Option<u128> {
    let lower_hex = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let dashes = value.get(2) == Some(&b'-') && value.get(35) == Some(&b'-') && value.get(52) == Some(&b'-');
    let (version, trace, parent) = (value.get(..2)?, value.get(3..35)?, value.get(36..52)?);
    let flags = value.get(53..55)?;
    let length = value.len() == 55 || (version != b"00" && value.get(55) == Some(&b'-'));
    let hex = lower_hex(version) && lower_hex(trace) && lower_hex(parent) && lower_hex(flags);
    let zero = parent.iter().all(|byte| *byte == b'0');
    if !dashes || !hex || !length || version == b"ff" || zero {
        return None;
    }
    u128::from_str_radix(std::str::from_utf8(trace).ok()?, 16).ok().filter(|trace| *trace != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_a_trace() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(trace_of(good.as_bytes()), Some(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c));
        assert!(trace_of(format!("01{}-more", &good[2..]).as_bytes()).is_some());
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(trace_of(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(value in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = trace_of(&value);
        }
    }
}
