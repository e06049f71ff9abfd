//! From one version to another: with an agent that a test plays, whose replicas start, fail and end as it likes.

mod house;

use control::{ControlError, Installation};
use domain::error::Invalid;
use domain::role::Role;
use domain::service::rollout::{Because, Phase};
use domain::service::{Batch, EventKind, Share, Why};
use domain::status::{ReplicaState, ServiceStatus};
use domain::view::ServiceDetail;
use house::stage::{Stage, call, serve};
use house::{house_in, until};
use identity::Principal;
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test]
async fn replica_by_replica_and_never_fewer_ready_than_wanted() {
    let mut stage = Stage::set(2).await;
    stage.update("two", |_| {}).await;
    for (there, wanted_now) in [([(1, 2), (2, 1)], "one"), ([(1, 1), (2, 2)], "another")] {
        stage.obey().await;
        assert_eq!(stage.there(), BTreeMap::from(there), "{wanted_now}");
        assert_eq!(stage.detail().summary.status, ServiceStatus::Updating);
        // Each runs what its version says.
        let command =
            |version| stage.wanted.iter().find(|each| each.version == version).map(|each| &each.workload.command);
        assert_eq!((command(1), command(2)), (Some(&vec!["one".into()]), Some(&vec!["two".into()])));
        let ready = stage.replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count();
        assert_eq!(ready, 2);
        stage.all(2, ReplicaState::Ready).await;
    }
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(2, 2)]));
    until("is over", || stage.phase() == Phase::Completed).await;
    assert_eq!(stage.detail().summary.status, ServiceStatus::Running);
    stage.until_event(EventKind::RolloutCompleted).await;
    let events = stage.events().await;
    for kind in [EventKind::Deployed, EventKind::Updated, EventKind::RolloutStarted, EventKind::ReplicaReady] {
        assert!(events.contains(&kind), "{kind:?} is not in {events:?}");
    }
}

#[tokio::test]
async fn saving_without_a_change_and_changes_that_replicas_do_not_see() {
    let mut stage = Stage::set(1).await;
    let before = stage.detail();
    assert!(!stage.try_update(|_| {}).await.expect("saves"), "nothing is different");
    assert_eq!(stage.detail().revision, before.revision);
    assert!(stage.try_update(|draft| draft.spec.traffic.rate = Some(5)).await.expect("saves"));
    let after = stage.detail();
    assert_eq!((after.version, after.replica_version, after.rollout), (2, 1, None));
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 1)]), "the same replica");
    let stale = stage.house.control.restart_service(&stage.house.principal, &stage.service, before.revision).await;
    assert!(matches!(stale, Err(ControlError::Conflict { .. })), "{stale:?}");
    let other = stage.try_update(|draft| draft.name = "other".parse_name()).await;
    assert!(
        matches!(&other, Err(ControlError::Invalid(errors)) if matches!(errors.get("name"), Some(Invalid::NameStays { .. }))),
        "{other:?}"
    );
    // A restart is a version like any other.
    let revision = stage.detail().revision;
    stage.house.control.restart_service(&stage.house.principal, &stage.service, revision).await.expect("restarts");
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 1), (3, 1)]));
    let versions = stage.house.control.service_versions(&stage.house.principal, &stage.service).await.expect("reads");
    let of = |n: usize| (versions[n].number, versions[n].replica_version, versions[n].why);
    assert_eq!((of(0), of(1), of(2)), ((3, 3, Why::Restart), (2, 1, Why::Update), (1, 1, Why::Deploy)));
    assert!(
        versions[2].changes.iter().any(|change| change.key == "traffic.rate" && change.now.as_deref() == Some("5"))
    );
}

trait ParseName {
    fn parse_name(&self) -> domain::name::ServiceName;
}

impl ParseName for str {
    fn parse_name(&self) -> domain::name::ServiceName {
        domain::name::ServiceName::parse(self).expect("valid")
    }
}

#[tokio::test]
async fn what_never_becomes_ready_is_rolled_back_and_the_old_ones_stay() {
    let mut stage = Stage::set(2).await;
    let ids = |stage: &Stage| {
        let ready = stage.replicas.iter().filter(|replica| replica.version == 1);
        ready.map(|replica| replica.replica_id.clone()).collect::<Vec<_>>()
    };
    let old = ids(&stage);
    stage.update("typo", |_| {}).await;
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 2), (2, 1)]));
    stage.later(599);
    stage.obey().await;
    assert_eq!(stage.phase(), Phase::Running);
    stage.later(601);
    until("goes back", || stage.detail().version == 1).await;
    stage.obey().await;
    until("is back", || stage.phase() == Phase::RolledBack).await;
    let rollout = stage.rollout();
    assert_eq!((rollout.from, rollout.to, rollout.because), (2, 1, Some(Because::NoProgress)));
    assert_eq!((stage.there(), ids(&stage)), (BTreeMap::from([(1, 2)]), old), "none of them was started again");
    assert_eq!(stage.detail().workload.command, ["one"]);
    stage.until_event(EventKind::RolledBack).await;
}

