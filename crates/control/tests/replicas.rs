//! One replica: what somebody does with it, what it printed, and what it uses.

mod house;

use control::ControlError;
use domain::endpoint::{ReplicaAction, ReplicaUsage};
use domain::id::{RANDOM_LEN, ReplicaId};
use domain::role::Role;
use domain::service::EventKind;
use house::stage::Stage;
use house::until;
use identity::Principal;
use link::message::{AgentDown, AgentUp, Output};

#[tokio::test]
async fn a_replica_is_acted_on_and_read_by_its_host_which_may_refuse() {
    let mut stage = Stage::set(1).await;
    let (control, principal, service) =
        (stage.house.control.clone(), stage.house.principal.clone(), stage.service.clone());
    let replica = stage.replicas[0].replica_id.clone();
    let asked = {
        let (control, principal, service, replica) =
            (control.clone(), principal.clone(), service.clone(), replica.clone());
        tokio::spawn(async move { control.act(&principal, &service, &replica, ReplicaAction::Isolate).await })
    };
    let AgentDown::Act { request, replica_id, action } = stage.agent.next().await else { panic!("nothing is asked") };
    assert_eq!((&replica_id, action), (&replica, ReplicaAction::Isolate));
    // An answer to something else is none.
    stage.agent.say(AgentUp::Acted { request: request + 1_000, refused: Some("no".into()) }).await;
    stage.agent.say(AgentUp::Acted { request, refused: None }).await;
    asked.await.expect("runs").expect("is done");
    let audit = control.store().audit(&principal.workspace_id, None, 1).await.expect("reads");
    assert_eq!((audit[0].action.as_str(), audit[0].object_id.as_str()), ("replica.isolate", replica.as_str()));
    stage.until_event(EventKind::ReplicaActed).await;

    let asked = {
        let (control, principal, service, replica) =
            (control.clone(), principal.clone(), service.clone(), replica.clone());
        tokio::spawn(async move { control.read_output(&principal, &service, &replica, Some(5), None, u32::MAX).await })
    };
    let AgentDown::ReadOutput { request, read, .. } = stage.agent.next().await else { panic!("nothing is asked") };
    assert_eq!((read.after, read.before), (Some(5), None));
    assert!(read.bytes <= 1_000_000, "an answer has a bound: {}", read.bytes);
    let output = Output { from: 5, to: 11, oldest: 0, text: "<b>hi\n".into(), refused: None };
    stage.agent.say(AgentUp::Output { request, output }).await;
    let output = asked.await.expect("runs").expect("is read");
    assert_eq!((output.from, output.to, output.text.as_str()), (5, 11, "<b>hi\n"));

    let asked = {
        let (control, principal, service, replica) =
            (control.clone(), principal.clone(), service.clone(), replica.clone());
        tokio::spawn(async move { control.act(&principal, &service, &replica, ReplicaAction::Delete).await })
    };
    let AgentDown::Act { request, .. } = stage.agent.next().await else { panic!("nothing is asked") };
    stage.agent.say(AgentUp::Acted { request, refused: Some("it is ending already".into()) }).await;
    let refused = asked.await.expect("runs");
    assert!(
        matches!(&refused, Err(ControlError::ReplicaRefused { reason }) if reason == "it is ending already"),
        "{refused:?}"
    );

    let viewer = Principal { role: Role::Viewer, ..principal.clone() };
    let refused = control.act(&viewer, &service, &replica, ReplicaAction::Restart).await;
    assert!(matches!(refused, Err(ControlError::Forbidden { .. })), "{refused:?}");
    let stranger = ReplicaId::from_random([99; RANDOM_LEN]);
    let missing = control.act(&principal, &service, &stranger, ReplicaAction::Restart).await;
    assert!(matches!(missing, Err(ControlError::NotFound { .. })), "{missing:?}");
    // What it uses, from the second measurement on.
    let usage =
        |cpu_us| vec![ReplicaUsage { replica_id: replica.clone(), cpu_us, memory_bytes: 7 << 20, gpu_percent: None }];
    stage.agent.say(AgentUp::Usage { at_us: 1_000_000, replicas: usage(0) }).await;
    stage.agent.say(AgentUp::Usage { at_us: 3_000_000, replicas: usage(1_000_000) }).await;
    until("is measured", || stage.detail().replicas[0].cpu_percent == Some(50)).await;
    assert_eq!(stage.detail().replicas[0].memory_bytes, Some(7 << 20));
    // A host that is away is said to be, at once.
    let (agent, silent) = (stage.agent, stage.house);
    drop(agent);
    until("is missed", || control.observed().agents.values().all(|agent| !agent.connected)).await;
    let away = silent.control.act(&principal, &service, &replica, ReplicaAction::Restart).await;
    assert!(matches!(away, Err(ControlError::HostSilent)), "{away:?}");
}
