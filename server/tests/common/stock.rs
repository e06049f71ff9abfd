//! Many gateways and services, written straight into the database while no console runs: making them one by one
//! would take longer than the test.
#![allow(dead_code, reason = "each test file uses a part of it")]

use chrono::Utc;
use domain::gateway::{Gateway, InternetAccess};
use domain::id::{GatewayId, RANDOM_LEN, ServiceId, TokenId};
use domain::label::Labels;
use domain::name::{GatewayName, ServiceName};
use domain::secret::Secret;
use domain::service::{Check, Pace, Probe, Runtime, Service, ServiceSpec, Workload};
use std::net::SocketAddr;
use std::path::Path;
use store::{Store, TokenRow};

fn random(n: usize) -> [u8; RANDOM_LEN] {
    let mut bytes = [0; RANDOM_LEN];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = (n / 30usize.pow(place.min(6) as u32) % 30) as u8;
    }
    bytes
}

/// `model` is an existing gateway, whose account and workspace the others share.
pub fn add(database: &Path, model: &str, gateways: usize, services: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(database).await.unwrap();
        let model = store.gateway(&model.parse::<GatewayId>().unwrap()).await.unwrap().unwrap();
        let mut tx = store.begin().await.unwrap();
        for n in 0..gateways {
            tx.insert_gateway(&gateway(&model, n)).await.unwrap();
        }
        for n in 0..services {
            let service = service(&model, n);
            tx.insert_service(&service).await.unwrap();
            tx.insert_token(&token(&service, n)).await.unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
    });
}

/// Services that run at these addresses already, each at all of them.
pub fn add_external(database: &Path, model: &str, services: usize, addresses: &[SocketAddr]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(database).await.unwrap();
        let model = store.gateway(&model.parse::<GatewayId>().unwrap()).await.unwrap().unwrap();
        // Each asked now and then: who asks thousands of them every second measures nothing else.
        let pace = Pace { period_seconds: 60, ..Pace::default() };
        let readiness = Check { method: Probe::Tcp, pace };
        let workload = Workload {
            runtime: Runtime::External { addresses: addresses.to_vec(), weights: Default::default() },
            readiness,
            grace_seconds: 30,
            ..Workload::default()
        };
        let spec = serde_json::to_string(&ServiceSpec { workload, ..ServiceSpec::default() }).unwrap();
        let replicas = addresses.len() as u32;
        let mut tx = store.begin().await.unwrap();
        for n in 0..services {
            let service = Service { spec: spec.clone(), replicas, running: true, ..service(&model, n) };
            tx.insert_service(&service).await.unwrap();
            tx.insert_token(&token(&service, n)).await.unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
    });
}

/// What its token is.
pub fn token_of(n: usize) -> String {
    format!("stock token {n}")
}

fn gateway(model: &Gateway, n: usize) -> Gateway {
    Gateway {
        id: GatewayId::from_random(random(n)),
        name: GatewayName::parse(&format!("stock-{n:04}")).unwrap(),
        internet: InternetAccess::default(),
        is_default: false,
        revision: 1,
        ..model.clone()
    }
}

/// Configured in the engine as any other, but not wanted to run.
fn service(model: &Gateway, n: usize) -> Service<String> {
    let command = vec!["inference-gateway".into(), "sample-model".into()];
    let workload = Workload { command, grace_seconds: 30, ..Workload::default() };
    let spec = ServiceSpec { workload, ..ServiceSpec::default() };
    Service {
        id: ServiceId::from_random(random(n)),
        account_id: model.account_id.clone(),
        workspace_id: model.workspace_id.clone(),
        name: ServiceName::parse(&format!("stock_{n}")).unwrap(),
        gateway_id: model.id.clone(),
        vpc_id: None,
        labels: Labels::default(),
        place: None,
        version: 1,
        replica_version: 1,
        rollout: None,
        spec: serde_json::to_string(&spec).unwrap(),
        replicas: 2,
        scaling: None,
        owner: "stock".into(),
        running: false,
        revision: 1,
        created_at: Utc::now(),
        updated_at: Utc::now(),
    }
}

fn token(service: &Service<String>, n: usize) -> TokenRow {
    TokenRow {
        id: TokenId::from_random(random(n)),
        account_id: service.account_id.clone(),
        workspace_id: service.workspace_id.clone(),
        service_id: service.id.clone(),
        digest: Secret::new(token_of(n)).digest(),
        // Nobody reveals it.
        sealed: "sealed".into(),
        label: String::new(),
        revision: 1,
        created_at: Utc::now(),
        expires_at: None,
    }
}
