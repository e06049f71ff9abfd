//! Any bytes: no panic, at most one answer, never more of it than allowed.

mod common;

use common::{Asker, query, records, with_edns};
use dns::Transport;
use hickory_proto::rr::RecordType;
use proptest::prelude::*;

fn check(packet: &[u8]) -> Result<(), TestCaseError> {
    let records = records();
    for (on, transport, most) in
        [("", Transport::Udp, 1232), ("x", Transport::Udp, 1232), ("x", Transport::Tcp, 65_535)]
    {
        let mut asker = Asker::new(&records, on);
        asker.transport = transport;
        let Some(answer) = asker.raw(packet) else { continue };
        prop_assert!(answer.len() >= 12 && answer.len() <= most, "{} bytes", answer.len());
        prop_assert_eq!(&answer[..2], &packet[..2], "the same id");
        prop_assert_eq!((answer[2] & 0x80, answer[3] & 0x80), (0x80, 0), "an answer, without recursion");
        prop_assert!(packet[2] & 0x80 == 0, "answers are not answered");
        // What it says about itself can be read, and an answer is not answered by the likes of us.
        prop_assert!(hickory_proto::op::Message::from_vec(&answer).is_ok());
        prop_assert!(asker.raw(&answer).is_none());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(packet in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&packet)?;
    }

    /// A head that says that it is a question, so that what follows is looked at.
    #[test]
    fn any_bytes_behind_a_proper_head(
        counts in prop::array::uniform4(prop_oneof![Just(0u16), Just(1), Just(2), any::<u16>()]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut packet = vec![1, 2, 0, 0];
        counts.iter().for_each(|count| packet.extend(count.to_be_bytes()));
        packet.extend(rest);
        check(&packet)?;
    }

    /// A good question with some bytes changed, cut off or added.
    #[test]
    fn a_question_gone_wrong(
        kind in any::<u16>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
        more in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let message = with_edns(query("x.wild.gw.example.org", RecordType::from(kind)), 1400);
        let mut packet = message.to_vec().expect("encodes");
        for (at, byte) in changes {
            let at = at.index(packet.len());
            packet[at] = byte;
        }
        if is_cut {
            packet.truncate(cut.index(packet.len()));
        }
        packet.extend(more);
        check(&packet)?;
    }

    /// Whatever the labels.
    #[test]
    fn any_name(labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..10), below in any::<bool>()) {
        let mut name: Vec<u8> = labels.iter().flat_map(|label| {
            let len = u8::try_from(label.len()).expect("short");
            [vec![len], label.clone()].concat()
        }).collect();
        if below {
            name.extend(b"\x02gw\x07example\x03org");
        }
        let packet = [&[1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &name, &[0, 0, 1, 0, 1]].concat();
        check(&packet)?;
        let records = records();
        let asked = Asker::new(&records, "").raw(&packet);
        prop_assert!(asked.is_some(), "a proper question gets an answer");
    }
}

#[test]
fn known_tricks() {
    let head = [1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for rest in [
        // A name that points at itself, forward, at the head, at a pointer.
        &[0xC0, 12, 0, 1, 0, 1][..],
        &[0xC0, 16, 0, 1, 0, 1],
        &[0xC0, 0, 0, 1, 0, 1],
        &[1, b'a', 0xC0, 12, 0, 1, 0, 1],
        &[0x40, 1, 0, 1, 0, 1],
        &[63, b'a', 0, 0, 1, 0, 1],
        &[],
    ] {
        check(&[&head[..], rest].concat()).expect("holds");
    }
    // Counts that promise much.
    let greedy = [1, 2, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
    check(&greedy).expect("holds");
    // Two OPT records.
    let mut twice = with_edns(query("gw.example.org", RecordType::A), 1232).to_vec().expect("encodes");
    let option = twice[twice.len() - 11..].to_vec();
    twice.extend(option);
    twice[11] = 2;
    // Something behind the end.
    let mut more = query("gw.example.org", RecordType::SOA).to_vec().expect("encodes");
    more.push(0);
    let records = records();
    for packet in [twice, more] {
        let answer = Asker::new(&records, "").raw(&packet).expect("an answer");
        assert_eq!(answer[3] & 0x0F, 1, "FORMERR");
    }
}
