//! What is answered to whom, packet by packet, without sockets.

mod common;

use common::{Asker, addresses, alias, config, name, names, query, records, side, text, with_edns};
use dns::{Records, Transport, Zones};
use domain::snapshot::dns::{DnsConfig, NameData};
use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};
use std::net::IpAddr;

const GATEWAY: &str = "gw-1.local.gw.example.org";

/// That there is nothing: the code, the SOA's owner, and for how long that may be kept.
fn negative(answer: &Message) -> (ResponseCode, String, u32) {
    assert!(answer.metadata.authoritative && !answer.metadata.recursion_available, "{answer}");
    let [soa] = answer.authorities.as_slice() else { panic!("one SOA expected: {answer}") };
    assert_eq!(soa.record_type(), RecordType::SOA);
    (answer.metadata.response_code, soa.name.to_ascii(), soa.ttl)
}

fn nothing(zone: &str) -> (ResponseCode, String, u32) {
    (ResponseCode::NoError, format!("{zone}."), 5)
}

fn missing(zone: &str) -> (ResponseCode, String, u32) {
    (ResponseCode::NXDomain, format!("{zone}."), 5)
}

#[test]
fn addresses_of_both_families() {
    let records = records();
    let asker = Asker::new(&records, "");
    let answer = asker.ask(GATEWAY, RecordType::A);
    assert!(answer.metadata.authoritative && !answer.metadata.recursion_available && answer.metadata.recursion_desired);
    assert_eq!((answer.metadata.id, answer.answers[0].ttl), (7, 30));
    assert_eq!(asker.answers(GATEWAY, RecordType::A), ["A 192.0.2.1", "A 192.0.2.2"]);
    assert_eq!(asker.answers(GATEWAY, RecordType::AAAA), ["AAAA 2001:db8::1"]);
    let texts = asker.answers("_acme-challenge.gw.example.org", RecordType::TXT);
    assert_eq!(texts, ["TXT token-1", "TXT token-2"]);
}

#[test]
fn a_name_may_be_there_and_have_nothing_of_the_type() {
    let records = records();
    let asker = Asker::new(&records, "");
    for (asked, kind) in [
        (GATEWAY, RecordType::TXT),
        (GATEWAY, RecordType::HTTPS),
        (GATEWAY, RecordType::Unknown(65_280)),
        (GATEWAY, RecordType::SOA),
        (GATEWAY, RecordType::NS),
        ("gw.example.org", RecordType::A),
        // Only because there are names below.
        ("local.gw.example.org", RecordType::A),
        ("wild.gw.example.org", RecordType::A),
        ("local.gw.example.org", RecordType::ANY),
    ] {
        let answer = asker.ask(asked, kind);
        assert_eq!(negative(&answer), nothing("gw.example.org"), "{asked} {kind}");
        assert!(answer.answers.is_empty());
    }
    for asked in ["no.gw.example.org", "no.gw-1.local.gw.example.org", "x.y.gw.example.org"] {
        assert_eq!(negative(&asker.ask(asked, RecordType::A)), missing("gw.example.org"), "{asked}");
    }
}

#[test]
fn names_of_others_are_refused() {
    let records = records();
    let asker = Asker::new(&records, "");
    for asked in ["example.org", "org", "", "www.google.com", "xgw.example.org", "api.example.com", "models.test"] {
        let answer = asker.ask(asked, RecordType::A);
        assert_eq!(answer.metadata.response_code, ResponseCode::Refused, "{asked}");
        assert!(!answer.metadata.authoritative && answer.authorities.is_empty(), "{asked}");
    }
}

#[test]
fn the_zone_says_who_serves_it() {
    let records = records();
    let mut zones = Zones::clone(&records.zones());
    zones.set_serial((1 << 32) + 42);
    records.set_zones(zones);
    let asker = Asker::new(&records, "");
    let soa = asker.answers("gw.example.org", RecordType::SOA);
    assert_eq!(soa, [r"SOA ns.gw.example.org. host\.master.example.org. 42 3600 600 604800 5"]);
    let ns = asker.ask("gw.example.org", RecordType::NS);
    assert_eq!(ns.answers[0].data.to_string(), "ns.gw.example.org.");
    // Nobody configured its address: it is the listener's, on each side its own.
    assert_eq!(ns.additionals[0].data.to_string(), "127.0.0.1");
    assert_eq!(asker.answers("ns.gw.example.org", RecordType::A), ["A 127.0.0.1"]);
    assert_eq!(Asker::new(&records, "x").answers("ns.gw.example.org", RecordType::A), ["A 127.88.1.53"]);
    // A side without listeners of its own knows no address, and then there is no such name.
    let unknown = Asker::new(&records, "y").ask("ns.gw.example.org", RecordType::A);
    assert_eq!(negative(&unknown), missing("gw.example.org"));
}