#[tokio::test]
async fn what_ends_again_and_again_fails_at_once_and_says_why() {
    let mut stage = Stage::set(1).await;
    stage.update("crash", |draft| draft.spec.rollout.roll_back = false).await;
    stage.obey().await;
    let broken = stage.replicas.iter().position(|replica| replica.version == 2).expect("was started");
    for restarts in 0..3 {
        assert_eq!(stage.phase(), Phase::Running);
        let replica = &mut stage.replicas[broken];
        (replica.state, replica.restarts) = (ReplicaState::BackOff, restarts);
        replica.detail = Some("exit status 1".into());
        replica.last_lines = vec!["<b>no such model</b>".into()];
        stage.agent.says(stage.replicas.clone()).await;
        // Each of them is seen, as over the minutes that it takes.
        stage.until_failed(restarts + 1).await;
    }
    until("is given up", || stage.phase() == Phase::Failed).await;
    assert_eq!(stage.rollout().because, Some(Because::CrashLoop));
    let detail = stage.detail();
    assert_eq!((detail.summary.ready, detail.version), (1, 2), "the old one serves on");
    let page = stage.house.control.service_events(&stage.house.principal, &stage.service, 1).await.expect("reads");
    let failed: Vec<_> = page.items.iter().filter(|event| event.kind == EventKind::ReplicaFailed).collect();
    assert_eq!(failed.len(), 1, "a crash loop is one event: {failed:?}");
    assert!(failed[0].count == 3 && failed[0].detail.as_deref().is_some_and(|text| text.contains("no such model")));
    // It waits for somebody, who rolls back.
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 1), (2, 1)]));
    let revision = stage.detail().revision;
    stage.house.control.roll_back(&stage.house.principal, &stage.service, revision, 1).await.expect("rolls back");
    stage.obey().await;
    until("is back", || stage.phase() == Phase::RolledBack).await;
    assert_eq!((stage.there(), stage.rollout().because), (BTreeMap::from([(1, 1)]), Some(Because::Asked)));
}

#[tokio::test]
async fn batches_wait_for_their_time_and_for_somebody() {
    let mut stage = Stage::set(4).await;
    let batch = |interval_seconds| Some(Batch { size: Share::Percent(50), interval_seconds });
    stage.update("two", |draft| draft.spec.rollout.batch = batch(None)).await;
    for _ in 0..4 {
        stage.obey().await;
        stage.all(2, ReplicaState::Ready).await;
    }
    until("waits", || stage.phase() == Phase::Paused).await;
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 2), (2, 2)]));
    assert_eq!((stage.rollout().because, stage.rollout().batch), (Some(Because::Batch), Some((1, 2))));
    stage.later(100_000);
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 2), (2, 2)]), "until somebody says so");
    // More are wanted meanwhile.
    let (control, principal) = (stage.house.control.clone(), stage.house.principal.clone());
    control.scale_service(&principal, &stage.service, stage.detail().revision, "6").await.expect("scales");
    for _ in 0..3 {
        stage.obey().await;
        stage.all(1, ReplicaState::Ready).await;
        stage.all(2, ReplicaState::Ready).await;
    }
    assert_eq!(stage.there(), BTreeMap::from([(1, 3), (2, 3)]));
    control.resume_rollout(&principal, &stage.service, stage.detail().revision).await.expect("resumes");
    for _ in 0..6 {
        stage.obey().await;
        stage.all(2, ReplicaState::Ready).await;
    }
    stage.obey().await;
    until("is over", || stage.phase() == Phase::Completed).await;
    assert_eq!(stage.there(), BTreeMap::from([(2, 6)]));
}

