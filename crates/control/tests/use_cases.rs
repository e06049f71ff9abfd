//! Use cases against a real store, and status words against an engine that a test plays over the real link.

mod house;

use control::{ControlError, Installation, hub};
use domain::gateway::AlbDraft;
use domain::id::{RANDOM_LEN, WorkspaceId};
use domain::role::Role;
use domain::service::ServiceDraft;
use domain::snapshot::Snapshot;
use domain::status::{GatewayStatus, PortalStatus, Reason, ServiceStatus};
use domain::view::GatewayQuery;
use house::{Engine, house, until};
use identity::Principal;
use link::message::{DoorReport, EngineUp};

#[tokio::test]
async fn saving_without_a_change_changes_nothing_and_a_stale_edit_conflicts() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, principal) = (&house.control, &house.principal);
    control.set_portal(principal, &id, 1, true).await.expect("turns on");
    let before = control.snapshot();
    control.set_portal(principal, &id, 2, true).await.expect("is on already");
    assert_eq!(house.revision(&id), 2, "no new revision");
    assert_eq!(control.snapshot().version, before.version, "no new configuration");
    let stale = control.add_to_whitelist(principal, &id, 1, None, ("192.0.2.0/24", "")).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 2 })), "{stale:?}");
    assert!(control.gateway(principal, &id).expect("is there").internet.whitelist.is_empty());
}

#[tokio::test]
async fn portal_off_and_on_keeps_list_and_port() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, principal) = (&house.control, &house.principal);
    control.add_to_whitelist(principal, &id, 1, None, ("192.0.2.0/24", "office")).await.expect("adds");
    control.set_portal(principal, &id, 2, true).await.expect("turns on");
    let on = control.gateway(principal, &id).expect("is there").internet;
    control.set_portal(principal, &id, 3, false).await.expect("turns off");
    assert!(control.gateway(principal, &id).expect("is there").internet.endpoints.is_empty());
    control.set_portal(principal, &id, 4, true).await.expect("turns on");
    let again = control.gateway(principal, &id).expect("is there").internet;
    assert_eq!((on.whitelist, on.endpoints), (again.whitelist, again.endpoints));
}

#[tokio::test]
async fn one_default_gateway_and_none_deleted_while_used() {
    let house = house().await;
    let (first, second) = (house.gateway("first").await, house.gateway("second").await);
    let (control, principal) = (&house.control, &house.principal);
    control.set_default_gateway(principal, &first, 1, true).await.expect("sets");
    control.set_default_gateway(principal, &second, 1, true).await.expect("sets");
    let defaults: Vec<_> = control.deploy_choices(principal).expect("lists").gateways;
    assert_eq!(defaults.iter().filter(|choice| choice.is_default).count(), 1);
    assert_eq!(defaults[0].id, second, "the default comes first");

    let service = ServiceDraft {
        name: "sample".into(),
        command: "model".into(),
        replicas: "1".into(),
        gateway: first.to_string(),
        ..Default::default()
    };
    control.deploy_service(principal, &service).await.expect("deploys");
    let revision = house.revision(&first);
    let refused = control.delete_gateway(principal, &first, revision, "first").await;
    assert!(matches!(&refused, Err(ControlError::GatewayInUse { names }) if names == &["sample"]), "{refused:?}");
    let mistyped = control.delete_gateway(principal, &second, house.revision(&second), "wrong").await;
    assert!(matches!(mistyped, Err(ControlError::Invalid(errors)) if errors.get("confirmation").is_some()));
    control.delete_gateway(principal, &second, house.revision(&second), "second").await.expect("deletes");
}

#[tokio::test]
async fn another_workspace_and_a_viewer_get_nothing() {
    let house = house().await;
    let id = house.gateway("first").await;
    let stranger = Principal { workspace_id: WorkspaceId::from_random([9; RANDOM_LEN]), ..house.principal.clone() };
    assert!(matches!(house.control.gateway(&stranger, &id), Err(ControlError::NotFound { .. })));
    let theirs = house.control.set_portal(&stranger, &id, 1, true).await;
    assert!(matches!(theirs, Err(ControlError::NotFound { .. })));
    assert_eq!(house.control.list_gateways(&stranger, &GatewayQuery::default()).expect("lists").unfiltered, 0);
    let viewer = Principal { role: Role::Viewer, ..house.principal.clone() };
    let refused = house.control.set_portal(&viewer, &id, 1, true).await;
    assert!(matches!(refused, Err(ControlError::Forbidden { .. })));
    house.control.gateway(&viewer, &id).expect("a viewer reads");
}

#[tokio::test]
async fn an_alb_gateway_needs_the_role_first() {
    let house = house().await;
    let (control, principal) = (&house.control, &house.principal);
    let alb = AlbDraft { name: "alb".into() };
    let refused = control.create_alb_gateway(principal, &alb).await;
    assert!(matches!(refused, Err(ControlError::RoleNotGranted { .. })), "{refused:?}");
    control.grant_alb_role(principal).await.expect("grants");
    let id = control.create_alb_gateway(principal, &alb).await.expect("creates");
    assert!(matches!(control.set_portal(principal, &id, 1, true).await, Err(ControlError::NotForAlb)));
}

