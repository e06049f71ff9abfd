//! Groups of services: what engines are told of them, and what stands in their way.

mod house;

use control::{Control, ControlError};
use domain::error::Invalid;
use domain::id::{GatewayId, GroupId, ServiceId};
use domain::service::{PlaceDraft, ServiceDraft, Weights};
use domain::snapshot::{Membership, Resource};
use house::{House, house};

fn code(result: Result<impl Sized, ControlError>, field: &str) -> String {
    match result.err() {
        Some(ControlError::Invalid(errors)) => errors.get(field).map(Invalid::code).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

async fn service(house: &House, name: &str, gateway: &GatewayId) -> Result<ServiceId, ControlError> {
    let draft = ServiceDraft {
        name: name.into(),
        command: "model".into(),
        replicas: "1".into(),
        gateway: gateway.to_string(),
        ..ServiceDraft::default()
    };
    house.control.deploy_service(&house.principal, &draft).await
}

/// What engines are told of the service's place.
fn told(control: &Control, id: &ServiceId) -> Option<Membership> {
    control.snapshot().resources().find_map(|resource| match resource {
        Resource::Service(service) if service.id == *id => Some(service.group.clone()),
        _ => None,
    })?
}

fn group(house: &House) -> Option<GroupId> {
    house.control.groups(&house.principal).expect("lists").first().map(|group| group.id.clone())
}

#[tokio::test]
async fn a_group_lives_as_long_as_a_service_is_in_it() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let gateway = house.gateway("g").await;
    let one = service(&house, "one", &gateway).await.expect("deploys");
    let two = service(&house, "two", &gateway).await.expect("deploys");
    control.set_group(who, &one, 1, "all").await.expect("joins");
    control.set_group(who, &two, 1, " all ").await.expect("joins");
    control.set_group(who, &two, 2, "all").await.expect("is in it");
    let id = group(&house).expect("is there");
    let shown = control.group(who, &id).expect("is there");
    assert_eq!((shown.summary.name.as_str(), shown.members.len(), shown.tokens.len()), ("all", 2, 1));

    // The same tokens open it, whichever of them gets the request.
    let (first, second) = (told(control, &one).expect("is in it"), told(control, &two).expect("is in it"));
    assert_eq!((first.name.as_str(), first.weight, &first.tokens), ("all", None, &second.tokens));
    let secret = control.reveal_group_token(who, &id, &shown.tokens[0].id).await.expect("reveals");
    assert_eq!(first.tokens.iter().map(|token| token.digest).collect::<Vec<_>>(), [secret.digest()]);

    control.set_group(who, &one, 2, "").await.expect("leaves");
    assert_eq!((told(control, &one), group(&house)), (None, Some(id.clone())));
    control.delete_service(who, &two, 2, "two").await.expect("deletes");
    assert_eq!(group(&house), None);
    assert!(matches!(control.group(who, &id), Err(ControlError::NotFound { .. })));
}

#[tokio::test]
async fn names_and_gateways_are_kept_apart() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let (gateway, other) = (house.gateway("g").await, house.gateway("other").await);
    let one = service(&house, "one", &gateway).await.expect("deploys");
    let far = service(&house, "far", &other).await.expect("deploys");
    control.set_group(who, &one, 1, "all").await.expect("joins");
    assert_eq!(code(control.set_group(who, &far, 1, "all").await, "group"), "group_elsewhere");
    assert_eq!(code(control.set_group(who, &far, 1, "one").await, "group"), "group_is_service");
    assert_eq!(code(control.set_group(who, &far, 1, "No").await, "group"), "service_name_character");
    assert_eq!(code(service(&house, "all", &gateway).await, "name"), "service_is_group");
    assert_eq!(control.groups(who).expect("lists").len(), 1, "what was refused made none");
    let stale = control.set_group(who, &one, 1, "").await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 2 })), "{stale:?}");
}

#[tokio::test]
async fn weights_headers_and_who_stands_apart() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let gateway = house.gateway("g").await;
    let one = service(&house, "one", &gateway).await.expect("deploys");
    control.set_group(who, &one, 1, "all").await.expect("joins");
    let id = group(&house).expect("is there");
    let draft = |weight: &str, header: &str, standalone: &str| PlaceDraft {
        weight: weight.into(),
        header: header.into(),
        standalone: standalone.into(),
    };
    assert_eq!(code(control.set_place(who, &one, 2, &draft("1001", "", "")).await, "weight"), "out_of_range");
    assert_eq!(code(control.set_place(who, &one, 2, &draft("1", "host: a", "")).await, "header"), "header_taken");
    control.set_place(who, &one, 2, &draft("7", "", "")).await.expect("sets");
    assert_eq!(told(control, &one).expect("is in it").weight, None, "weights are automatic");
    control.set_weights(who, &id, 1, Weights::Fixed).await.expect("sets");
    assert_eq!(told(control, &one).expect("is in it").weight, Some(7));
    control.set_weights(who, &id, 2, Weights::Fixed).await.expect("is so already");
    assert_eq!(control.group(who, &id).expect("is there").revision, 2, "nothing was changed");
    control.set_place(who, &one, 3, &draft("7", "", "on")).await.expect("sets");
    assert_eq!(told(control, &one).expect("is in it").weight, Some(0));
}

#[tokio::test]
async fn an_old_token_is_good_for_a_while() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let gateway = house.gateway("g").await;
    let one = service(&house, "one", &gateway).await.expect("deploys");
    control.set_group(who, &one, 1, "all").await.expect("joins");
    let id = group(&house).expect("is there");
    let before = told(control, &one).expect("is in it").tokens;
    assert_eq!(code(control.rotate_group_token(who, &id, 1, 999_999_999).await, "overlap"), "out_of_range");
    control.rotate_group_token(who, &id, 1, 3600).await.expect("rotates");
    let after = told(control, &one).expect("is in it").tokens;
    assert_eq!((after.len(), after[0].expires_at), (2, None));
    assert_eq!(after[1].digest, before[0].digest);
    let left = after[1].expires_at.expect("ends") - chrono::Utc::now();
    assert!((3500..=3600).contains(&left.num_seconds()), "{left}");
    // At once: none but the new one.
    control.rotate_group_token(who, &id, 2, 0).await.expect("rotates");
    control.rotate_group_token(who, &id, 3, 0).await.expect("rotates");
    let kept = told(control, &one).expect("is in it").tokens;
    assert!(kept.iter().skip(1).all(|token| token.expires_at.is_some_and(|at| at <= chrono::Utc::now())), "{kept:?}");
}
