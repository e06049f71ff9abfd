//! ALB instances, and the VPCs of services.

use super::sample::{self, now};
use crate::{Store, StoreError};
use domain::alb::{AlbInstance, PublicZones};
use domain::cidr::Cidr;
use domain::id::{AlbId, RANDOM_LEN, ServiceId, VSwitchId, VpcId};
use domain::network::{Region, VSwitch, Vpc, Zone};
use domain::service::Service;

pub(super) async fn an_alb_holds_its_networks_and_goes_with_its_gateway(store: Store) {
    let tenant = sample::tenant(&store).await;
    let block = |text: &str| Cidr::parse(text).expect("valid");
    let vpc = Vpc {
        id: VpcId::from_random([1; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        region: "local".into(),
        name: "loopback".into(),
        blocks: vec![block("127.88.0.0/16")],
        revision: 1,
    };
    let vswitch = |n: u8| VSwitch {
        id: VSwitchId::from_random([n; RANDOM_LEN]),
        vpc_id: vpc.id.clone(),
        zone: "local-a".into(),
        name: format!("vsw{n}"),
        block: block(&format!("127.88.{n}.0/24")),
        revision: 1,
    };
    let mut gateway = sample::gateway(&tenant, 1);
    let alb = AlbInstance { id: AlbId::from_random([1; RANDOM_LEN]), public: None, created_at: now() };
    gateway.alb = Some(alb.clone());
    let zones = [Zone { id: "local-a".into(), supported: true }];
    let mut tx = store.begin().await.expect("begins");
    tx.insert_region(&Region { id: "local".into(), zones: zones.into() }).await.expect("writes");
    tx.insert_vpc(&vpc, &tenant.workspace).await.expect("writes");
    for n in [1, 2] {
        tx.insert_vswitch(&vswitch(n), &vpc, &tenant.workspace).await.expect("writes");
    }
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_gateway(&sample::gateway(&tenant, 2)).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.gateway(&gateway.id).await.expect("reads"), Some(gateway.clone()));

    let public = PublicZones { vpc_id: vpc.id.clone(), vswitches: vec![vswitch(1).id, vswitch(2).id] };
    gateway.alb = Some(AlbInstance { public: Some(public), ..alb });
    gateway.revision = 2;
    let mut tx = store.begin().await.expect("begins");
    tx.update_gateway(&gateway, 1).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.gateway(&gateway.id).await.expect("reads"), Some(gateway.clone()));
    let all = store.everything().await.expect("reads").gateways;
    let albs: Vec<_> = all.iter().map(|each| each.alb.clone()).collect();
    assert_eq!(albs, [gateway.alb.clone(), None]);
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_vswitch(&vswitch(2).id, 1).await, Err(StoreError::InUse)));
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_vpc(&vpc.id, 1).await, Err(StoreError::InUse)));
    drop(tx);

    let mut tx = store.begin().await.expect("begins");
    tx.delete_gateway(&gateway.id, 2).await.expect("deletes");
    tx.delete_vpc(&vpc.id, 1).await.expect("nothing holds it");
    tx.commit().await.expect("commits");
}

pub(super) async fn a_service_holds_its_vpc(store: Store) {
    let tenant = sample::tenant(&store).await;
    let vpc = |n: u8| Vpc {
        id: VpcId::from_random([n; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        region: "local".into(),
        name: format!("vpc{n}"),
        blocks: vec![Cidr::parse(&format!("10.{n}.0.0/16")).expect("valid")],
        revision: 1,
    };
    let gateway = sample::gateway(&tenant, 1);
    let mut service = Service { vpc_id: Some(vpc(1).id), ..sample::service(&tenant, &gateway, 1) };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_region(&Region { id: "local".into(), zones: Vec::new() }).await.expect("writes");
    for n in [1, 2] {
        tx.insert_vpc(&vpc(n), &tenant.workspace).await.expect("writes");
    }
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.insert_service(&service).await.expect("writes");
    tx.insert_service(&sample::service(&tenant, &gateway, 2)).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(store.service(&service.id).await.expect("reads"), Some(service.clone()));
    let all = store.everything().await.expect("reads").services;
    let vpcs: Vec<_> = all.iter().map(|each| each.vpc_id.clone()).collect();
    assert_eq!(vpcs, [Some(vpc(1).id), None]);

    (service.vpc_id, service.revision) = (Some(vpc(2).id), 2);
    let mut tx = store.begin().await.expect("begins");
    tx.update_service(&service, 1).await.expect("writes");
    tx.delete_vpc(&vpc(1).id, 1).await.expect("nothing holds it any more");
    tx.commit().await.expect("commits");
    assert_eq!(store.service(&service.id).await.expect("reads"), Some(service.clone()));
    let mut tx = store.begin().await.expect("begins");
    assert!(matches!(tx.delete_vpc(&vpc(2).id, 1).await, Err(StoreError::InUse)));
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    service.vpc_id = Some(vpc(1).id);
    assert!(tx.insert_service(&Service { id: ServiceId::from_random([9; RANDOM_LEN]), ..service }).await.is_err());
}
