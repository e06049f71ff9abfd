//! Certificates that operators upload, and gateways' own domains that use them.

mod house;

use chrono::{Datelike, TimeDelta, Utc};
use control::{CertificateDraft, ControlError};
use domain::custom_domain::DomainDraft;
use domain::error::Invalid;
use domain::id::CertificateId;
use domain::secret::Secret;
use domain::snapshot::{CertificateConfig, GatewayConfig, Resource, ResourceKey};
use domain::view::Door;
use house::{House, house};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use std::sync::Arc;

/// Self-signed, which is good enough to be shown.
fn draft(name: &str, names: &[&str], days: i64) -> CertificateDraft {
    let mut params =
        CertificateParams::new(names.iter().map(|name| name.to_string()).collect::<Vec<_>>()).expect("names");
    let until = Utc::now() + TimeDelta::days(days);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until.year(), until.month() as u8, until.day() as u8);
    let key = KeyPair::generate().expect("a key");
    let chain = params.self_signed(&key).expect("signs").pem();
    let (files, password) = (Vec::new(), Secret::new(""));
    CertificateDraft { name: name.into(), chain, key: Secret::new(key.serialize_pem()), files, password }
}

fn domain(host: &str, side: &str, certificate: Option<&CertificateId>) -> DomainDraft {
    let certificate = certificate.map(ToString::to_string).unwrap_or_default();
    DomainDraft { host: host.into(), side: side.into(), certificate }
}

