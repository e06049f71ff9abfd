//! Many gateways and services, written straight into the database while no console runs: making them one by one
//! would take longer than the test.

use chrono::Utc;
use domain::gateway::{Gateway, InternetAccess};
use domain::id::{GatewayId, RANDOM_LEN, ServiceId, TokenId};
use domain::name::{GatewayName, ServiceName};
use domain::secret::Secret;
use domain::service::{Probe, Service, Workload};
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
fn service(model: &Gateway, n: usize) -> Service {
    Service {
        id: ServiceId::from_random(random(n)),
        account_id: model.account_id.clone(),
        workspace_id: model.workspace_id.clone(),
        name: ServiceName::parse(&format!("stock_{n}")).unwrap(),
        gateway_id: model.id.clone(),
        vpc_id: None,
        workload: Workload {
            command: vec!["inference-gateway".into(), "sample-model".into()],
            env: Vec::new(),
            fixed_port: None,
            replicas: 2,
            probe: Probe::Tcp,
            grace_seconds: 30,
        },
        running: false,
        revision: 1,
        created_at: Utc::now(),
        updated_at: Utc::now(),
    }
}

fn token(service: &Service, n: usize) -> TokenRow {
    TokenRow {
        id: TokenId::from_random(random(n)),
        account_id: service.account_id.clone(),
        workspace_id: service.workspace_id.clone(),
        service_id: service.id.clone(),
        digest: Secret::new(format!("stock token {n}")).digest(),
        // Nobody reveals it.
        sealed: "sealed".into(),
        created_at: Utc::now(),
        expires_at: None,
    }
}