#[test]
fn the_zone_is_there_without_a_name_in_it() {
    let nobody = DnsConfig { listeners: vec![], ..config() };
    let records = Records::new(Zones::new(&nobody, []).expect("valid"));
    let asker = Asker::new(&records, "x");
    assert_eq!(asker.answers("gw.example.org", RecordType::SOA).len(), 1);
    assert_eq!(negative(&asker.ask("gw.example.org", RecordType::A)), nothing("gw.example.org"));
    assert_eq!(negative(&asker.ask("a.b.gw.example.org", RecordType::A)), missing("gw.example.org"));
    assert_eq!(asker.ask("example.org", RecordType::SOA).metadata.response_code, ResponseCode::Refused);
}

#[test]
fn each_side_sees_its_own_names_first() {
    let records = records();
    let on = |side: &str, asked: &str| Asker::new(&records, side).answers(asked, RecordType::A);
    assert_eq!(on("", "gw-2.local.gw.example.org"), ["A 192.0.2.9"]);
    assert_eq!(on("x", "gw-2.local.gw.example.org"), ["A 10.0.0.9"]);
    assert_eq!(on("y", "gw-2.local.gw.example.org"), ["A 192.0.2.9"], "public names are seen from everywhere");
    assert_eq!(on("x", "gw-1-vpc.local.gw.example.org").len(), 3);
    for other in ["", "y"] {
        let answer = Asker::new(&records, other).ask("gw-1-vpc.local.gw.example.org", RecordType::A);
        assert_eq!(negative(&answer), missing("gw.example.org"), "on {other:?}");
        let foreign = Asker::new(&records, other).ask("api.example.com", RecordType::A);
        assert_eq!(foreign.metadata.response_code, ResponseCode::Refused, "on {other:?}");
    }
}

#[test]
fn names_outside_the_base_domain_are_zones_of_their_own() {
    let records = records();
    let asker = Asker::new(&records, "x");
    let soa = asker.ask("api.example.com", RecordType::SOA);
    assert_eq!((soa.answers[0].name.to_ascii(), soa.answers.len()), ("api.example.com.".into(), 1));
    assert_eq!(asker.answers("api.example.com", RecordType::NS), ["NS ns.gw.example.org."]);
    assert_eq!(negative(&asker.ask("no.api.example.com", RecordType::A)), missing("api.example.com"));
    assert_eq!(asker.ask("example.com", RecordType::A).metadata.response_code, ResponseCode::Refused);

    // Of a wildcard it is the name that it is a wildcard of.
    assert_eq!(asker.answers("m.models.test", RecordType::A), ["A 127.88.1.10"]);
    assert_eq!(asker.answers("models.test", RecordType::SOA).len(), 1);
    assert_eq!(negative(&asker.ask("models.test", RecordType::A)), nothing("models.test"));
    assert_eq!(negative(&asker.ask("m.models.test", RecordType::TXT)), nothing("models.test"));
    assert_eq!(negative(&asker.ask("*.models.test", RecordType::TXT)), nothing("models.test"));

    let asker = Asker::new(&records, "y");
    assert_eq!(negative(&asker.ask("b.corp.test", RecordType::A)), nothing("corp.test"));
    assert_eq!(negative(&asker.ask("c.corp.test", RecordType::A)), missing("corp.test"));
    assert_eq!(negative(&asker.ask("c.a.b.corp.test", RecordType::A)), missing("a.b.corp.test"));
}

#[test]
fn wildcards_give_way_to_names_and_to_what_leads_to_names() {
    let records = records();
    let asker = Asker::new(&records, "");
    for asked in ["x.wild.gw.example.org", "x.y.wild.gw.example.org", "*.wild.gw.example.org"] {
        assert_eq!(asker.answers(asked, RecordType::A), ["A 192.0.2.7"], "{asked}");
    }
    let answer = asker.ask("X.Wild.gw.example.org", RecordType::A);
    assert_eq!(answer.answers[0].name.to_ascii(), "X.Wild.gw.example.org.", "the owner is who was asked for");
    // A name of its own, also with another type, and what is below it.
    assert_eq!(negative(&asker.ask("own.wild.gw.example.org", RecordType::A)), nothing("gw.example.org"));
    assert_eq!(negative(&asker.ask("x.own.wild.gw.example.org", RecordType::A)), missing("gw.example.org"));
    // A name without data that leads to one.
    assert_eq!(negative(&asker.ask("below.wild.gw.example.org", RecordType::A)), nothing("gw.example.org"));
    assert_eq!(negative(&asker.ask("x.below.wild.gw.example.org", RecordType::A)), missing("gw.example.org"));
    // A star in the middle is a name like any other.
    assert_eq!(negative(&asker.ask("x.*.wild.gw.example.org", RecordType::A)), missing("gw.example.org"));
}