fn code(result: Result<impl Sized, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => match errors.get(field) {
            Some(Invalid::Certificate { defect }) => defect.code(),
            Some(other) => other.code(),
            None => panic!("nothing about {field}: {errors:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn shown(house: &House, id: &CertificateId) -> Option<CertificateConfig> {
    let snapshot = house.control.snapshot();
    match snapshot.get(&ResourceKey::Certificate(id.clone())).map(Arc::as_ref) {
        Some(Resource::Certificate(config)) => Some(config.clone()),
        _ => None,
    }
}

fn config(house: &House, id: &domain::id::GatewayId) -> GatewayConfig {
    match house.control.snapshot().get(&ResourceKey::Gateway(id.clone())).map(Arc::as_ref) {
        Some(Resource::Gateway(config)) => config.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_defect_of_an_upload_is_named() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let good = draft("good", &["models.example.com"], 90);
    let other = draft("other", &["models.example.com"], 90);
    let mixed = CertificateDraft { key: other.key.clone(), ..good.clone() };
    assert_eq!(code(control.upload_certificate(who, mixed).await, "key"), "key_mismatch");
    let keyless = CertificateDraft { key: Secret::new(""), ..good.clone() };
    assert_eq!(code(control.upload_certificate(who, keyless).await, "key"), "no_key");
    let garbage = CertificateDraft { chain: "</textarea><script>".into(), ..good.clone() };
    assert_eq!(code(control.upload_certificate(who, garbage).await, "chain"), "garbage");
    assert_eq!(code(control.upload_certificate(who, draft("old", &["a.example.com"], -2)).await, "chain"), "expired");
    // All at once: the name and what is in the fields.
    let all = CertificateDraft { name: "a b".into(), chain: String::new(), key: Secret::new(""), ..good.clone() };
    let Err(ControlError::Invalid(errors)) = control.upload_certificate(who, all).await else { panic!("refused") };
    assert!(errors.get("name").is_some() && errors.get("chain").is_some(), "{errors:?}");

    control.upload_certificate(who, good.clone()).await.expect("uploads");
    let again = control.upload_certificate(who, draft("Good", &["x.example.com"], 9)).await;
    assert_eq!(code(again, "name"), "name_taken");
    // What is stored and audited has no key in clear.
    let stored = std::fs::read(house.folder.path().join("db")).expect("reads");
    let wal = std::fs::read(house.folder.path().join("db-wal")).unwrap_or_default();
    let secret = good.key.reveal().lines().nth(1).expect("a line").as_bytes();
    assert!(!stored.windows(secret.len()).chain(wal.windows(secret.len())).any(|window| window == secret));
}

#[tokio::test]
async fn a_domain_and_its_certificate() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, who) = (&house.control, &house.principal);
    control.set_portal(who, &id, 1, true).await.expect("turns on");
    let cert = control.upload_certificate(who, draft("one", &["*.example.com"], 90)).await.expect("uploads");
    assert!(shown(&house, &cert).is_none(), "nobody asks for it");
    let narrow = control.upload_certificate(who, draft("two", &["other.example.org"], 90)).await.expect("uploads");

    for (host, field, expected) in [
        ("no dots", "host", "domain_name"),
        ("", "host", "required"),
        ("gw-x.local.gw.localhost", "host", "own_domain"),
    ] {
        assert_eq!(code(control.add_domain(who, &id, &domain(host, "public", None)).await, field), expected, "{host}");
    }
    let wrong = control.add_domain(who, &id, &domain("models.example.com", "public", Some(&narrow))).await;
    assert_eq!(code(wrong, "certificate"), "certificate_names");
    let sideways = control.add_domain(who, &id, &domain("models.example.com", "inside out", None)).await;
    assert_eq!(code(sideways, "side"), "choice");

    let first =
        control.add_domain(who, &id, &domain("Models.Example.com.", "public", Some(&cert))).await.expect("adds");
    let config_now = config(&house, &id);
    assert!(config_now.public.expect("is open").hosts.contains(&"models.example.com".to_owned()));
    assert_eq!(shown(&house, &cert).expect("is shown").names, ["models.example.com"]);
    // The service's panel leads there at once.
    let detail = control.gateway(who, &id).expect("is there");
    let endpoint = &detail.internet.endpoints[0];
    assert_eq!((endpoint.url.as_str(), endpoint.door), ("https://models.example.com:8443", Door::Custom));
    assert!(detail.domains[0].points_to.starts_with(id.as_str()));

    // International names travel in ASCII, wildcards stay what they are.
    control.add_domain(who, &id, &domain("*.bücher.example", "public", None)).await.expect("adds");
    assert!(config(&house, &id).public.expect("is open").hosts.contains(&"*.xn--bcher-kva.example".to_owned()));

    // One owner for a name; on its other side the same certificate.
    let other = house.gateway("second").await;
    for side in ["public", "private"] {
        let taken = control.add_domain(who, &other, &domain("models.example.com", side, None)).await;
        assert_eq!(code(taken, "host"), "domain_taken");
    }
    let third = control.upload_certificate(who, draft("three", &["models.example.com"], 90)).await.expect("uploads");
    let differs = control.add_domain(who, &id, &domain("models.example.com", "private", Some(&third))).await;
    assert_eq!(code(differs, "certificate"), "other_certificate");
    control.add_domain(who, &id, &domain("models.example.com", "private", Some(&cert))).await.expect("adds");

    // Replaced in place: covered or refused; shown at once; deleted only when nobody uses it.
    let uncovering = control.replace_certificate(who, &cert, 1, draft("one", &["b.example.org"], 90)).await;
    assert_eq!(code(uncovering, "chain"), "certificate_names");
    let fresh = draft("one", &["*.example.com"], 60);
    control.replace_certificate(who, &cert, 1, fresh.clone()).await.expect("replaces");
    assert_eq!(shown(&house, &cert).expect("is shown").chain, fresh.chain);
    control.replace_certificate(who, &cert, 2, fresh).await.expect("nothing to do");
    assert_eq!(control.certificate(who, &cert).expect("is there").revision, 2);
    let held = control.delete_certificate(who, &cert, 2).await;
    assert!(matches!(&held, Err(ControlError::CertificateInUse { names }) if names.len() == 2), "{held:?}");
    control.edit_domain(who, &first, 1, "").await.expect("without");
    let stale = control.edit_domain(who, &first, 1, cert.as_str()).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 2 })), "{stale:?}");
    control.delete_domain(who, &first, 2).await.expect("deletes");
    assert!(!config(&house, &id).public.expect("is open").hosts.contains(&"models.example.com".to_owned()));

    // The gateway goes, and its names with it.
    let revision = house.revision(&id);
    control.delete_gateway(who, &id, revision, "first").await.expect("deletes");
    assert!(shown(&house, &cert).is_none());
    control.delete_certificate(who, &cert, 2).await.expect("deletes");
    control.add_domain(who, &other, &domain("models.example.com", "public", None)).await.expect("is free again");
}

#[tokio::test]
async fn tls_settings_of_a_gateway() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, who) = (&house.control, &house.principal);
    let authority = draft("x", &["authority.example"], 90);
    for wrong in ["nonsense", authority.key.reveal()] {
        let refused = control.set_gateway_tls(who, &id, 1, (true, true), wrong).await;
        assert_eq!(code(refused, "authorities"), "client_authority");
    }
    control.set_gateway_tls(who, &id, 1, (true, true), &authority.chain).await.expect("sets");
    let policy = config(&house, &id).tls;
    assert_eq!((policy.redirect_to_port, policy.hsts_seconds), (Some(8443), Some(31_536_000)));
    assert!(policy.client_authorities.is_some_and(|pem| pem.contains("BEGIN CERTIFICATE")));
    control.set_gateway_tls(who, &id, 2, (false, false), " ").await.expect("sets");
    assert_eq!(config(&house, &id).tls, Default::default());
}
