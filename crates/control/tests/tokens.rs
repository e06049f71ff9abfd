//! What engines are told of services' tokens.

use control::{Control, ControlError, Installation, InstallationKey};
use domain::gateway::ManagedDraft;
use domain::id::{RANDOM_LEN, SessionId, UserId};
use domain::name::UserName;
use domain::role::Role;
use domain::secret::Secret;
use domain::service::ServiceDraft;
use domain::snapshot::Resource;
use identity::Principal;
use std::path::Path;
use store::Store;

async fn open(folder: &Path) -> Result<Control, ControlError> {
    let store = Store::open(&folder.join("db")).await.expect("opens");
    let key = InstallationKey::load(&folder.join("key")).expect("loads");
    Control::start(store, key, Installation::default()).await
}

async fn start(folder: &Path) -> (Control, Principal) {
    let control = open(folder).await.expect("starts");
    let workspace = control.first_workspace().clone();
    let principal = Principal {
        user_id: UserId::from_random([1; RANDOM_LEN]),
        name: UserName::parse("ada").expect("valid"),
        role: Role::Administrator,
        account_id: workspace.account_id,
        workspace_id: workspace.id,
        session_id: SessionId::from_random([1; RANDOM_LEN]),
    };
    (control, principal)
}

fn told(control: &Control) -> Vec<Option<Secret>> {
    let snapshot = control.snapshot();
    let services = snapshot.resources().filter_map(|resource| match resource {
        Resource::Service(service) => Some(service),
        _ => None,
    });
    services.flat_map(|service| &service.tokens).map(|token| token.secret.clone()).collect()
}

#[tokio::test]
async fn engines_know_the_tokens_that_requests_are_signed_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let (control, ada) = start(folder.path()).await;
    let draft = ManagedDraft { name: "g".into(), spec: "2c4g".into(), nodes: "1".into(), charge: "PostPaid".into() };
    let gateway = control.buy_managed_gateway(&ada, &draft).await.expect("buys");
    let draft = ServiceDraft {
        name: "model".into(),
        gateway: gateway.to_string(),
        command: "true".into(),
        replicas: "1".into(),
        ..ServiceDraft::default()
    };
    let id = control.deploy_service(&ada, &draft).await.expect("deploys");
    let token = control.service(&ada, &id).expect("is there").invocation.tokens[0].id.clone();
    let secret = control.reveal_token(&ada, &id, &token).await.expect("reveals");
    assert_eq!(told(&control), [Some(secret.clone())]);
    control.scale_service(&ada, &id, 1, "2").await.expect("scales");
    assert_eq!(told(&control), [Some(secret.clone())], "after an edit");
    drop(control);
    assert_eq!(told(&start(folder.path()).await.0), [Some(secret)], "after a restart");
    // Another key opens nothing, and services that nobody can read must not be taken for none.
    std::fs::rename(folder.path().join("key"), folder.path().join("kept")).expect("moves");
    let refused = open(folder.path()).await.err();
    assert!(matches!(refused, Some(ControlError::OtherKey { services: 1 })), "{refused:?}");
    std::fs::rename(folder.path().join("kept"), folder.path().join("key")).expect("moves");
    assert_eq!(told(&start(folder.path()).await.0).len(), 1);
}
