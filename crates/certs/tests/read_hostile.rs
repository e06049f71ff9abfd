//! No bytes make reading panic, and what is accepted can be read again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use harness::{Chain, chain, upload, with_password};
use proptest::prelude::*;
use std::sync::LazyLock;

static MADE: LazyLock<Chain> = LazyLock::new(chain);

/// Replaces, removes or repeats bytes.
fn mutate(mut bytes: Vec<u8>, changes: &[(u16, u8, u8)]) -> Vec<u8> {
    for (at, kind, value) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = usize::from(*at) % bytes.len();
        match kind % 4 {
            0 => bytes[at] = *value,
            1 => bytes[at] ^= 1 << (value % 8),
            2 => drop(bytes.drain(at..(at + usize::from(*value)).min(bytes.len()))),
            _ => bytes.splice(at..at, std::iter::repeat_n(*value, 3)).for_each(drop),
        }
    }
    bytes
}

/// Accepted means that the result is accepted again, the same.
fn check(result: Result<certs::Certificate, domain::certificate::CertificateDefects>) -> Result<(), TestCaseError> {
    match result {
        Ok(read) => {
            let again = upload(&read.chain_pem, read.key.reveal());
            prop_assert_eq!(again, Ok(read));
        }
        Err(defects) => {
            prop_assert!(!defects.0.is_empty());
            let text = defects.to_string();
            prop_assert!(text.len() < 20_000 && !text.chars().any(char::is_control));
        }
    }
    Ok(())
}

fn changes() -> impl Strategy<Value = Vec<(u16, u8, u8)>> {
    proptest::collection::vec(any::<(u16, u8, u8)>(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes(certificate in proptest::collection::vec(any::<u8>(), 0..300), key in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(upload(certificate, key))?;
    }

    #[test]
    fn mutated_text(changes in changes()) {
        let text = format!("{}{}{}", MADE.leaf.pem, MADE.middle.pem, MADE.leaf.key_pem());
        check(upload(mutate(text.into_bytes(), &changes), ""))?;
    }

    #[test]
    fn mutated_der(changes in changes(), of in 0..3_u8) {
        let part = |which: u8, tag: &str, der: &[u8]| {
            let der = if which == of { mutate(der.to_vec(), &changes) } else { der.to_vec() };
            pem::encode(&pem::Pem::new(tag, der))
        };
        let text = part(0, "CERTIFICATE", &MADE.leaf.der) + &part(1, "CERTIFICATE", &MADE.middle.der);
        check(upload(text, part(2, "PRIVATE KEY", MADE.leaf.key.serialized_der())))?;
    }

    #[test]
    fn binary_that_starts_like_pkcs12(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [&[0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03], tail.as_slice()].concat();
        check(with_password(bytes, "", "x"))?;
    }
}

#[test]
fn mutated_pkcs12() {
    if !harness::openssl::is_there("mutated_pkcs12") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("all.pem"), format!("{}{}{}", MADE.leaf.pem, MADE.middle.pem, MADE.leaf.key_pem()))
        .unwrap();
    // Few rounds: the checksum is to be passed quickly, or not to be there.
    harness::openssl::run(dir.path(), "pkcs12 -export -in all.pem -out all.p12 -passout pass:x -iter 1 -nomac");
    let whole = harness::openssl::file(dir.path(), "all.p12");
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) };
    proptest!(config, |(changes in changes())| {
        check(with_password(mutate(whole.clone(), &changes), "", "x"))?;
    });
}
