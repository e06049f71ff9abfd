//! Files as OpenSSL writes them: RSA, old key forms, encrypted keys, weak things, PKCS#12.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use certs::Certificate;
use chrono::{TimeDelta, Utc};
use domain::certificate::{CertificateDefect as Defect, CertificateDefects, KeyKind};
use harness::openssl::{file, is_there, run};
use harness::{Chain, at, chain, with_password};
use tempfile::TempDir;

/// A self-signed server's certificate (`cert.pem`) and key (`key.pem`), valid around the tests' now.
fn self_signed(algorithm: &str, more: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let name = "-subj /CN=a -addext subjectAltName=DNS:a.example.com -addext basicConstraints=critical,CA:FALSE";
    run(
        dir.path(),
        &format!("req -x509 -newkey {algorithm} -nodes -keyout key.pem -out cert.pem {name} {more} -days 9999"),
    );
    dir
}

/// By the clock that OpenSSL goes by, a little later.
fn upload(certificate: Vec<u8>, key: Vec<u8>) -> Result<Certificate, CertificateDefects> {
    at(certificate, key, "", Utc::now() + TimeDelta::hours(1))
}

fn defects(certificate: Vec<u8>, key: Vec<u8>) -> Vec<Defect> {
    upload(certificate, key).expect_err("must be refused").0
}

#[test]
fn keys_in_every_form() {
    if !is_there("keys_in_every_form") {
        return;
    }
    let rsa = self_signed("rsa:2048", "");
    run(rsa.path(), "rsa -traditional -in key.pem -out pkcs1.pem");
    for key in ["key.pem", "pkcs1.pem"] {
        let read = upload(file(rsa.path(), "cert.pem"), file(rsa.path(), key)).unwrap();
        assert_eq!((read.facts.key, read.facts.key_bits), (KeyKind::Rsa, 2048), "{key}");
    }
    let both = [file(rsa.path(), "key.pem"), file(rsa.path(), "pkcs1.pem")].concat();
    assert!(upload(file(rsa.path(), "cert.pem"), both).is_ok(), "the same key in two forms is one key");
    for (curve, bits) in [("P-256", 256), ("P-384", 384)] {
        let ec = self_signed(&format!("ec -pkeyopt ec_paramgen_curve:{curve}"), "");
        run(ec.path(), "ec -in key.pem -out sec1.pem");
        let with_parameters = [
            b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n".as_slice(),
            &file(ec.path(), "sec1.pem"),
        ]
        .concat();
        let read = upload(file(ec.path(), "cert.pem"), with_parameters).unwrap();
        assert_eq!((read.facts.key, read.facts.key_bits), (KeyKind::Ecdsa, bits));
    }
    let ed = self_signed("ed25519", "");
    assert_eq!(upload(file(ed.path(), "cert.pem"), file(ed.path(), "key.pem")).unwrap().facts.key, KeyKind::Ed25519);
}

#[test]
fn encrypted_keys_say_how_to_decrypt_them() {
    if !is_there("encrypted_keys_say_how_to_decrypt_them") {
        return;
    }
    let dir = self_signed("rsa:2048", "");
    run(dir.path(), "pkcs8 -topk8 -in key.pem -out pkcs8.pem -passout pass:x");
    run(dir.path(), "rsa -traditional -aes128 -in key.pem -out old.pem -passout pass:x");
    for key in ["pkcs8.pem", "old.pem"] {
        let found = defects(file(dir.path(), "cert.pem"), file(dir.path(), key));
        assert_eq!(found, [Defect::KeyEncrypted], "{key}");
        assert!(found[0].to_string().contains("openssl pkey"));
    }
}

