//! Services from what the wizard and JSON documents say.

mod house;

use control::ControlError;
use domain::error::Invalid;
use domain::gateway::AlbDraft;
use domain::id::{GatewayId, ServiceId};
use domain::role::Role;
use domain::service::form::{Form, Typed};
use house::{House, house};
use identity::Principal;

fn form(name: &str, command: &str) -> Form {
    Form { name: name.into(), command: command.into(), replicas: "1".into(), ..Form::default() }
}

fn typed(form: Form) -> Typed {
    Typed { form: Some(form), ..Typed::default() }
}

/// What the page of an update sends when nothing was touched.
fn untouched(house: &House, id: &ServiceId) -> (i64, Typed) {
    let shown = house.control.service_document(&house.principal, id).expect("reads");
    (shown.revision, Typed { form: Some(shown.form), base: shown.document.clone(), document: shown.document })
}

async fn default_gateway(house: &House) -> GatewayId {
    let id = house.gateway("first").await;
    house.control.set_default_gateway(&house.principal, &id, house.revision(&id), true).await.expect("saves");
    id
}

fn field(error: &ControlError, name: &str) -> Option<Invalid> {
    let ControlError::Invalid(errors) = error else { panic!("{error:?}") };
    errors.get(name).cloned()
}

#[tokio::test]
async fn from_the_form_to_a_service_and_back_without_an_edit() {
    let house = house().await;
    default_gateway(&house).await;
    let mut all = form("demo", "run 'a b'");
    (all.env, all.cpu, all.labels) = ("KEY=value".into(), "0.5".into(), "team=a".into());
    (all.scale_min, all.scale_max, all.scale_qps) = ("1".into(), "3".into(), "10".into());
    let id = house.control.deploy_typed(&house.principal, &typed(all)).await.expect("deploys");
    let (revision, same) = untouched(&house, &id);
    let preview = house.control.preview(&house.principal, Some(&id), &same, true).expect("previews");
    assert!(preview.errors.is_empty() && preview.changes.is_empty() && !preview.is_rolled, "{preview:?}");
    assert!(!house.control.update_typed(&house.principal, &id, revision, &same).await.expect("saves"));
    assert_eq!(untouched(&house, &id), (revision, same.clone()), "saving without an edit changes nothing");

    let mut edited = same;
    edited.form.as_mut().expect("a form").cpu = "1".into();
    let preview = house.control.preview(&house.principal, Some(&id), &edited, true).expect("previews");
    let keys: Vec<_> = preview.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!((keys, preview.is_rolled), (vec!["metadata.cpu"], true));
    assert!(house.control.update_typed(&house.principal, &id, revision, &edited).await.expect("saves"));
    assert_eq!(untouched(&house, &id).1.form.expect("a form").cpu, "1");
    let stale = house.control.update_typed(&house.principal, &id, revision, &edited).await;
    assert!(matches!(stale, Err(ControlError::Conflict { .. })), "{stale:?}");
}

#[tokio::test]
async fn without_a_gateway_it_is_the_default_one() {
    let house = house().await;
    let error =
        house.control.deploy_typed(&house.principal, &typed(form("demo", "run"))).await.expect_err("no gateway");
    assert_eq!(field(&error, "gateway"), Some(Invalid::Choice));
    let gateway = default_gateway(&house).await;
    let document =
        r#"{"metadata":{"name":"demo","instance":1},"process":{"command":"run"},"token":"kept-as-it-is-0123456789"}"#;
    let typed = Typed { document: document.into(), ..Typed::default() };
    let id = house.control.deploy_typed(&house.principal, &typed).await.expect("deploys");
    let detail = house.control.service(&house.principal, &id).expect("reads");
    let tokens = &detail.invocation.tokens;
    assert_eq!((detail.summary.gateway_id.clone(), tokens.len()), (gateway, 1));
    let secret = house.control.reveal_token(&house.principal, &id, &tokens[0].id).await.expect("reveals");
    assert_eq!(secret.reveal(), "kept-as-it-is-0123456789");
}

#[tokio::test]
async fn what_an_alb_gateway_cannot_do_is_refused_at_its_field() {
    let house = house().await;
    house.control.grant_alb_role(&house.principal).await.expect("grants");
    let draft = AlbDraft { name: "balancer".into() };
    let gateway = house.control.create_alb_gateway(&house.principal, &draft).await.expect("creates");
    let mut asked = form("demo", "run");
    (asked.gateway, asked.request_ms) = (gateway.to_string(), "5000".into());
    let error = house.control.deploy_typed(&house.principal, &typed(asked)).await.expect_err("refused");
    assert!(matches!(field(&error, "request_ms"), Some(Invalid::KeyRefused { .. })), "{error:?}");
}

