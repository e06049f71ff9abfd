//! PEM as operators upload it, good and bad.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::certificate::{CertificateDefect as Defect, KeyKind};
use harness::{Chain, authority, chain, defects, now, params, server, sign, upload};
use rcgen::{BasicConstraints, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, KeyPair};

#[test]
fn a_whole_chain_is_read_as_it_came() {
    let Chain { root, middle, leaf } = chain();
    let text = format!("{}{}{}", leaf.pem, middle.pem, root.pem).replace('\n', "\r\n");
    let read = upload(&text, leaf.key_pem()).unwrap();
    assert_eq!(read.chain_pem, text.replace("\r\n", "\n"));
    assert_eq!(KeyPair::from_pem(read.key.reveal()).unwrap().public_key_pem(), leaf.key.public_key_pem());
    let facts = &read.facts;
    assert_eq!(facts.names, ["www.example.com"]);
    assert_eq!((facts.subject.as_str(), facts.issuer.as_str()), ("CN=www.example.com", "CN=Middle"));
    assert_eq!((facts.key, facts.key_bits, facts.self_signed), (KeyKind::Ecdsa, 256, false));
    assert_eq!(facts.not_after.timestamp(), 1_800_000_000);
    assert_eq!(facts.fingerprint, domain::secret::Digest256::of(&leaf.der));
    assert!(facts.chain_complete() && facts.warnings().is_empty());
    assert!(read.covers("www.example.com") && !read.covers("example.com"));
    assert!(!format!("{read:?}").contains("PRIVATE KEY"));
}

#[test]
fn fields_may_be_mixed_up_and_notes_stand_between() {
    let Chain { middle, leaf, .. } = chain();
    let both = format!("Bag Attributes\n  x\n{}subject=/CN=x\n{}\n{}", leaf.key_pem(), leaf.pem, middle.pem);
    for (certificate, key) in [(both.as_str(), ""), (both.as_str(), both.as_str())] {
        assert!(upload(certificate, key).is_ok());
    }
    assert!(upload(leaf.key_pem(), format!("{}{}", leaf.pem, middle.pem)).is_ok());
}

#[test]
fn names_of_all_kinds() {
    let made =
        sign(params("x", &["B.Example.com", "*.example.com", "192.0.2.1", "2001:db8::1", "b.example.com"]), None);
    let read = upload(&made.pem, made.key_pem()).unwrap();
    assert_eq!(read.facts.names, ["b.example.com", "*.example.com"]);
    assert_eq!(read.facts.addresses.len(), 2);
    assert!(read.covers("a.example.com") && read.covers("2001:db8::1") && !read.covers("a.b.example.com"));
    assert!(read.facts.self_signed && read.facts.chain_complete());
    assert!(read.facts.warnings()[0].to_string().contains("self-signed"));
}

#[test]
fn where_the_chain_ends_nobody_knows() {
    let Chain { middle, leaf, .. } = chain();
    let alone = upload(&leaf.pem, leaf.key_pem()).unwrap();
    assert_eq!(alone.facts.open_issuer.as_deref(), Some("CN=Middle"));
    let two = upload(format!("{}{}", leaf.pem, middle.pem), leaf.key_pem()).unwrap();
    assert_eq!(two.facts.open_issuer.as_deref(), Some("CN=Root"));
    assert!(two.facts.warnings()[0].to_string().contains("CN=Root"));
}

#[test]
fn below_a_public_root_the_chain_is_whole() {
    let printable = |text: &str| DnValue::PrintableString(text.try_into().unwrap());
    let mut public = params("ISRG Root X1", &[]);
    public.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    public.distinguished_name = DistinguishedName::new();
    public.distinguished_name.push(DnType::CountryName, printable("US"));
    public.distinguished_name.push(DnType::OrganizationName, printable("Internet Security Research Group"));
    public.distinguished_name.push(DnType::CommonName, printable("ISRG Root X1"));
    let public = sign(public, None);
    let leaf = server("www.example.com", Some(&public));
    let facts = upload(&leaf.pem, leaf.key_pem()).unwrap().facts;
    assert!(facts.chain_complete() && !facts.self_signed && facts.warnings().is_empty(), "{facts:?}");
}

#[test]
fn order_and_links() {
    let Chain { root, middle, leaf } = chain();
    let key = leaf.key_pem();
    let of = |parts: &[&str]| defects(parts.concat(), &key);
    assert_eq!(
        of(&[&middle.pem, &leaf.pem]),
        [Defect::LeafNotFirst { position: 2, subject: "CN=www.example.com".into() }]
    );
    assert_eq!(
        of(&[&leaf.pem, &root.pem, &middle.pem]),
        [Defect::WrongOrder { position: 2, issuer: "CN=Middle".into(), found: 3 }]
    );
    assert_eq!(
        of(&[&leaf.pem, &root.pem]),
        [Defect::IssuerMissing { position: 2, subject: "CN=Root".into(), issuer: "CN=Middle".into() }]
    );
    assert_eq!(of(&[&leaf.pem, &leaf.pem, &middle.pem]), [Defect::Duplicate { position: 2 }]);
    let other = authority("Other", None);
    assert_eq!(
        of(&[&leaf.pem, &middle.pem, &root.pem, &other.pem]),
        [Defect::Surplus { position: 4, subject: "CN=Other".into() }]
    );
    let namesake = authority("Middle", Some(&root));
    assert_eq!(of(&[&leaf.pem, &namesake.pem]), [Defect::SignatureWrong { position: 2, subject: "CN=Middle".into() }]);
    let server = server("signer.example.com", Some(&root));
    let below = harness::server("www.example.com", Some(&server));
    assert_eq!(
        defects([below.pem.as_str(), &server.pem].concat(), below.key_pem()),
        [Defect::IssuerNotAuthority { position: 2, subject: "CN=signer.example.com".into() }]
    );
}

