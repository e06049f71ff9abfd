//! Another size of a fully managed gateway: the order, the configuration, the nodes, and how long it took.

mod house;

use control::{ControlError, hub};
use domain::gateway::{AlbDraft, GatewayKind, SizeDraft};
use domain::id::GatewayId;
use domain::role::Role;
use domain::snapshot::{Capacity, Resource, ResourceKey, Snapshot};
use domain::spec::Spec;
use domain::view::Effect;
use house::{Engine, House, house, until};
use identity::Principal;
use link::message::EngineUp;
use link::telemetry::{GatewayUsage, Telemetry};

fn size(spec: &str, nodes: &str) -> SizeDraft {
    SizeDraft { spec: spec.into(), nodes: nodes.into() }
}

fn capacity(house: &House, id: &GatewayId) -> Capacity {
    match house.control.snapshot().get(&ResourceKey::Gateway(id.clone())).map(AsRef::as_ref) {
        Some(Resource::Gateway(config)) => config.capacity,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_resize_is_ordered_and_compiled_and_an_unchanged_one_is_nothing() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, principal) = (&house.control, &house.principal);
    let before = control.snapshot();
    assert!(!control.resize_gateway(principal, &id, 1, &size("2c4g", " 2 ")).await.expect("is allowed"));
    assert_eq!((house.revision(&id), control.snapshot().version), (1, before.version), "nothing was written");
    assert_eq!(control.store().orders_of(&id).await.expect("reads").len(), 1, "that of the purchase");

    assert!(control.resize_gateway(principal, &id, 1, &size("8c16g", "3")).await.expect("resizes"));
    let GatewayKind::FullyManaged { spec, nodes, charge } = control.gateway(principal, &id).expect("is").summary.kind
    else {
        panic!("another kind")
    };
    assert_eq!((spec, nodes, house.revision(&id)), (Spec::C8G16, 3, 2));
    let now = capacity(&house, &id);
    assert_eq!((now.workers, now.connections), (24, Some(480_000)));
    assert_eq!((now.handshakes_per_second, now.bytes_per_second), (Some(9_600), Some(1_500_000_000)));
    let orders = control.store().orders_of(&id).await.expect("reads");
    let sizes: Vec<_> = orders.iter().map(|order| (order.spec, order.nodes)).collect();
    assert_eq!(sizes, [(Spec::C2G4, 2), (Spec::C8G16, 3)]);
    assert_eq!((orders[1].charge, &orders[1].ordered_by), (charge, &principal.user_id));
    let audit = control.store().audit(&principal.workspace_id, None, 1).await.expect("reads");
    assert_eq!(audit[0].action, "gateway.resize");
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, principal) = (&house.control, &house.principal);
    for (spec, nodes, field) in [
        ("1c1g", "2", "spec"),
        ("", "2", "spec"),
        ("2c4g", "0", "nodes"),
        ("2c4g", "101", "nodes"),
        ("2c4g", "x", "nodes"),
    ] {
        let refused = control.resize_gateway(principal, &id, 1, &size(spec, nodes)).await;
        assert!(matches!(&refused, Err(ControlError::Invalid(errors)) if errors.get(field).is_some()), "{refused:?}");
    }
    let stale = control.resize_gateway(principal, &id, 0, &size("4c8g", "2")).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 1 })), "{stale:?}");
    let viewer = Principal { role: Role::Viewer, ..principal.clone() };
    let refused = control.resize_gateway(&viewer, &id, 1, &size("4c8g", "2")).await;
    assert!(matches!(refused, Err(ControlError::Forbidden { .. })), "{refused:?}");
    assert_eq!((house.revision(&id), control.store().orders_of(&id).await.expect("reads").len()), (1, 1));

    control.grant_alb_role(principal).await.expect("grants");
    let alb = control.create_alb_gateway(principal, &AlbDraft { name: "alb".into() }).await.expect("creates");
    let refused = control.resize_gateway(principal, &alb, 1, &size("4c8g", "2")).await;
    assert!(matches!(refused, Err(ControlError::NoSize)), "{refused:?}");
    assert!(control.gateway(principal, &alb).expect("is there").nodes.is_empty());
}