#[test]
fn weak_and_unserved() {
    if !is_there("weak_and_unserved") {
        return;
    }
    let cases: [(&str, &str, &[&str]); 5] = [
        ("rsa:1024", "", &["weak_key"]),
        ("rsa:2048", "-sha1", &["weak_signature"]),
        ("ec -pkeyopt ec_paramgen_curve:P-192", "", &["weak_key"]),
        ("ec -pkeyopt ec_paramgen_curve:P-521", "", &["key_unsupported"]),
        ("ed448", "", &["key_unsupported"]),
    ];
    for (algorithm, more, codes) in cases {
        let dir = self_signed(algorithm, more);
        let found = defects(file(dir.path(), "cert.pem"), file(dir.path(), "key.pem"));
        assert_eq!(found.iter().map(Defect::code).collect::<Vec<_>>(), codes, "{algorithm} {more}: {found:?}");
    }
    let good = self_signed("rsa:2048", "");
    let odd = self_signed("ec -pkeyopt ec_paramgen_curve:P-521", "");
    assert_eq!(
        defects(file(good.path(), "cert.pem"), file(odd.path(), "key.pem")),
        [Defect::KeyUnsupported { kind: KeyKind::Ecdsa }]
    );
}

#[test]
fn a_weak_issuer_is_not_called_a_wrong_one() {
    if !is_there("a_weak_issuer_is_not_called_a_wrong_one") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let call = |arguments: &str| run(dir.path(), arguments);
    call("req -x509 -newkey rsa:1024 -nodes -keyout root.key -out root.pem -subj /CN=Root -days 99");
    call(
        "req -newkey rsa:2048 -nodes -keyout key.pem -out csr.pem -subj /CN=a -addext subjectAltName=DNS:a.example.com",
    );
    call("x509 -req -in csr.pem -CA root.pem -CAkey root.key -copy_extensions copy -out cert.pem -days 99");
    let chain = [file(dir.path(), "cert.pem"), file(dir.path(), "root.pem")].concat();
    assert_eq!(
        defects(chain, file(dir.path(), "key.pem")),
        [Defect::WeakKey { subject: "CN=Root".into(), kind: KeyKind::Rsa, bits: 1024 }]
    );
}

/// `chain.p12` of a fresh chain; its other certificates in the wrong order.
fn archive(options: &str) -> (TempDir, Chain) {
    let made = chain();
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(dir.path().join(name), text).unwrap();
    write("leaf.pem", made.leaf.pem.clone());
    write("key.pem", made.leaf.key_pem());
    write("more.pem", format!("{}{}", made.root.pem, made.middle.pem));
    run(dir.path(), &format!("pkcs12 -export -in leaf.pem -inkey key.pem -certfile more.pem -out chain.p12 {options}"));
    (dir, made)
}

#[test]
fn pkcs12_new_and_old() {
    if !is_there("pkcs12_new_and_old") {
        return;
    }
    let old = "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1";
    for options in ["-passout pass:secret", &format!("-passout pass:secret {old}"), "-passout pass:secret -nomac"] {
        let (dir, made) = archive(options);
        let read = with_password(file(dir.path(), "chain.p12"), "", "secret").unwrap();
        assert_eq!(read.chain_pem, format!("{}{}{}", made.leaf.pem, made.middle.pem, made.root.pem), "{options}");
        assert!(read.facts.chain_complete());
        let found = with_password(file(dir.path(), "chain.p12"), "", "wrong").unwrap_err().0;
        assert_eq!(found, [Defect::Password], "{options}");
    }
    let (dir, _) = archive("-passout pass:");
    assert!(with_password(file(dir.path(), "chain.p12"), "", "").is_ok());
}

#[test]
fn pkcs12_with_something_missing() {
    if !is_there("pkcs12_with_something_missing") {
        return;
    }
    let (dir, _) = archive("-passout pass:secret");
    run(dir.path(), "pkcs12 -export -nokeys -in leaf.pem -out nokey.p12 -passout pass:secret");
    run(dir.path(), "pkcs12 -export -nocerts -inkey key.pem -out nocert.p12 -passout pass:secret");
    let of = |name: &str| with_password(file(dir.path(), name), "", "secret").unwrap_err().0;
    assert_eq!(of("nokey.p12"), [Defect::NoKey]);
    assert_eq!(of("nocert.p12"), [Defect::NoCertificate]);
    let whole = file(dir.path(), "chain.p12");
    let cut = with_password(&whole[..whole.len() / 2], "", "secret").unwrap_err().0;
    assert_eq!(cut, [Defect::Pkcs12]);
}