#[test]
fn keys_that_do_not_fit() {
    let Chain { root, middle, leaf } = chain();
    let other = KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(defects(&leaf.pem, &other), [Defect::KeyMismatch]);
    assert_eq!(defects([leaf.pem.as_str(), &middle.pem].concat(), middle.key_pem()), [Defect::KeyMismatch]);
    let nameless = sign(params("nameless", &[]), Some(&middle));
    assert_eq!(
        defects([nameless.pem.as_str(), &middle.pem].concat(), middle.key_pem()),
        [Defect::KeyMismatch, Defect::NoNames { subject: "CN=nameless".into() }]
    );
    assert_eq!(defects(&leaf.pem, ""), [Defect::NoKey]);
    assert_eq!(defects(&leaf.pem, [other, leaf.key_pem()].concat()), [Defect::SeveralKeys { count: 2 }]);
    assert_eq!(defects(&leaf.pem, "no key at all"), [Defect::KeyUnreadable]);
    assert_eq!(defects(&leaf.pem, leaf.key.serialized_der()), [Defect::Binary]);
    let empty = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert_eq!(defects(&leaf.pem, empty), [Defect::KeyUnreadable]);
    let nonsense = empty.replace("MAA=", "AAAA");
    let twice = defects([leaf.pem.as_str(), &nonsense].concat(), &nonsense);
    assert_eq!(twice, [Defect::KeyUnreadable], "said once");
    assert_eq!(
        defects(&root.pem, root.key_pem()),
        [Defect::LeafIsAuthority { subject: "CN=Root".into() }, Defect::NoNames { subject: "CN=Root".into() }]
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let root = authority("Root", None);
    let mut old = params("old", &[]);
    old.not_after = time::OffsetDateTime::from_unix_timestamp(1_791_000_000).unwrap();
    old.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let old = sign(old, Some(&root));
    let found = defects(
        [old.pem.as_str(), &authority("Else", None).pem].concat(),
        KeyPair::generate().unwrap().serialize_pem(),
    );
    let codes: Vec<String> = found.iter().map(Defect::code).collect();
    assert_eq!(codes, ["issuer_missing", "key_mismatch", "expired", "not_for_servers", "no_names"]);
}

#[test]
fn not_yet_valid() {
    let mut early = params("early", &["a.example.com"]);
    early.not_before = time::OffsetDateTime::from_unix_timestamp(1_799_000_000).unwrap();
    let early = sign(early, None);
    let found = defects(&early.pem, early.key_pem());
    assert!(matches!(found.as_slice(), [Defect::NotYetValid { from, .. }] if *from > now()));
}

#[test]
fn files_that_are_something_else() {
    let Chain { leaf, .. } = chain();
    let key = leaf.key_pem();
    assert_eq!(defects("hello", &key), [Defect::Garbage]);
    assert_eq!(defects("", ""), [Defect::NoCertificate, Defect::NoKey]);
    assert_eq!(defects(b"\0\xff\xfe", &key), [Defect::Garbage]);
    assert_eq!(defects(&leaf.der, &key), [Defect::Binary]);
    let request = leaf_request();
    assert_eq!(defects(request, &key), [Defect::IsRequest]);
    let cut = &leaf.pem[..leaf.pem.len() / 2];
    assert_eq!(defects(cut, &key), [Defect::BrokenPem { position: 1 }]);
    let damaged = leaf.pem.replacen("MII", "AII", 1);
    assert_eq!(defects(damaged, &key)[0], Defect::CertificateUnreadable { position: 1 });
}

fn leaf_request() -> String {
    let key = KeyPair::generate().unwrap();
    params("x", &["a.example.com"]).serialize_request(&key).unwrap().pem().unwrap()
}

#[test]
fn too_much_is_refused_before_it_is_read() {
    let Chain { leaf, .. } = chain();
    let key = leaf.key_pem();
    let long = format!("{}{}", leaf.pem, " ".repeat(certs::MAX_BYTES));
    assert_eq!(defects(long, &key), [Defect::TooLarge { max: certs::MAX_BYTES }]);
    let many = leaf.pem.repeat(11);
    assert_eq!(defects(many, &key), [Defect::TooManyCertificates { max: 10, count: 11 }]);
}

#[test]
fn names_that_nobody_can_ask_for_cover_nothing() {
    let made = sign(params("x", &["good.example.com", "bad name.example.com", "a.*.example.com"]), None);
    assert_eq!(upload(&made.pem, made.key_pem()).unwrap().facts.names, ["good.example.com"]);
}
