//! Orders at ACME servers: who may order what, and one order at a time.

mod house;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use control::{Control, ControlError, Installation, InstallationKey};
use domain::certificate::{AccountDraft, AccountEdit, OrderDraft};
use domain::custom_domain::DomainDraft;
use domain::id::{AccountId, AcmeAccountId, CertificateId, RANDOM_LEN, WorkspaceId};
use domain::role::Role;
use domain::secret::Secret;
use domain::view::CertificateView;
use house::{House, house, until};
use identity::Principal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{AcmeAccountRow, Store, WorkspaceRow};
use tokio::net::TcpListener;

fn account() -> AcmeAccountId {
    AcmeAccountId::from_random([7; RANDOM_LEN])
}

/// The same installation, as another console sees it that starts now.
async fn another(house: &House) -> Control {
    let store = Store::open(&house.folder.path().join("db")).await.expect("opens");
    let key = InstallationKey::load(&house.folder.path().join("key")).expect("reads it");
    Control::start(store, key, Installation::default()).await.expect("starts")
}

/// As it is after an account was registered with the server at this address.
async fn registered(house: &House, server: SocketAddr) -> Control {
    let key = rcgen::KeyPair::generate().expect("a key");
    let (directory, key) = (format!("https://{server}/dir"), URL_SAFE_NO_PAD.encode(key.serialize_der()));
    let credentials = format!(r#"{{"id":"https://{server}/a/1","key_pkcs8":"{key}","directory":"{directory}"}}"#);
    let installation = InstallationKey::load(&house.folder.path().join("key")).expect("reads it");
    let sealed_credentials = installation.seal(&Secret::new(credentials), account().as_str()).expect("seals");
    let row = AcmeAccountRow {
        id: account(),
        account_id: house.principal.account_id.clone(),
        workspace_id: house.principal.workspace_id.clone(),
        directory,
        name: String::new(),
        contact: Vec::new(),
        sealed_credentials,
        revision: 1,
        created_at: house.control.now(),
    };
    let mut tx = house.control.store().begin().await.expect("begins");
    tx.insert_acme_account(&row).await.expect("writes");
    tx.commit().await.expect("commits");
    another(house).await
}

/// Hangs up on whoever connects, and counts them.
async fn rude_server() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let (address, count) = (listener.local_addr().expect("is bound"), Arc::new(AtomicUsize::new(0)));
    let counting = count.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counting.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    (address, count)
}

fn draft(name: &str, names: &str, challenge: &str) -> OrderDraft {
    OrderDraft { name: name.into(), names: names.into(), challenge: challenge.into() }
}

fn view(control: &Control, who: &Principal, id: &CertificateId) -> CertificateView {
    control.certificate(who, id).expect("is there")
}

fn failed(control: &Control, who: &Principal, id: &CertificateId) -> u32 {
    view(control, who, id).acme.expect("an order").order.failed
}