#[tokio::test]
async fn paused_nothing_moves_and_stopped_everything_ends() {
    let mut stage = Stage::set(3).await;
    let (control, principal) = (stage.house.control.clone(), stage.house.principal.clone());
    stage.update("two", |_| {}).await;
    stage.obey().await;
    control.pause_rollout(&principal, &stage.service, stage.detail().revision).await.expect("pauses");
    let viewer = Principal { role: Role::Viewer, ..principal.clone() };
    let refused = control.resume_rollout(&viewer, &stage.service, stage.detail().revision).await;
    assert!(matches!(refused, Err(ControlError::Forbidden { .. })), "{refused:?}");
    stage.all(2, ReplicaState::Ready).await;
    stage.later(10_000);
    stage.obey().await;
    assert_eq!((stage.there(), stage.phase()), (BTreeMap::from([(1, 3), (2, 1)]), Phase::Paused));
    control.set_running(&principal, &stage.service, stage.detail().revision, false).await.expect("stops");
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::new());
    until("is stopped", || stage.detail().summary.status == ServiceStatus::Stopped).await;
    control.set_running(&principal, &stage.service, stage.detail().revision, true).await.expect("starts");
    control.resume_rollout(&principal, &stage.service, stage.detail().revision).await.expect("resumes");
    stage.obey().await;
    stage.all(2, ReplicaState::Ready).await;
    stage.obey().await;
    until("is over", || stage.phase() == Phase::Completed).await;
    assert_eq!(stage.there(), BTreeMap::from([(2, 3)]), "there was nothing to wait for");
    let over = control.pause_rollout(&principal, &stage.service, stage.detail().revision).await;
    assert!(matches!(over, Err(ControlError::NoRollout)), "{over:?}");
}

#[tokio::test]
async fn a_console_that_is_killed_in_the_middle_goes_on_from_what_agents_say() {
    let mut stage = Stage::set(2).await;
    stage.update("two", |_| {}).await;
    stage.obey().await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 2), (2, 1)]));
    stage.all(2, ReplicaState::Ready).await;
    // Another console on the same data; the agent has not called it yet.
    let folder = std::mem::replace(&mut stage.house.folder, tempfile::tempdir().expect("a folder"));
    std::fs::remove_file(folder.path().join("link.sock")).expect("was there");
    stage.house = house_in(folder, stage.clock.clone(), Installation::default()).await;
    serve(&stage.house);
    assert_eq!(stage.phase(), Phase::Running);
    stage.agent = call(&stage.house).await;
    let early = stage.agent.next_wanted(Duration::from_millis(300)).await;
    assert_eq!(early, None, "nothing is said before it is known what is there");
    stage.agent.says(stage.replicas.clone()).await;
    for _ in 0..4 {
        stage.obey().await;
        assert!(stage.replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count() >= 2);
        stage.all(2, ReplicaState::Ready).await;
    }
    until("is over", || stage.phase() == Phase::Completed).await;
    assert_eq!(stage.there(), BTreeMap::from([(2, 2)]));
}

#[tokio::test]
async fn one_that_was_ready_and_then_ends_again_and_again_is_rolled_back_too() {
    let mut stage = Stage::set(1).await;
    stage.update("leaks", |_| {}).await;
    stage.obey().await;
    stage.all(2, ReplicaState::Ready).await;
    stage.obey().await;
    until("is over", || stage.phase() == Phase::Completed).await;
    stage.later(70);
    stage.replicas[0].restarts = 2;
    stage.all(2, ReplicaState::BackOff).await;
    until("goes back", || stage.detail().version == 1).await;
    stage.obey().await;
    stage.all(1, ReplicaState::Ready).await;
    stage.obey().await;
    until("is back", || stage.phase() == Phase::RolledBack).await;
    assert_eq!(stage.there(), BTreeMap::from([(1, 1)]));
}

#[tokio::test]
async fn a_clone_has_another_name_and_another_token() {
    let stage = Stage::set(1).await;
    let (control, principal) = (&stage.house.control, &stage.house.principal);
    let taken = control.clone_service(principal, &stage.service, "echo").await;
    assert!(matches!(&taken, Err(ControlError::Invalid(errors)) if errors.get("name").is_some()), "{taken:?}");
    let id = control.clone_service(principal, &stage.service, "echo_two").await.expect("clones");
    let (one, two) = (stage.detail(), control.service(principal, &id).expect("is there"));
    assert_eq!(one.workload, two.workload);
    let secret = async |of: &ServiceDetail| {
        let token = &of.invocation.tokens[0].id;
        control.reveal_token(principal, &of.summary.id, token).await.expect("reveals").reveal().to_owned()
    };
    assert_ne!(secret(&one).await, secret(&two).await);
    let versions = control.service_versions(principal, &id).await.expect("reads");
    assert_eq!(versions[0].why, Why::Clone);
}
