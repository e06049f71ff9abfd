//! Certificates from a real ACME server. Skipped, with a line that says so, where Pebble is not installed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use certs::acme::{Account, ExternalAccount, Registration, Wanted};
use certs::{Certificate, renew_at};
use chrono::Utc;
use domain::certificate::{ChallengeKind, IssueFailure};
use domain::secret::Secret;
use harness::pebble::{Options, Pebble};
use harness::solver::TestSolver;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

fn agreed() -> Registration {
    Registration { contact: vec!["ops@example.com".into()], terms_agreed: true, external: None }
}

fn wanted(names: &[&str], challenge: ChallengeKind) -> Wanted {
    Wanted { names: names.iter().map(|name| (*name).to_owned()).collect(), challenge, deadline: SOON }
}

async fn issue(account: &Account, wanted: &Wanted, solver: &TestSolver) -> Result<Certificate, IssueFailure> {
    account.issue(wanted, solver, Utc::now()).await
}

#[tokio::test]
async fn every_challenge_and_an_account_that_is_used_again() {
    let Some(pebble) = Pebble::start("every_challenge", &Options::default()) else { return };
    let solver = TestSolver::start(&pebble).await;
    let server = pebble.server();
    let about = server.about().await.unwrap();
    // Pebble's terms are a `data:` URL, no link for a page.
    assert!(about.has_terms && about.terms.is_none() && !about.external_account_required);
    let (account, credentials) = Account::register(&server, &agreed(), SOON).await.unwrap();
    assert!(!format!("{credentials:?} {account:?}").contains("key_pkcs8"));
    for (names, challenge) in [
        (&["a.example.com", "b.example.com"][..], ChallengeKind::Http01),
        (&["a.example.com", "b.example.com"], ChallengeKind::TlsAlpn01),
        (&["example.com", "*.example.com", "c.example.com"], ChallengeKind::Dns01),
    ] {
        // As after a restart.
        let account = Account::open(&server, &credentials, SOON).await.unwrap();
        let issued = issue(&account, &wanted(names, challenge), &solver).await.unwrap();
        assert!(names.iter().all(|name| issued.covers(name)), "{challenge}: {:?}", issued.facts);
        assert!(issued.chain_pem.matches("BEGIN CERTIFICATE").count() >= 2 && !issued.facts.chain_complete());
        assert!(renew_at(&issued.facts, 1) > Utc::now());
        assert_eq!(solver.open(), 0, "{challenge}: all answers are taken away again");
    }
    assert_eq!(Account::open(&server, &credentials, SOON).await.unwrap().id(), account.id());
}

#[tokio::test]
async fn two_hundred_orders_while_every_second_nonce_is_refused() {
    let options = Options { refused_nonces: 50, ..Options::default() };
    let Some(pebble) = Pebble::start("two_hundred_orders", &options) else { return };
    let solver = Arc::new(TestSolver::start(&pebble).await);
    let (account, _) = Account::register(&pebble.server(), &agreed(), SOON).await.unwrap();
    let start = Instant::now();
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..10 {
        let (account, solver) = (account.clone(), solver.clone());
        lanes.spawn(async move {
            for turn in 0..20 {
                let name = format!("a{turn}.b{lane}.example.com");
                let challenge = if turn % 2 == 0 { ChallengeKind::Http01 } else { ChallengeKind::TlsAlpn01 };
                let issued = issue(&account, &wanted(&[&name], challenge), &solver).await;
                assert!(issued.as_ref().is_ok_and(|issued| issued.covers(&name)), "{name}: {issued:?}");
            }
            20
        });
    }
    let issued: usize = lanes.join_all().await.into_iter().sum();
    assert_eq!((issued, solver.open()), (200, 0));
    println!("200 certificates in {:?}", start.elapsed());
}