fn code<T>(result: Result<T, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => errors.get(field).map(|error| error.code()).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_order_however_many_consoles_there_are() {
    let house = house().await;
    let (address, connections) = rude_server().await;
    let (one, who) = (registered(&house, address).await, &house.principal);
    let id = one.order_certificate(who, &account(), &draft("c", "a.example.com", "http_01")).await.expect("orders");
    let consoles = [one, another(&house).await, another(&house).await];
    // One that died a moment ago had begun it.
    let (now, ends) = (consoles[0].now(), consoles[0].now() + TimeDelta::seconds(2));
    let mut tx = consoles[0].store().begin().await.expect("begins");
    assert!(tx.take_lease(id.as_str(), "dead", now, ends).await.expect("writes"));
    tx.commit().await.expect("commits");
    for control in consoles.clone() {
        tokio::spawn(async move { control.keep_certificates_issued().await });
    }
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // Each of them has looked, and none has ordered what another one had.
    while !consoles.iter().all(|control| failed(control, who, &id) == 1) {
        assert!(std::time::Instant::now() < patience, "nobody went on");
        assert!(consoles[0].now() >= ends || connections.load(Ordering::Relaxed) == 0, "not before the lease ended");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    let order = view(&consoles[2], who, &id).acme.expect("an order").order;
    assert_eq!(order.last.expect("a failure").failure.code(), "unreachable");
    assert!(order.next_attempt.is_some_and(|at| at > consoles[0].now()), "tried again later");
    // At once, when somebody says so.
    consoles[0].order_now(who, &id).await.expect("orders");
    // One that found it taken looks again after five seconds.
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while failed(&consoles[0], who, &id) != 2 {
        assert!(std::time::Instant::now() < patience, "nobody tried again");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn nobody_orders_for_the_names_of_others() {
    let house = house().await;
    let gateway = house.gateway("first").await;
    let (address, _) = rude_server().await;
    let control = registered(&house, address).await;
    let domain = DomainDraft { host: "models.example.com".into(), side: "public".into(), certificate: String::new() };
    control.add_domain(&house.principal, &gateway, &domain).await.expect("adds");

    let workspace = WorkspaceRow {
        id: WorkspaceId::from_random([9; RANDOM_LEN]),
        account_id: AccountId::from_random([9; RANDOM_LEN]),
        name: "other".into(),
        created_at: control.now(),
    };
    let mut tx = control.store().begin().await.expect("begins");
    tx.insert_account(&workspace.account_id, "other", control.now()).await.expect("writes");
    tx.insert_workspace(&workspace).await.expect("writes");
    tx.commit().await.expect("commits");
    let other = Principal { account_id: workspace.account_id, workspace_id: workspace.id, ..house.principal.clone() };
    let order = async |who: &Principal, names: &str, challenge: &str| {
        control.order_certificate(who, &account(), &draft("c", names, challenge)).await
    };
    // The account is not theirs, either.
    assert!(matches!(order(&other, "a.example.org", "http_01").await, Err(ControlError::NotFound { .. })));
    let start = control.acme_start(&house.principal, "").await.expect("reads");
    assert_eq!((start.accounts.len(), start.domains), (1, vec!["models.example.com".to_owned()]));
    assert!(control.acme_start(&other, "").await.expect("reads").accounts.is_empty());

    // The same the other way round: names of the first workspace's domains, for an account of the other.
    let row = control.store().acme_accounts().await.expect("reads").remove(0);
    let id = AcmeAccountId::from_random([8; RANDOM_LEN]);
    let (account_id, workspace_id) = (other.account_id.clone(), other.workspace_id.clone());
    let mut tx = control.store().begin().await.expect("begins");
    let theirs = AcmeAccountRow { id: id.clone(), account_id, workspace_id, ..row };
    tx.insert_acme_account(&theirs).await.expect("writes");
    tx.commit().await.expect("commits");
    let control = another(&house).await;
    let own = control.installation().public_host(&gateway);
    let long = format!("{}.io", ["a".repeat(59).as_str(); 4].join("."));
    for (names, challenge, said) in [
        ("models.example.com", "http_01", "domain_taken"),
        ("x.example.org Models.Example.com.", "http_01", "domain_taken"),
        ("*.example.com", "dns_01", "domain_taken"),
        (own.as_str(), "http_01", "own_domain"),
        ("*.local.gw.localhost", "dns_01", "own_domain"),
        ("*.example.net", "http_01", "acme"),
        // `_acme-challenge.` has to fit in front.
        (&long, "dns_01", "too_long"),
        ("192.0.2.1", "http_01", "domain_name"),
        ("</textarea><script>", "http_01", "domain_name"),
        ("", "http_01", "required"),
    ] {
        let refused = control.order_certificate(&other, &id, &draft("c", names, challenge)).await;
        assert_eq!(code(refused, "names"), said, "{names}");
    }
    // What exactly somebody else has is not told.
    let refused = control.order_certificate(&other, &id, &draft("c", "*.example.com", "dns_01")).await;
    assert!(!format!("{refused:?}").contains("models.example.com"), "{refused:?}");
    // Nor may everybody make this host connect to wherever they like.
    let asked = control.acme_start(&other, "https://127.0.0.1:9/dir").await;
    assert_eq!(code(asked, "directory"), "unknown_directory");
    control.order_certificate(&other, &id, &draft("c", "a.example.com", "http_01")).await.expect("is nobody's");

    // Nobody's when it was ordered, somebody else's when it is its turn.
    let late = draft("late", "late.example.org", "http_01");
    let late = control.order_certificate(&other, &id, &late).await.expect("is nobody's yet");
    let domain = DomainDraft { host: "late.example.org".into(), side: "public".into(), certificate: String::new() };
    control.add_domain(&house.principal, &gateway, &domain).await.expect("adds");
    let keeping = tokio::spawn({
        let control = control.clone();
        async move { control.keep_certificates_issued().await }
    });
    until("the refusal", || {
        let last = view(&control, &other, &late).acme.expect("an order").order.last;
        last.is_some_and(|last| last.failure.code() == "name")
    })
    .await;
    keeping.abort();
    // Who owns them may.
    let names = format!("models.example.com, {own}");
    control.order_certificate(&house.principal, &account(), &draft("c", &names, "http_01")).await.expect("orders");
    let again = control.order_certificate(&house.principal, &account(), &draft("C", "b.example.com", "dns_01")).await;
    assert_eq!(code(again, "name"), "name_taken");
}

#[tokio::test]
async fn what_is_not_issued_is_bound_to_nothing() {
    let house = house().await;
    let gateway = house.gateway("first").await;
    let (address, _) = rude_server().await;
    let (control, who) = (registered(&house, address).await, &house.principal);
    let id = control.order_certificate(who, &account(), &draft("c", "a.example.com", "http_01")).await.expect("orders");
    let domain = DomainDraft { host: "a.example.com".into(), side: "public".into(), certificate: id.to_string() };
    let bound = control.add_domain(who, &gateway, &domain).await;
    assert_eq!(code(bound, "certificate"), "certificate_not_issued");
    let shown = view(&control, who, &id);
    assert!(shown.facts.is_none() && !shown.is_sealed && shown.acme.is_some());
    // Another order, under the revision that was seen.
    let other = draft("c", "*.example.com", "dns_01");
    let stale = control.change_order(who, &id, 7, &other).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 1 })), "{stale:?}");
    control.change_order(who, &id, 1, &other).await.expect("changes");
    control.change_order(who, &id, 2, &other).await.expect("changes nothing");
    let shown = view(&control, who, &id);
    assert_eq!((shown.revision, shown.acme.expect("an order").order.names), (2, vec!["*.example.com".to_owned()]));
    control.delete_certificate(who, &id, 2).await.expect("deletes");
    assert!(control.certificates(who).expect("reads").is_empty());
}

