//! Tokens of a service are made, changed, replaced, deleted and forgotten, and it is seen when they are used.

mod house;

use chrono::{DateTime, TimeDelta, Utc};
use control::{Clock, ControlError, Installation, hub};
use domain::id::{ServiceId, TokenId};
use domain::role::Role;
use domain::service::{MAX_TOKENS, ServiceDraft, TokenDraft};
use domain::snapshot::{Resource, Snapshot, TokenConfig};
use domain::view::TokenView;
use house::record::record;
use house::{Engine, House, house, house_in, until};
use identity::Principal;
use link::message::EngineUp;
use link::telemetry::Telemetry;

async fn deploy(house: &House) -> ServiceId {
    let gateway = house.gateway("g").await.to_string();
    let draft = ServiceDraft {
        name: "model".into(),
        gateway,
        command: "true".into(),
        replicas: "1".into(),
        ..ServiceDraft::default()
    };
    house.control.deploy_service(&house.principal, &draft).await.expect("deploys")
}

fn shown(house: &House, id: &ServiceId) -> Vec<TokenView> {
    house.control.service(&house.principal, id).expect("is there").invocation.tokens
}

/// As engines are told.
fn told(house: &House) -> Vec<TokenConfig> {
    let snapshot = house.control.snapshot();
    let services = snapshot.resources().filter_map(|resource| match resource {
        Resource::Service(service) => Some(service.tokens.clone()),
        _ => None,
    });
    services.flatten().collect()
}

fn draft(label: &str, lifetime: &str) -> TokenDraft {
    TokenDraft { label: label.into(), lifetime: lifetime.into() }
}

fn field(error: &ControlError) -> Option<String> {
    match error {
        ControlError::Invalid(fields) => ["label", "lifetime", "overlap", "confirmation"]
            .into_iter()
            .find(|field| fields.get(field).is_some())
            .map(str::to_owned),
        _ => None,
    }
}

#[tokio::test]
async fn both_work_until_the_overlap_is_over() {
    let house = house().await;
    let service = deploy(&house).await;
    let old = shown(&house, &service)[0].clone();
    let (control, ada) = (&house.control, &house.principal);
    let new = control.rotate_token(ada, &service, &old.id, old.revision, "3600").await.expect("rotates");
    let now = shown(&house, &service);
    assert_eq!(now.iter().map(|token| token.id.clone()).collect::<Vec<_>>(), [new.clone(), old.id.clone()]);
    let left = now[1].expires_at.expect("ends") - control.now();
    assert!(left <= TimeDelta::hours(1) && left > TimeDelta::minutes(59), "{left}");
    let ends = |id: &TokenId| told(&house).into_iter().find(|token| token.id == *id).map(|token| token.expires_at);
    assert_eq!((ends(&new), ends(&old.id)), (Some(None), Some(now[1].expires_at)));
    // Who looked before is told; replacing it once more does not give it more time.
    let stale = control.rotate_token(ada, &service, &old.id, old.revision, "0").await.expect_err("stale");
    assert!(matches!(stale, ControlError::Conflict { current: 2 }), "{stale}");
    control.rotate_token(ada, &service, &old.id, 2, "604800").await.expect("rotates");
    assert_eq!(ends(&old.id), Some(now[1].expires_at));
    control.rotate_token(ada, &service, &new, 1, "0").await.expect("rotates at once");
    let gone = shown(&house, &service).into_iter().find(|token| token.id == new).expect("is shown");
    assert!(gone.expired);
    let odd = control.rotate_token(ada, &service, &new, 2, "a while").await.expect_err("is no time");
    assert_eq!(field(&odd).as_deref(), Some("overlap"));
}