#[tokio::test]
async fn refusals_come_in_the_servers_words() {
    let options = Options { blocked: &["blocked.example"], ..Options::default() };
    let Some(pebble) = Pebble::start("refusals", &options) else { return };
    let solver = TestSolver::start(&pebble).await;
    let server = pebble.server();
    let refused = Account::register(&server, &Registration::default(), SOON).await.unwrap_err();
    assert!(matches!(&refused, IssueFailure::TermsNotAgreed { .. }), "{refused}");
    let bad = Registration { contact: vec!["not an address".into()], ..agreed() };
    let refused = Account::register(&server, &bad, SOON).await.unwrap_err();
    assert!(matches!(&refused, IssueFailure::Refused { detail, .. } if detail.contains("contact")), "{refused}");

    let (account, credentials) = Account::register(&server, &agreed(), SOON).await.unwrap();
    let refused = issue(&account, &wanted(&["blocked.example"], ChallengeKind::Http01), &solver).await.unwrap_err();
    assert!(matches!(&refused, IssueFailure::Refused { kind, .. } if kind == "rejectedIdentifier"), "{refused}");
    assert!(refused.is_lasting() && refused.to_string().contains("blocked.example"), "{refused}");

    let other = certs::acme::Server::new("https://acme.example.com/dir", "").unwrap();
    let opened = Account::open(&other, &credentials, SOON).await;
    assert!(matches!(opened, Err(IssueFailure::Account)), "an account belongs to its server");
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_named() {
    let Some(pebble) = Pebble::start("a_name_that_leads_elsewhere", &Options::default()) else { return };
    let (account, _) = Account::register(&pebble.server(), &agreed(), SOON).await.unwrap();
    // Its answers are put where the other server never looks.
    let elsewhere = Pebble::start("a_name_that_leads_elsewhere", &Options::default()).unwrap();
    let solver = TestSolver::start(&elsewhere).await;
    for challenge in [ChallengeKind::Http01, ChallengeKind::TlsAlpn01, ChallengeKind::Dns01] {
        let failure = issue(&account, &wanted(&["lost.example.com"], challenge), &solver).await.unwrap_err();
        let IssueFailure::Unproven { name, detail, challenge: tried, .. } = &failure else { panic!("{failure}") };
        assert_eq!((name.as_str(), *tried), ("lost.example.com", challenge));
        assert!(!detail.is_empty() && failure.to_string().contains("check that") && !failure.is_lasting());
        assert_eq!(solver.open(), 0, "taken away after a failure as well");
    }
}

#[tokio::test]
async fn what_was_proven_before_needs_no_answer() {
    let options = Options { reused_proofs: 100, ..Options::default() };
    let Some(pebble) = Pebble::start("what_was_proven_before", &options) else { return };
    let server = pebble.server();
    // As a use case does it: on whatever thread there is.
    let registering = tokio::spawn(async move { Account::register(&server, &agreed(), SOON).await });
    let (account, _) = registering.await.unwrap().unwrap();
    let solver = TestSolver::start(&pebble).await;
    let wanted = wanted(&["a.example.com"], ChallengeKind::Http01);
    let first = issue(&account, &wanted, &solver).await.unwrap();
    assert_eq!(solver.presented(), 1);
    let second = issue(&account, &wanted, &solver).await.unwrap();
    assert_eq!(solver.presented(), 1, "nothing is put in place that nobody will look at");
    assert_ne!(first.key, second.key, "a new key each time");
}

#[tokio::test]
async fn external_accounts() {
    let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    let options = Options { external: Some(("kid-1", key)), ..Options::default() };
    let Some(pebble) = Pebble::start("external_accounts", &options) else { return };
    let server = pebble.server();
    assert!(server.about().await.unwrap().external_account_required);
    let with = |id: &str, key: &str| Registration {
        external: Some(ExternalAccount { key_id: id.into(), hmac_key: Secret::new(key) }),
        ..agreed()
    };
    let failure = Account::register(&server, &agreed(), SOON).await.unwrap_err();
    assert_eq!(failure, IssueFailure::ExternalAccountRequired);
    let failure = Account::register(&server, &with("kid-1", "no base64!"), SOON).await.unwrap_err();
    assert_eq!(failure, IssueFailure::ExternalAccountKey);
    let failure = Account::register(&server, &with("kid-2", key), SOON).await.unwrap_err();
    assert!(matches!(failure, IssueFailure::Refused { .. }), "{failure}");
    assert!(Account::register(&server, &with("kid-1", key), SOON).await.is_ok());
}