#[tokio::test]
async fn status_words_follow_what_the_engine_says() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, principal) = (house.control.clone(), house.principal.clone());
    let socket = house.folder.path().join("link.sock");
    let serving = tokio::spawn({
        let control = control.clone();
        async move { hub::serve(control, &socket, std::future::pending()).await }
    });
    let detail = || control.gateway(&principal, &id).expect("is there");
    assert_eq!(detail().summary.status, GatewayStatus::Creating, "no engine has spoken");

    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    until("running", || detail().summary.status == GatewayStatus::Running).await;
    // It serves, but not as many as were ordered.
    let few = detail().conditions.into_iter().find(|condition| condition.reason == Reason::FewOpenFiles);
    assert!(few.and_then(|few| few.detail).is_some_and(|detail| detail.starts_with("1000 / ")));

    control.set_portal(&principal, &id, 1, true).await.expect("turns on");
    assert_eq!(detail().internet.status, PortalStatus::Activating, "the engine has not loaded it");
    engine.load().await;
    let own = detail().internet.endpoints[0].url.trim_start_matches("http://").parse().expect("an address");
    engine
        .say(EngineUp::Doors(vec![DoorReport {
            address: own,
            device: None,
            open: false,
            error: Some("in use".into()),
        }]))
        .await;
    until("failed", || detail().internet.status == PortalStatus::Failed).await;
    assert_eq!(detail().internet.conditions[0].detail.as_deref(), Some("in use"));
    engine.say(EngineUp::Doors(vec![DoorReport { address: own, device: None, open: true, error: None }])).await;
    until("activated", || detail().internet.status == PortalStatus::Activated).await;

    // A shared listener that somebody else holds: by port it is reached, by name it is not.
    let own = DoorReport { address: own, device: None, open: true, error: None };
    let shared = Installation::default().http[0];
    let closed = DoorReport { address: shared, device: None, open: false, error: Some("in use".into()) };
    engine.say(EngineUp::Doors(vec![own.clone(), closed])).await;
    until("degraded", || detail().summary.status == GatewayStatus::Degraded).await;
    let seen = detail();
    assert_eq!(seen.internet.status, PortalStatus::Activated);
    for conditions in [&seen.conditions, &seen.internet.conditions] {
        let condition = conditions.iter().find(|condition| condition.reason == Reason::SharedBindFailed);
        assert_eq!(condition.and_then(|condition| condition.detail.clone()), Some(format!("{shared}: in use")));
    }
    engine.say(EngineUp::Doors(vec![own, DoorReport { address: shared, device: None, open: true, error: None }])).await;
    until("running again", || detail().summary.status == GatewayStatus::Running).await;

    // A refused difference is sent whole at once; a whole one that is refused waits for the next change. What was
    // loaded still serves.
    control.add_to_whitelist(&principal, &id, 2, None, ("192.0.2.0/24", "")).await.expect("adds");
    let refused = engine.next().await;
    engine.say(EngineUp::Refused { version: refused.version, hash: refused.hash, reason: "no".into() }).await;
    let whole = engine.next().await;
    assert_eq!((whole.from, whole.hash), (None, refused.hash));
    engine.say(EngineUp::Refused { version: whole.version, hash: whole.hash, reason: "still no".into() }).await;
    // The second refusal: a change that comes before it is heard would be a difference to what was refused.
    let refused_twice = || detail().conditions.iter().any(|condition| condition.detail.as_deref() == Some("still no"));
    until("failed", || detail().summary.status == GatewayStatus::Failed && refused_twice()).await;
    control.add_to_whitelist(&principal, &id, 3, None, ("198.51.100.0/24", "")).await.expect("adds");
    engine.load().await;
    assert_eq!(engine.has, *control.snapshot());
    until("running", || detail().summary.status == GatewayStatus::Running).await;

    let has = engine.has.clone();
    drop(engine);
    until("unknown", || detail().summary.status == GatewayStatus::Unknown).await;
    // Back with the very same contents: nothing to send, and running at once.
    let _engine = Engine::connect(&house, has).await;
    until("running", || detail().summary.status == GatewayStatus::Running).await;
    serving.abort();
}

#[tokio::test]
async fn tokens_are_revealed_to_who_may_and_a_service_without_agent_is_unknown() {
    let house = house().await;
    let gateway = house.gateway("first").await;
    let service = ServiceDraft {
        name: "sample".into(),
        command: "model".into(),
        replicas: "2".into(),
        gateway: gateway.to_string(),
        ..Default::default()
    };
    let id = house.control.deploy_service(&house.principal, &service).await.expect("deploys");
    let detail = house.control.service(&house.principal, &id).expect("is there");
    assert_eq!(detail.summary.status, ServiceStatus::Unknown);
    let token = &detail.invocation.tokens[0].id;
    let secret = house.control.reveal_token(&house.principal, &id, token).await.expect("reveals");
    assert_eq!(secret.reveal().len(), 43);
    let viewer = Principal { role: Role::Viewer, ..house.principal.clone() };
    assert!(matches!(house.control.reveal_token(&viewer, &id, token).await, Err(ControlError::Forbidden { .. })));
    let again = house.control.deploy_service(&house.principal, &service).await;
    assert!(matches!(again, Err(ControlError::Invalid(errors)) if errors.get("name").is_some()));
}