#[test]
fn aliases_are_followed_as_far_as_we_know() {
    let records = records();
    let asker = Asker::new(&records, "");
    let chain = ["CNAME hop.gw.example.org.", "CNAME gw-1.local.gw.example.org.", "A 192.0.2.1", "A 192.0.2.2"];
    assert_eq!(asker.answers("www.gw.example.org", RecordType::A), chain);
    assert_eq!(asker.answers("www.gw.example.org", RecordType::CNAME), chain[..1]);
    assert_eq!(asker.answers("www.gw.example.org", RecordType::ANY), chain[..1]);
    let nothing_there = asker.ask("www.gw.example.org", RecordType::TXT);
    assert_eq!((nothing_there.answers.len(), negative(&nothing_there)), (2, nothing("gw.example.org")));
    let dangling = asker.ask("dangling.gw.example.org", RecordType::A);
    assert_eq!((dangling.answers.len(), negative(&dangling)), (1, missing("gw.example.org")));
    let away = asker.ask("away.gw.example.org", RecordType::A);
    assert_eq!((away.answers.len(), away.metadata.response_code), (1, ResponseCode::NoError));
    assert!(away.authorities.is_empty());
    let circle = asker.answers("loop.gw.example.org", RecordType::A);
    assert_eq!(circle, ["CNAME pool.gw.example.org.", "CNAME loop.gw.example.org."]);
    let inside = Asker::new(&records, "x").answers("api.example.com", RecordType::A);
    assert_eq!((inside.len(), inside[0].as_str()), (4, "CNAME gw-1-vpc.local.gw.example.org."));
}

#[test]
fn a_long_chain_of_aliases_ends() {
    let hop = |number: usize| {
        name(&format!("h{number}.gw.example.org"), "", alias(&format!("h{}.gw.example.org", number + 1)))
    };
    let hops: Vec<_> = (0..50).map(hop).collect();
    let records = Records::new(Zones::new(&config(), &hops).expect("valid"));
    let answer = Asker::new(&records, "").ask("h0.gw.example.org", RecordType::A);
    assert_eq!((answer.answers.len(), answer.metadata.response_code), (8, ResponseCode::NoError));
}

#[test]
fn the_nearest_zone_comes_first() {
    let records = records();
    let order = |client: &str| {
        Asker::from(&records, "x", client).answers("gw-1-vpc.local.gw.example.org", RecordType::A).join(" ")
    };
    let configured = "A 127.88.1.10 A 127.88.2.10 A 127.88.3.10";
    assert_eq!(order("127.88.1.77"), configured);
    assert_eq!(order("127.88.2.77"), "A 127.88.2.10 A 127.88.1.10 A 127.88.3.10");
    assert_eq!(order("::ffff:127.88.2.77"), "A 127.88.2.10 A 127.88.1.10 A 127.88.3.10");
    assert_eq!(order("127.88.9.1"), configured, "the wide block's zone has no address");
    assert_eq!(order("10.0.0.1"), configured, "from nowhere");
    // The narrowest block decides, and one VPC's blocks mean nothing in another.
    let mut zones = Zones::clone(&records.zones());
    zones.put(&name("n.gw.example.org", "", addresses(&["192.0.2.1@wide", "192.0.2.2@b"]))).expect("valid");
    records.set_zones(zones);
    let seen = |on: &str, client: &str| Asker::from(&records, on, client).answers("n.gw.example.org", RecordType::A);
    assert_eq!(seen("x", "127.88.2.1"), ["A 192.0.2.2", "A 192.0.2.1"]);
    assert_eq!(seen("x", "127.88.7.1"), ["A 192.0.2.1", "A 192.0.2.2"]);
    assert_eq!(seen("y", "127.88.2.1"), ["A 192.0.2.1", "A 192.0.2.2"]);
}