#[tokio::test]
async fn made_changed_and_deleted() {
    let house = house().await;
    let service = deploy(&house).await;
    let (control, ada) = (&house.control, &house.principal);
    let id = control.create_token(ada, &service, &draft("batch <b>", "86400")).await.expect("makes one");
    let view = |id: &TokenId| shown(&house, &service).into_iter().find(|token| token.id == *id).expect("is shown");
    assert_eq!((view(&id).label.as_str(), view(&id).revision, view(&id).expired), ("batch <b>", 1, false));
    let end = view(&id).expires_at;
    // Saving without a change changes nothing, and `keep` keeps.
    control.edit_token(ada, &service, &id, 1, &draft("batch <b>", "keep")).await.expect("saves");
    assert_eq!(view(&id).revision, 1);
    control.edit_token(ada, &service, &id, 1, &draft("nightly", "keep")).await.expect("saves");
    assert_eq!((view(&id).label.as_str(), view(&id).expires_at), ("nightly", end));
    control.edit_token(ada, &service, &id, 2, &draft("nightly", "")).await.expect("saves");
    assert_eq!(view(&id).expires_at, None);
    control.edit_token(ada, &service, &id, 3, &draft("nightly", "0")).await.expect("saves");
    assert!(view(&id).expired);
    let stale = control.edit_token(ada, &service, &id, 1, &draft("x", "")).await.expect_err("stale");
    assert!(matches!(stale, ControlError::Conflict { current: 4 }), "{stale}");

    // One that has expired lets nobody in: the other is the last that does.
    let first = shown(&house, &service)[0].clone();
    let refused = control.delete_token(ada, &service, &first.id, 1, "").await.expect_err("asks first");
    assert_eq!(field(&refused).as_deref(), Some("confirmation"));
    control.delete_token(ada, &service, &id, 4, "").await.expect("deletes");
    control.delete_token(ada, &service, &first.id, 1, "model").await.expect("deletes");
    assert!(shown(&house, &service).is_empty() && told(&house).is_empty());
}

#[tokio::test]
async fn not_for_everybody_and_not_without_end() {
    let house = house().await;
    let service = deploy(&house).await;
    let (control, ada) = (&house.control, &house.principal);
    let token = shown(&house, &service)[0].id.clone();
    let eve = Principal { role: Role::Viewer, ..ada.clone() };
    let nothing = draft("", "");
    let refused = [
        control.create_token(&eve, &service, &nothing).await.map(drop),
        control.rotate_token(&eve, &service, &token, 1, "0").await.map(drop),
        control.edit_token(&eve, &service, &token, 1, &nothing).await,
        control.delete_token(&eve, &service, &token, 1, "model").await,
    ];
    assert!(refused.iter().all(|each| matches!(each, Err(ControlError::Forbidden { .. }))), "{refused:?}");
    for _ in 1..MAX_TOKENS {
        control.create_token(ada, &service, &nothing).await.expect("makes one");
    }
    let one_more = control.create_token(ada, &service, &nothing).await.expect_err("is full");
    assert!(matches!(one_more, ControlError::TooManyTokens { .. }), "{one_more}");
    assert!(control.rotate_token(ada, &service, &token, 1, "0").await.is_err());
}

fn used(token: &TokenId, at: DateTime<Utc>) -> Telemetry {
    let records = record(at.timestamp_micros(), "r", Some(token.as_str()));
    Telemetry { sequence: 1, started_at: at, records, ..Telemetry::default() }
}

#[tokio::test]
async fn a_use_is_seen_and_outlives_the_console() {
    let house = house().await;
    let service = deploy(&house).await;
    let token = shown(&house, &service)[0].id.clone();
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    let serving = tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
    let keeper = house.control.clone();
    let keeping = tokio::spawn(async move { keeper.keep_token_uses(std::time::Duration::from_millis(20)).await });
    let engine = Engine::connect(&house, Snapshot::default()).await;
    let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    engine.say(EngineUp::Telemetry(used(&token, at))).await;
    until("its use", || shown(&house, &service)[0].last_used == Some(at)).await;
    house.control.note_token_uses().await.expect("stores");
    keeping.abort();
    serving.abort();
    let House { control, folder, .. } = house;
    control.store().close().await;
    drop(control);
    let again = house_in(folder, Clock::default(), Installation::default()).await;
    assert_eq!(shown(&again, &service)[0].last_used, Some(at));
}

#[tokio::test]
async fn expired_ones_are_forgotten_after_a_month() {
    let start = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let clock = Clock::by_hand(start);
    let house = house_in(tempfile::tempdir().expect("a folder"), clock.clone(), Installation::default()).await;
    let service = deploy(&house).await;
    house.control.create_token(&house.principal, &service, &draft("short", "60")).await.expect("makes one");
    let keeper = house.control.clone();
    let keeping = tokio::spawn(async move { keeper.keep_token_uses(std::time::Duration::from_millis(5)).await });
    clock.set(start + TimeDelta::days(29));
    assert_eq!(shown(&house, &service).iter().map(|token| token.expired).collect::<Vec<_>>(), [false, true]);
    clock.set(start + TimeDelta::days(31));
    until("it to be forgotten", || shown(&house, &service).len() == 1).await;
    assert!(!shown(&house, &service)[0].expired);
    keeping.abort();
}
