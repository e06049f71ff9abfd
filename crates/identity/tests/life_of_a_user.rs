//! From the set-up link to a forgotten password, against a real store.

use chrono::{DateTime, TimeDelta, Utc};
use domain::error::Invalid;
use domain::id::{AccountId, RANDOM_LEN, WorkspaceId};
use domain::name::UserName;
use domain::role::Role;
use domain::secret::Secret;
use identity::*;
use store::{Store, WorkspaceRow};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

fn caller() -> Caller {
    Caller { address: [127, 0, 0, 1].into(), user_agent: "test".into() }
}

fn new_user(name: &str, password: &str) -> NewUser {
    NewUser { name: name.into(), password: Secret::new(password), repeated: Secret::new(password) }
}

async fn fresh() -> (tempfile::TempDir, Store, WorkspaceRow) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("db")).await.expect("opens");
    let account = AccountId::from_random([1; RANDOM_LEN]);
    let workspace = WorkspaceRow {
        id: WorkspaceId::from_random([2; RANDOM_LEN]),
        account_id: account.clone(),
        name: "default".into(),
        created_at: now(),
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_account(&account, "default", now()).await.expect("writes");
    tx.insert_workspace(&workspace).await.expect("writes");
    tx.commit().await.expect("commits");
    (folder, store, workspace)
}

const PASSWORD: &str = "correct horse battery";

async fn with_administrator() -> (tempfile::TempDir, Store, SignedIn) {
    let (folder, store, workspace) = fresh().await;
    let link = create_setup_link(&store, &workspace, now()).await.expect("works").expect("no users yet");
    let admin = join(&store, &link, new_user("ada", PASSWORD), &caller(), now()).await.expect("joins");
    (folder, store, admin)
}

fn credentials(name: &str, password: &str) -> Credentials {
    Credentials { name: name.into(), password: Secret::new(password) }
}

#[tokio::test]
async fn the_set_up_link_makes_one_administrator_once() {
    let (_folder, store, workspace) = fresh().await;
    let old = create_setup_link(&store, &workspace, now()).await.expect("works").expect("no users yet");
    let link = create_setup_link(&store, &workspace, now()).await.expect("works").expect("no users yet");
    let refused = join(&store, &old, new_user("eve", PASSWORD), &caller(), now()).await;
    assert!(matches!(refused, Err(IdentityError::InvitationInvalid)), "an older link has ended");

    let short = join(&store, &link, new_user("ada", "short"), &caller(), now()).await;
    let Err(IdentityError::Invalid(errors)) = short else { panic!("a short password was taken") };
    assert_eq!(errors.get("password"), Some(&Invalid::TooShort { min: 12 }));

    let ada = join(&store, &link, new_user("ada", PASSWORD), &caller(), now()).await.expect("joins");
    assert_eq!(ada.principal.role, Role::Administrator);
    let again = join(&store, &link, new_user("eve", PASSWORD), &caller(), now()).await;
    assert!(matches!(again, Err(IdentityError::InvitationInvalid)));
    assert!(create_setup_link(&store, &workspace, now()).await.expect("works").is_none());
}

#[tokio::test]
async fn signing_in_and_out() {
    let (_folder, store, _) = with_administrator().await;
    let throttle = Throttle::default();
    let wrong = sign_in(&store, &throttle, credentials("ada", "wrong password"), &caller(), now()).await;
    let Err(IdentityError::Invalid(errors)) = wrong else { panic!("a wrong password was taken") };
    assert_eq!(errors.get("password"), Some(&Invalid::Credentials));

    let ada = sign_in(&store, &throttle, credentials("ADA", PASSWORD), &caller(), now()).await.expect("signs in");
    let principal = resolve(&store, &ada.token, now()).await.expect("asks").expect("is signed in");
    assert_eq!(principal, ada.principal);
    assert_eq!(sessions(&store, &principal, now()).await.expect("lists").len(), 2);
    end_session(&store, &principal, &principal.session_id, now()).await.expect("ends");
    assert!(resolve(&store, &ada.token, now()).await.expect("asks").is_none());
}

#[tokio::test]
async fn guessing_is_slowed_down_for_the_guesser_only() {
    let (_folder, store, _) = with_administrator().await;
    let throttle = Throttle::default();
    for _ in 0..5 {
        let _ = sign_in(&store, &throttle, credentials("ada", "guess"), &caller(), now()).await;
    }
    let sixth = sign_in(&store, &throttle, credentials("ada", PASSWORD), &caller(), now()).await;
    assert!(matches!(sixth, Err(IdentityError::Throttled { retry_after_s: 2 })), "{sixth:?}");
    let elsewhere = Caller { address: [192, 0, 2, 1].into(), user_agent: "test".into() };
    sign_in(&store, &throttle, credentials("ada", PASSWORD), &elsewhere, now()).await.expect("not locked out");
}

#[tokio::test]
async fn sessions_end_when_idle_and_when_old() {
    let (_folder, store, ada) = with_administrator().await;
    let at = |hours| now() + TimeDelta::hours(hours);
    assert!(resolve(&store, &ada.token, at(13)).await.expect("asks").is_none(), "idle for 13 hours");
    let mut hour = 0;
    while resolve(&store, &ada.token, at(hour)).await.expect("asks").is_some() {
        hour += 6;
    }
    assert_eq!(hour, 14 * 24, "used every six hours, it ends after fourteen days");
}

#[tokio::test]
async fn an_invited_viewer_may_not_invite() {
    let (_folder, store, ada) = with_administrator().await;
    let invited = invite(&store, &ada.principal, Role::Viewer, now()).await.expect("invites");
    let taken = join(&store, &invited.token, new_user("Ada", PASSWORD), &caller(), now()).await;
    let Err(IdentityError::Invalid(errors)) = taken else { panic!("a taken name was given again") };
    assert!(matches!(errors.get("name"), Some(Invalid::NameTaken { .. })));
    let bob = join(&store, &invited.token, new_user("bob", PASSWORD), &caller(), now()).await.expect("joins");
    let refused = invite(&store, &bob.principal, Role::Administrator, now()).await;
    assert!(matches!(refused, Err(IdentityError::Forbidden { .. })));
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let (_folder, store, ada) = with_administrator().await;
    let throttle = Throttle::default();
    let other = sign_in(&store, &throttle, credentials("ada", PASSWORD), &caller(), now()).await.expect("signs in");
    let secret = |text: &str| Secret::new(text);
    let wrong = change_password(
        &store,
        &throttle,
        &ada.principal,
        secret("no"),
        secret("a new password"),
        secret("a new password"),
        now(),
    )
    .await;
    assert!(matches!(wrong, Err(IdentityError::Invalid(errors)) if errors.get("old").is_some()));
    change_password(
        &store,
        &throttle,
        &ada.principal,
        secret(PASSWORD),
        secret("a new password"),
        secret("a new password"),
        now(),
    )
    .await
    .expect("changes");
    assert!(resolve(&store, &other.token, now()).await.expect("asks").is_none());
    assert!(resolve(&store, &ada.token, now()).await.expect("asks").is_some());

    let name = UserName::parse("ada").expect("valid");
    let reset = reset_password(&store, &name, now()).await.expect("resets").expect("is a user");
    assert!(resolve(&store, &ada.token, now()).await.expect("asks").is_none());
    sign_in(&store, &throttle, credentials("ada", reset.reveal()), &caller(), now()).await.expect("signs in");
}
