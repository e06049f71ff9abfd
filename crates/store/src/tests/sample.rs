//! Things to store.

use crate::{Store, TokenRow, WorkspaceRow};
use chrono::{DateTime, Utc};
use domain::gateway::{ChargeType, Gateway, GatewayKind, InternetAccess, TlsSettings};
use domain::id::{AccountId, GatewayId, RANDOM_LEN, ServiceId, TokenId, WorkspaceId};
use domain::label::Labels;
use domain::name::{GatewayName, ServiceName};
use domain::secret::Secret;
use domain::service::{Probe, Service, Workload};
use domain::snapshot::Balance;
use domain::spec::Spec;
use domain::traffic::TrafficSettings;
use domain::whitelist::Whitelist;

pub(super) struct Tenant {
    pub account: AccountId,
    pub workspace: WorkspaceId,
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_700_000_000_123_456).expect("a time")
}

pub(super) async fn tenant(store: &Store) -> Tenant {
    let tenant = Tenant {
        account: AccountId::from_random([1; RANDOM_LEN]),
        workspace: WorkspaceId::from_random([2; RANDOM_LEN]),
    };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_account(&tenant.account, "default", now()).await.expect("writes");
    tx.insert_workspace(&WorkspaceRow {
        id: tenant.workspace.clone(),
        account_id: tenant.account.clone(),
        name: "default".into(),
        created_at: now(),
    })
    .await
    .expect("writes");
    tx.commit().await.expect("commits");
    tenant
}

pub(super) fn gateway(tenant: &Tenant, n: u8) -> Gateway {
    Gateway {
        id: GatewayId::from_random([n; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        name: GatewayName::parse(&format!("Gateway-{n}")).expect("valid"),
        kind: GatewayKind::FullyManaged { spec: Spec::C4G8, nodes: 2, charge: ChargeType::PostPaid },
        internet: InternetAccess {
            enabled: true,
            whitelist: Whitelist::default().with_added("192.0.2.0/24", "office").expect("valid"),
            port: Some(18_100 + u16::from(n)),
        },
        vpcs: Vec::new(),
        alb: None,
        tls: TlsSettings { redirect: true, ..TlsSettings::default() },
        labels: Labels::parse("team=vision").expect("valid"),
        protected: true,
        traffic: TrafficSettings { balance: Balance::PeakEwma, ..TrafficSettings::default() },
        is_default: false,
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(super) fn service(tenant: &Tenant, gateway: &Gateway, n: u8) -> Service {
    Service {
        id: ServiceId::from_random([n; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        name: ServiceName::parse(&format!("service_{n}")).expect("valid"),
        gateway_id: gateway.id.clone(),
        vpc_id: None,
        workload: Workload {
            command: vec!["model".into(), "--flag".into()],
            env: vec![("A".into(), "</textarea><script>".into())],
            fixed_port: None,
            replicas: 2,
            probe: Probe::Http { path: "/health".into() },
            grace_seconds: 30,
        },
        running: true,
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(super) fn token(service: &Service) -> TokenRow {
    TokenRow {
        id: TokenId::from_random([9; RANDOM_LEN]),
        account_id: service.account_id.clone(),
        workspace_id: service.workspace_id.clone(),
        service_id: service.id.clone(),
        digest: Secret::new("token").digest(),
        sealed: "sealed".into(),
        created_at: now(),
        expires_at: None,
    }
}
