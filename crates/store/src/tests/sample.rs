//! Things to store.

use crate::{Store, TokenRow, WorkspaceRow};
use chrono::{DateTime, Utc};
use domain::arrival::ArrivalSettings;
use domain::cidr::Cidr;
use domain::gateway::{ChargeType, Gateway, GatewayKind, InternetAccess, TlsSettings};
use domain::id::{AccountId, GatewayId, RANDOM_LEN, ServiceId, TokenId, WorkspaceId};
use domain::label::Labels;
use domain::name::{GatewayName, ServiceName};
use domain::secret::Secret;
use domain::service::rollout::{Phase, Rollout};
use domain::service::{Autoscaler, Metric, Service, Target};
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
        arrival: ArrivalSettings {
            drop_strangers: true,
            trusted_proxies: vec![Cidr::parse("10.0.0.0/8").expect("valid")],
        },
        is_default: false,
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(super) fn service(tenant: &Tenant, gateway: &Gateway, n: u8) -> Service<String> {
    Service {
        id: ServiceId::from_random([n; RANDOM_LEN]),
        account_id: tenant.account.clone(),
        workspace_id: tenant.workspace.clone(),
        name: ServiceName::parse(&format!("service_{n}")).expect("valid"),
        gateway_id: gateway.id.clone(),
        vpc_id: None,
        labels: Labels::parse("team=vision").expect("valid"),
        place: None,
        version: 3,
        replica_version: 2,
        rollout: Some(Rollout { phase: Phase::Paused, ..Rollout::begin(2, 3, 1, now()) }),
        spec: "sealed".into(),
        replicas: 2,
        scaling: Some(Autoscaler {
            min: 1,
            max: 4,
            targets: vec![Target { metric: Metric::Queue, value: 3 }],
            up_seconds: 0,
            down_seconds: 300,
            zero: None,
        }),
        owner: "ada".into(),
        running: true,
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(super) fn token(service: &Service<String>) -> TokenRow {
    TokenRow {
        id: TokenId::from_random([9; RANDOM_LEN]),
        account_id: service.account_id.clone(),
        workspace_id: service.workspace_id.clone(),
        service_id: service.id.clone(),
        digest: Secret::new("token").digest(),
        sealed: "sealed".into(),
        label: "batch jobs".into(),
        revision: 1,
        created_at: now(),
        expires_at: None,
    }
}