/// What an engine measured so many seconds after its start.
fn measured(sequence: u64, seconds: u64, gateway_id: &GatewayId, cpu_us: u64, connections: u64) -> EngineUp {
    EngineUp::Telemetry(Telemetry {
        sequence,
        usage_at_us: seconds * 1_000_000,
        resident_bytes: Some(300_000_000),
        usage: vec![GatewayUsage { gateway_id: gateway_id.clone(), workers: 2, cpu_us, connections }],
        ..Telemetry::default()
    })
}

#[tokio::test]
async fn nodes_and_the_time_a_resize_took_are_observed() {
    let house = house().await;
    let id = house.gateway("first").await;
    let (control, principal) = (house.control.clone(), house.principal.clone());
    let socket = house.folder.path().join("link.sock");
    let serving = tokio::spawn({
        let control = control.clone();
        async move { hub::serve(control, &socket, std::future::pending()).await }
    });
    let detail = || control.gateway(&principal, &id).expect("is there");
    assert!(detail().nodes.is_empty(), "no engine, no place for a node");
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let newest = engine.has.version;
    until("loaded", || detail().nodes.iter().all(|node| node.loaded == Some(newest))).await;
    assert_eq!(detail().nodes.len(), 2);
    assert_eq!(detail().resized, Effect::Unknown, "this console knows of no change");

    control.resize_gateway(&principal, &id, 1, &size("4c8g", "3")).await.expect("resizes");
    assert_eq!(detail().resized, Effect::Pending, "the engine has not loaded it");
    let nodes = detail().nodes;
    assert_eq!(nodes.iter().map(|node| node.number).collect::<Vec<_>>(), [1, 2, 3]);
    for node in &nodes {
        assert!(node.connected && node.usage.is_none() && node.zone == "local-a", "{node:?}");
        assert!(node.loaded.is_some_and(|loaded| loaded < node.newest), "{node:?}");
    }
    engine.load().await;
    until("in effect", || matches!(detail().resized, Effect::After { .. })).await;
    let Effect::After { millis } = detail().resized else { panic!("it was") };
    assert!(millis < 60_000, "{millis}");

    // Another edit is no resize: what was measured stays.
    control.set_portal(&principal, &id, 2, true).await.expect("turns on");
    assert_eq!(detail().resized, Effect::After { millis });
    engine.load().await;

    engine.say(measured(1, 10, &id, 0, 0)).await;
    engine.say(measured(2, 12, &id, 1_000_000, 25_000)).await;
    until("measured", || {
        detail().nodes.iter().all(|node| node.usage.as_ref().is_some_and(|usage| usage.connections > 0))
    })
    .await;
    let usage: Vec<_> = detail().nodes.into_iter().filter_map(|node| node.usage).collect();
    assert_eq!(usage.iter().map(|usage| usage.connections).collect::<Vec<_>>(), [8_334, 8_333, 8_333]);
    for usage in &usage {
        assert_eq!((usage.workers, usage.shared_by), (2, 3));
        // One second of two threads' two.
        assert_eq!((usage.cpu_percent, usage.memory_bytes), (Some(25), Some(300_000_000)));
        assert_eq!((usage.thresholds.security, usage.thresholds.overload), (24_000, 80_000));
    }
    // A batch that comes again counts once.
    engine.say(measured(2, 12, &id, 9_000_000, 1)).await;
    engine.say(measured(3, 14, &id, 1_000_000, 3)).await;
    until("measured", || detail().nodes[0].usage.as_ref().is_some_and(|usage| usage.connections == 1)).await;
    assert_eq!(detail().nodes[0].usage.as_ref().and_then(|usage| usage.cpu_percent), Some(12));

    drop(engine);
    until("lost", || detail().nodes.iter().all(|node| !node.connected && node.usage.is_none())).await;
    serving.abort();
}