#[test]
fn the_unhealthy_are_left_out_while_there_are_others() {
    let records = records();
    let asker = Asker::new(&records, "");
    let ill = |texts: &[&str]| records.set_unhealthy(texts.iter().map(|text| text.parse::<IpAddr>().expect("address")));
    ill(&["192.0.2.1", "2001:db8::1"]);
    assert_eq!(asker.answers(GATEWAY, RecordType::A), ["A 192.0.2.2"]);
    assert_eq!(asker.answers(GATEWAY, RecordType::AAAA), ["AAAA 2001:db8::1"], "the only one of its family");
    ill(&["192.0.2.1", "192.0.2.2"]);
    assert_eq!(asker.answers(GATEWAY, RecordType::A), ["A 192.0.2.1", "A 192.0.2.2"]);
    ill(&[]);
    assert_eq!(asker.answers(GATEWAY, RecordType::A).len(), 2);
}

#[test]
fn who_asks_for_anything_gets_one_type() {
    let records = records();
    let asker = Asker::new(&records, "");
    assert_eq!(asker.answers(GATEWAY, RecordType::ANY), ["A 192.0.2.1", "A 192.0.2.2"]);
    let apex = asker.ask("gw.example.org", RecordType::ANY);
    assert_eq!(apex.answers.iter().map(|each| each.record_type()).collect::<Vec<_>>(), [RecordType::SOA]);
}

#[test]
fn the_question_comes_back_as_it_was_written() {
    let records = records();
    let packet = query("gW-1.LocaL.gw.eXamPle.ORG", RecordType::A).to_vec().expect("encodes");
    let answer = Asker::new(&records, "").raw(&packet).expect("an answer");
    assert_eq!(answer[12..packet.len()], packet[12..], "byte for byte");
    let answer = Message::from_vec(&answer).expect("decodes");
    assert_eq!(answer.answers[0].name.to_ascii(), "gW-1.LocaL.gw.eXamPle.ORG.");
}

#[test]
fn only_questions_of_class_in_are_answered() {
    let records = records();
    let asker = Asker::new(&records, "");
    let code = |message: &Message| asker.send(message).metadata.response_code;
    for class in [DNSClass::CH, DNSClass::HS, DNSClass::ANY, DNSClass::NONE] {
        let mut message = query(GATEWAY, RecordType::A);
        message.queries[0].set_query_class(class);
        assert_eq!(code(&message), ResponseCode::Refused, "{class}");
    }
    for kind in [RecordType::AXFR, RecordType::IXFR] {
        let mut message = query("gw.example.org", kind);
        assert_eq!(code(&message), ResponseCode::Refused, "{kind}");
        message.authorities = asker.ask("gw.example.org", RecordType::SOA).answers;
        assert_eq!(code(&message), ResponseCode::Refused, "{kind} with a SOA record");
    }
    for (op_code, expected) in [
        (OpCode::Update, ResponseCode::Refused),
        (OpCode::Notify, ResponseCode::Refused),
        (OpCode::Status, ResponseCode::NotImp),
        (OpCode::Unknown(9), ResponseCode::NotImp),
    ] {
        let mut message = query("gw.example.org", RecordType::SOA);
        message.metadata.op_code = op_code;
        let answer = asker.send(&message);
        assert_eq!((answer.metadata.response_code, answer.metadata.op_code), (expected, op_code));
        assert!(answer.answers.is_empty());
    }
    let mut two = query(GATEWAY, RecordType::A);
    two.add_query(two.queries[0].clone());
    assert_eq!(code(&two), ResponseCode::FormErr);
}

