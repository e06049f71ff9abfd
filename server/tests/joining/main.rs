//! A machine joins a console elsewhere, by the real program's own commands.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod elsewhere;

use common::{Product, told, until};
use domain::status::ReplicaState;
use elsewhere::Elsewhere;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Refused, with all of this said and the token not.
#[track_caller]
fn refused(product: &Product, words: &[&str], sentences: &[&str]) {
    let (output, error, code) = told(&product.run(words));
    assert_eq!(code, Some(78), "{words:?}: {output}{error}");
    for sentence in sentences {
        assert!(error.contains(sentence), "{words:?} does not say {sentence:?}: {error}");
    }
    let secret = words.iter().find(|word| word.len() > 40);
    assert!(secret.is_none_or(|secret| !error.contains(secret)), "the token is in {error}");
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_machine_joins_and_serves_without_a_console_of_its_own() {
    let elsewhere = Elsewhere::start();
    let (console, token) = (elsewhere.address.to_string(), elsewhere.token());
    let mut product = Product::prepared();
    product.options.push("--replica-addr=127.0.0.3".into());
    let (output, error, code) = told(&product.run(&["join", &console, &token]));
    assert_eq!(code, Some(0), "{error}");
    for said in ["inference-gateway serve --data-dir", "host-", &product.ports.http().to_string(), "only programs of"] {
        assert!(output.contains(said), "{said}: {output}");
    }
    assert!(!output.contains(&token) && !error.contains(&token));
    assert_eq!(mode(&product.data.join("host/identity.json")), 0o600);
    let (doors, engine_id) = elsewhere.heard(|heard| (heard.joins[0].public.clone(), heard.joins[0].engine_id.clone()));
    assert_eq!(doors.http, [product.ports.http()]);
    assert_eq!((doors.https, doors.dns), (vec![product.ports.https()], vec![product.ports.dns()]));

    // Whatever belongs to a console is elsewhere now.
    refused(&product, &["join", &console, &token], &["has joined", &console, "serve"]);
    refused(&product, &["console"], &["a host of the console", &console, "--data-dir"]);
    refused(&product, &["user", "setup-link"], &["a host of the console", "--data-dir"]);

    product.spawn("serve");
    let signed = elsewhere.heard(|heard| heard.signed);
    until("the engine's hello", || {
        elsewhere.heard(|heard| {
            let (peer, hello) = heard.engines.first()?;
            assert_eq!((peer.certificate, &hello.engine_id), (signed, &engine_id));
            assert_eq!(hello.public.as_ref().map(|doors| &doors.http), Some(&vec![product.ports.http()]));
            Some(())
        })
    });
    let replica = until("a replica where engines of other hosts reach it", || {
        elsewhere.heard(|heard| {
            assert!(heard.agents.iter().all(|(peer, _)| peer.certificate == signed));
            heard.replicas.iter().find(|report| report.state == ReplicaState::Ready).map(|report| report.address)
        })
    });
    assert_eq!(replica.ip().to_string(), "127.0.0.3");
    assert!(TcpStream::connect(replica).is_ok());
    assert!(TcpListener::bind(product.ports.console()).is_ok(), "no console listens");
    assert!(!product.data.join("console.db").exists());
    refused(&product, &["join", &console, &token], &["runs already", "stop it"]);
    product.stop();
    assert!(TcpStream::connect(replica).is_err(), "stopped in order");
}

#[test]
fn who_may_not_join_hears_why() {
    let (one, other) = (Elsewhere::start(), Elsewhere::start());
    let (console, token) = (one.address.to_string(), one.token());
    let product = Product::prepared();
    refused(&product, &["join", &console, "eas-something"], &["no join token", "Hosts page"]);
    refused(&product, &["join", &console, &token[..80]], &["damaged", "copy all of it"]);
    refused(&product, &["join", &console, &other.token()], &["is not the console that made this token"]);
    refused(&product, &["join", "10.0.0.1", &token], &["not a host and port"]);
    assert!(one.heard(|heard| heard.joins.is_empty()));
    // Trying again may help here.
    let (_, error, code) = told(&product.run(&["join", &product.ports.link().to_string(), &token]));
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("firewall") && error.contains("--link-addr"), "{error}");
    assert!(!product.data.join("host/identity.json").exists());

    let mut first = Product::prepared();
    assert_eq!(told(&first.run(&["join", &console, &token])).2, Some(0));
    refused(&product, &["join", &console, &token], &["the console refused: this token was used; make another one"]);
    first.options.push(format!("--link-addr={}", first.ports.link()));
    refused(&first, &["serve"], &["has joined the console at", "leave --link-addr off"]);
}

#[test]
fn a_consoles_own_data_directory_does_not_join() {
    let elsewhere = Elsewhere::start();
    let mut product = Product::start();
    product.stop();
    let words = ["join", &elsewhere.address.to_string(), &elsewhere.token()];
    refused(&product, &words, &["a console of its own", "--data-dir"]);
    assert!(elsewhere.heard(|heard| heard.joins.is_empty()));
}

#[test]
fn the_links_authority_is_made_once_and_kept_sealed() {
    let mut product = Product::prepared();
    product.options.push(format!("--link-addr={}", product.ports.link()));
    product.serve();
    product.stop();
    let (certificate, sealed) = (product.data.join("keys/link-ca.pem"), product.data.join("keys/link-ca.sealed"));
    let before = common::read(&certificate);
    assert!(before.starts_with("-----BEGIN CERTIFICATE-----"), "{before}");
    assert_eq!((mode(&certificate), mode(&sealed)), (0o600, 0o600));
    assert!(!common::read(&sealed).contains("PRIVATE KEY"));
    std::fs::remove_file(&certificate).unwrap();
    product.serve();
    product.stop();
    assert_eq!(common::read(&certificate), before);
    std::fs::write(&sealed, "something else").unwrap();
    refused(&product, &["console"], &["link-ca.sealed", "restore it from a backup"]);
}

#[test]
fn addresses_that_cannot_work_are_refused_at_the_start() {
    let product = Product::prepared();
    let show = |option: String| product.run(&["config", "show", &option]);
    let taken = product.ports.console();
    for (option, sentences) in [
        ("--link-addr=0.0.0.0:7443".to_owned(), ["link-addr", "10.0.0.1:7443"]),
        ("--link-addr=7443".to_owned(), ["link-addr", "10.0.0.1:7443"]),
        (format!("--link-addr={taken}"), ["link-addr", "choose another one"]),
        (format!("--link-addr={}", product.ports.admin()), ["link-addr", "choose another one"]),
        (format!("--link-addr={}", product.ports.own()), ["own-ports", "choose another range"]),
        (format!("--link-addr=127.0.0.9:{}", product.ports.dns().port()), ["dns-addr", "choose another port"]),
        ("--replica-addr=0.0.0.0".to_owned(), ["replica-addr", "auto"]),
        ("--replica-addr=127.0.0.1:80".to_owned(), ["replica-addr", "auto"]),
    ] {
        let (_, error, code) = told(&show(option.clone()));
        assert_eq!(code, Some(78), "{option}: {error}");
        assert!(sentences.iter().all(|sentence| error.contains(sentence)), "{option}: {error}");
    }
    let (shown, error, code) = told(&show(format!("--link-addr={}", product.ports.link())));
    assert_eq!(code, Some(0), "{error}");
    assert!(shown.contains("replica_addr") && shown.contains(&product.ports.link().to_string()), "{shown}");
}