#[tokio::test]
async fn a_password_of_a_registry_never_comes_back_and_stays() {
    let house = house().await;
    default_gateway(&house).await;
    let mut container = form("demo", "");
    (container.runtime, container.image) = ("container".into(), "registry.example.com/model:1".into());
    (container.port, container.registry_user) = ("8000".into(), "ada".into());
    container.registry_password = "s3cret-of-ada".into();
    let id = house.control.deploy_typed(&house.principal, &typed(container)).await.expect("deploys");
    let (revision, mut same) = untouched(&house, &id);
    let held = |house: &House| house.control.service(&house.principal, &id).expect("reads").revision;
    let shown = serde_json::to_string(&same).expect("prints");
    for secret in ["s3cret-of-ada", "YWRhOnMzY3JldC1vZi1hZGE"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(!house.control.update_typed(&house.principal, &id, revision, &same).await.expect("saves"));
    assert_eq!(held(&house), revision);
    // Somebody who may change the image would read it at a registry of their own.
    for image in ["evil.example/model:1", "model:1"] {
        let mut elsewhere = same.clone();
        elsewhere.form.as_mut().expect("a form").image = image.into();
        let refused =
            house.control.update_typed(&house.principal, &id, revision, &elsewhere).await.expect_err("refused");
        assert_eq!(field(&refused, "registry_password"), Some(Invalid::RegistryPassword), "{image}");
        elsewhere.form.as_mut().expect("a form").registry_password = "another".into();
        let preview = house.control.preview(&house.principal, Some(&id), &elsewhere, false).expect("previews");
        assert!(preview.errors.is_empty(), "{preview:?}");
    }
    // Another way to run and back, without typing it again.
    let preview = |typed: &Typed| house.control.preview(&house.principal, Some(&id), typed, false).expect("previews");
    let mut there = same.clone();
    (there.form.as_mut().expect("a form").runtime, there.form.as_mut().expect("a form").command) =
        ("process".into(), "run".into());
    let gone = preview(&there).document;
    let mut form = there.form.clone().expect("a form");
    form.runtime = "container".into();
    let back = Typed { form: Some(form), base: gone.clone(), document: gone };
    let preview = preview(&back);
    let keys: Vec<_> = preview.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!((preview.errors.is_empty(), keys), (true, vec!["containers[0].command"]), "{preview:?}");
    same.form.as_mut().expect("a form").registry_user = "eve".into();
    assert!(house.control.update_typed(&house.principal, &id, revision, &same).await.expect("saves"));
    assert_eq!(untouched(&house, &id).1.form.expect("a form").registry_user, "eve");
}

#[tokio::test]
async fn a_registry_without_its_password_is_asked_for_it() {
    let house = house().await;
    default_gateway(&house).await;
    let mut container = form("demo", "");
    (container.runtime, container.image) = ("container".into(), "registry.example.com/model:1".into());
    container.registry_user = "ada".into();
    let refused = house.control.deploy_typed(&house.principal, &typed(container)).await.expect_err("refused");
    assert_eq!(field(&refused, "registry_password"), Some(Invalid::RegistryPassword));
    // What stands for one is none.
    let document =
        r#"{"metadata":{"name":"demo","instance":1},"containers":[{"image":"a/b:1"}],"dockerAuth":"YWRhOioqKioqKg=="}"#;
    let whole = Typed { document: document.into(), ..Typed::default() };
    let refused = house.control.deploy_typed(&house.principal, &whole).await.expect_err("refused");
    assert_eq!(field(&refused, "dockerAuth"), Some(Invalid::RegistryPassword));
}

/// The text that shows all else is no place for it, and taking it back there and here is the same.
#[tokio::test]
async fn a_secret_that_is_typed_is_not_repeated_and_can_be_taken_back() {
    let house = house().await;
    default_gateway(&house).await;
    let mut secret = form("demo", "run");
    secret.token = "typed-by-somebody-0123".into();
    let first = house.control.preview(&house.principal, None, &typed(secret.clone()), false).expect("previews");
    assert!(first.errors.is_empty() && !first.document.contains("typed-by"), "{first:?}");
    let cleared = Form { token: String::new(), ..secret.clone() };
    let cleared = Typed { form: Some(cleared), base: first.document.clone(), document: first.document };
    let id = house.control.deploy_typed(&house.principal, &cleared).await.expect("deploys");
    let token =
        |id: &ServiceId| house.control.service(&house.principal, id).expect("reads").invocation.tokens[0].id.clone();
    let made = house.control.reveal_token(&house.principal, &id, &token(&id)).await.expect("reveals");
    assert_ne!(made.reveal(), "typed-by-somebody-0123");
    // Where the page forgets what was typed there, the text has it.
    let kept = house.control.preview(&house.principal, None, &typed(secret), true).expect("previews");
    assert!(kept.document.contains("typed-by-somebody-0123"));
}

#[tokio::test]
async fn a_document_hears_of_its_keys() {
    let house = house().await;
    default_gateway(&house).await;
    let wrong = async |more: &str, key: &str| {
        let document = format!(r#"{{"metadata":{{"name":"demo"}},"process":{{"command":"run"}},{more}}}"#);
        let whole = Typed { document, ..Typed::default() };
        let refused = house.control.deploy_typed(&house.principal, &whole).await.expect_err("refused");
        assert!(field(&refused, key).is_some(), "{key}: {refused:?}");
    };
    wrong(r#""networking":{"gateway":"gw-00000000000000000000"}"#, "networking.gateway").await;
    wrong(r#""cloud":{"networking":{"vpc_id":"vpc-00000000000000000000"}}"#, "cloud.networking.vpc_id").await;
    wrong(r#""metadata.group":"demo""#, "metadata.group").await;
}

/// How many there are is the autoscaler's, until somebody types another number.
#[tokio::test]
async fn a_number_of_replicas_counts_where_it_was_typed() {
    let house = house().await;
    default_gateway(&house).await;
    let mut all = form("demo", "run");
    (all.scale_min, all.scale_max, all.scale_qps) = ("1".into(), "5".into(), "10".into());
    let id = house.control.deploy_typed(&house.principal, &typed(all)).await.expect("deploys");
    let wanted = || house.control.service(&house.principal, &id).expect("reads").replicas_wanted;
    let (revision, mut edited) = untouched(&house, &id);
    edited.form.as_mut().expect("a form").replicas = "4".into();
    assert!(house.control.update_typed(&house.principal, &id, revision, &edited).await.expect("saves"));
    assert_eq!(wanted(), 4);
    // Seen before, and only something else edited.
    let (revision, mut edited) = untouched(&house, &id);
    edited.base = edited.base.replace("\"instance\": 4", "\"instance\": 2");
    edited.document = edited.base.clone();
    let form = edited.form.as_mut().expect("a form");
    (form.replicas, form.cpu) = ("2".into(), "1".into());
    assert!(house.control.update_typed(&house.principal, &id, revision, &edited).await.expect("saves"));
    assert_eq!(wanted(), 4, "the autoscaler's");
}

#[tokio::test]
async fn who_may_not_deploy_reads_no_document() {
    let house = house().await;
    default_gateway(&house).await;
    let id = house.control.deploy_typed(&house.principal, &typed(form("demo", "run"))).await.expect("deploys");
    let viewer = Principal { role: Role::Viewer, ..house.principal.clone() };
    let read = house.control.service_document(&viewer, &id);
    assert!(matches!(read, Err(ControlError::Forbidden { .. })), "{read:?}");
    let preview = house.control.preview(&viewer, Some(&id), &typed(form("demo", "run")), true);
    assert!(matches!(preview, Err(ControlError::Forbidden { .. })), "{preview:?}");
}

/// What could not be sent back is not shown, and never too long for the next question.
#[tokio::test]
async fn a_preview_is_no_longer_than_a_document() {
    let house = house().await;
    default_gateway(&house).await;
    let long = typed(form(&"x".repeat(300_000), "run"));
    let refused = house.control.preview(&house.principal, None, &long, true).expect_err("is too long");
    assert!(matches!(field(&refused, "document"), Some(Invalid::TooLong { max: 262_144, .. })), "{refused:?}");
    let deploy = house.control.deploy_typed(&house.principal, &long).await.expect_err("is too long");
    assert!(matches!(field(&deploy, "name"), Some(Invalid::TooLong { .. })), "{deploy:?}");
}