#[test]
fn what_is_too_large_for_the_asker_is_asked_for_again_over_tcp() {
    let many: Vec<String> = (0..100).map(|number| format!("192.0.2.{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut zones = Zones::new(&config(), &names()).expect("valid");
    zones.put(&name("many.gw.example.org", "", addresses(&many))).expect("valid");
    zones.put(&name("some.gw.example.org", "", addresses(&many[..60]))).expect("valid");
    let records = Records::new(zones);
    let mut asker = Asker::new(&records, "");
    let count = |asker: &Asker, message: &Message| {
        let answer = asker.raw(&message.to_vec().expect("encodes")).expect("an answer");
        let message = Message::from_vec(&answer).expect("decodes");
        (message.answers.len(), message.metadata.truncation, answer.len(), message.edns.map(|edns| edns.max_payload()))
    };
    let (many, some) = (query("many.gw.example.org", RecordType::A), query("some.gw.example.org", RecordType::A));
    assert_eq!(count(&asker, &some), (0, true, 37, None));
    assert_eq!(count(&asker, &with_edns(some.clone(), 1232)), (60, false, 37 + 60 * 16 + 11, Some(1232)));
    // No more than arrives in one piece, whatever the asker would take, and no less than the least.
    assert_eq!(count(&asker, &with_edns(many.clone(), 4096)), (0, true, 48, Some(1232)));
    assert_eq!(count(&asker, &with_edns(some.clone(), 0)), (0, true, 48, Some(1232)));
    asker.transport = Transport::Tcp;
    assert_eq!(count(&asker, &many), (100, false, 37 + 100 * 16, None));
}

#[test]
fn a_later_edns_is_told_ours() {
    let records = records();
    let mut message = with_edns(query(GATEWAY, RecordType::A), 1232);
    message.edns.as_mut().expect("set").set_version(1).set_dnssec_ok(true);
    let answer = Asker::new(&records, "").send(&message);
    let edns = answer.edns.as_ref().expect("EDNS");
    // BADVERS, which shares its number with BADSIG.
    assert_eq!((u16::from(answer.metadata.response_code), edns.version()), (16, 0));
    assert!(edns.flags().dnssec_ok && answer.answers.is_empty());
}

#[test]
fn changes_are_seen_at_once_and_only_those() {
    let records = records();
    let asker = Asker::new(&records, "");
    let mut zones = Zones::clone(&records.zones());
    let before = zones.len();
    zones.put(&name("new.gw.example.org", "", addresses(&["192.0.2.50"]))).expect("valid");
    assert!(asker.answers("new.gw.example.org", RecordType::A).is_empty(), "not set yet");
    records.set_zones(zones.clone());
    assert_eq!(asker.answers("new.gw.example.org", RecordType::A), ["A 192.0.2.50"]);
    assert!(zones.remove("new.gw.example.org", None) && !zones.remove("new.gw.example.org", None));
    assert!(!zones.remove("gw-2.local.gw.example.org", side("y").as_ref()));
    assert!(zones.remove("gw-2.local.gw.example.org", side("x").as_ref()));
    records.set_zones(zones.clone());
    assert_eq!(zones.len(), before - 1);
    assert_eq!(negative(&asker.ask("new.gw.example.org", RecordType::A)), missing("gw.example.org"));
    assert_eq!(Asker::new(&records, "x").answers("gw-2.local.gw.example.org", RecordType::A), ["A 192.0.2.9"]);
    // Another base domain for the names that there are.
    zones.configure(&DnsConfig { zone: "example.org".into(), ..config() }).expect("valid");
    records.set_zones(zones);
    assert_eq!(asker.answers("example.org", RecordType::SOA).len(), 1);
}

#[test]
fn what_cannot_be_answered_is_refused_beforehand() {
    let mut zones = Zones::new(&config(), &names()).expect("valid");
    let long = "x".repeat(5000);
    let texts: Vec<&str> = vec![&long[..4000]; 9];
    let many: Vec<String> = (0..300).map(|number| format!("10.0.{}.{}", number / 256, number % 256)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let wrong: [(&str, NameData, &str); 7] = [
        ("Upper.gw.example.org", addresses(&[]), "DnsName"),
        ("dot.gw.example.org.", addresses(&[]), "DnsName"),
        ("a.gw.example.org", alias("no name"), "DnsName"),
        ("a.gw.example.org", text(&[&long]), "DnsTextTooLong"),
        ("a.gw.example.org", text(&texts), "DnsTextTooLong"),
        ("a.gw.example.org", text(&[""; 300]), "DnsTooManyRecords"),
        ("a.gw.example.org", addresses(&many), "DnsTooManyRecords"),
    ];
    for (asked, data, code) in wrong {
        let error = zones.put(&name(asked, "", data)).expect_err(asked);
        assert_eq!(error.code(), code);
        assert!(error.to_string().len() < 300, "{error}");
    }
    let config = DnsConfig { contact: "nobody at all".into(), ..config() };
    assert_eq!(Zones::new(&config, []).expect_err("contact").code(), "DnsContact");
}

#[test]
fn long_texts_come_in_pieces_and_empty_ones_too() {
    let long = "x".repeat(600);
    let mut zones = Zones::new(&config(), []).expect("valid");
    zones.put(&name("t.gw.example.org", "", text(&[&long, ""]))).expect("valid");
    let records = Records::new(zones);
    let mut asker = Asker::new(&records, "");
    asker.transport = Transport::Tcp;
    let answer = asker.ask("t.gw.example.org", RecordType::TXT);
    assert_eq!(answer.answers.len(), 2, "{answer}");
    assert_eq!(answer.answers[0].data.to_string(), long);
}