#[tokio::test]
async fn a_server_is_asked_before_an_account_is_made() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let (address, connections) = rude_server().await;
    let register = async |directory: &str, contact: &str| {
        let draft = AccountDraft {
            directory: directory.into(),
            contact: contact.into(),
            terms_agreed: true,
            ..AccountDraft::default()
        };
        control.register_acme(who, &draft).await
    };
    for directory in ["", "http://acme.example/dir", "https://user:secret@acme.example/dir", "nonsense"] {
        assert_eq!(code(register(directory, "").await, "directory"), "acme", "{directory}");
    }
    let directory = format!("https://{address}/dir");
    assert_eq!(code(register(&directory, "nobody").await, "contact"), "mail_address");
    assert_eq!(connections.load(Ordering::Relaxed), 0, "what is wrong here asks nobody");
    assert_eq!(code(register(&directory, "ops@example.com").await, "directory"), "acme");
    let start = control.acme_start(who, &directory).await.expect("reads");
    assert_eq!(start.failure.expect("a failure").code(), "unreachable");
    assert!(start.accounts.is_empty() && start.server.is_none());
    let viewer = Principal { role: domain::role::Role::Viewer, ..who.clone() };
    let before = connections.load(Ordering::Relaxed);
    assert!(matches!(control.acme_start(&viewer, &directory).await, Err(ControlError::Forbidden { .. })));
    assert_eq!(connections.load(Ordering::Relaxed), before);
    assert!(control.acme_start(&viewer, "").await.is_ok());
}

#[tokio::test]
async fn accounts_are_renamed_and_forgotten_when_nothing_is_ordered_with_them() {
    let house = house().await;
    let (address, connections) = rude_server().await;
    let (control, who) = (registered(&house, address).await, &house.principal);
    let edit = |name: &str, contact: &str| AccountEdit { name: name.into(), contact: contact.into() };
    let change = async |seen, draft: &AccountEdit| control.edit_acme_account(who, &account(), seen, draft).await;

    assert_eq!(code(change(1, &edit(&"x".repeat(64), "")).await, "name"), "too_long");
    assert_eq!(code(change(1, &edit("", "nobody")).await, "contact"), "mail_address");
    // A name is nobody's business but ours; saving the same again is no edit.
    change(1, &edit("Ours", "")).await.expect("renames");
    change(2, &edit("Ours", " ")).await.expect("nothing to do");
    assert_eq!(connections.load(Ordering::Relaxed), 0);
    assert!(matches!(change(1, &edit("x", "")).await, Err(ControlError::Conflict { current: 2 })));
    // Addresses are the server's, too: what it was not told is not stored.
    assert_eq!(code(change(2, &edit("Theirs", "ops@example.com")).await, "contact"), "acme");
    assert!(connections.load(Ordering::Relaxed) > 0);
    let shown = control.acme_account(who, &account()).expect("is there");
    assert_eq!((shown.name.as_str(), shown.contact.len(), shown.revision), ("Ours", 0, 2));

    let id = control.order_certificate(who, &account(), &draft("c", "a.example.com", "http_01")).await.expect("orders");
    assert_eq!(control.acme_account(who, &account()).expect("is there").used_by, ["c"]);
    let used = control.delete_acme_account(who, &account(), 2).await;
    assert!(matches!(&used, Err(ControlError::AcmeAccountInUse { names }) if names == &["c"]), "{used:?}");
    control.delete_certificate(who, &id, 1).await.expect("deletes");
    let stale = control.delete_acme_account(who, &account(), 1).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 2 })), "{stale:?}");
    let viewer = Principal { role: Role::Viewer, ..who.clone() };
    let forbidden = control.delete_acme_account(&viewer, &account(), 2).await;
    assert!(matches!(forbidden, Err(ControlError::Forbidden { .. })), "{forbidden:?}");
    control.delete_acme_account(who, &account(), 2).await.expect("deletes");
    assert!(matches!(control.acme_account(who, &account()), Err(ControlError::NotFound { .. })));
    // Also for a console that starts now.
    assert!(another(&house).await.acme_start(who, "").await.expect("reads").accounts.is_empty());
}
