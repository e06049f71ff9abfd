//! What changed, numbered in the order of commits, and everything at one moment.

use crate::error::{Failure, StoreError};
use crate::row::Columns;
use crate::{AcmeAccountRow, CertificateRow, GroupRow, Store, TokenRow, Tx};
use domain::custom_domain::CustomDomain;
use domain::gateway::Gateway;
use domain::host::Hosts;
use domain::network::Inventory;
use domain::service::{Service, Version};
use sqlx::Connection;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    Gateway,
    Service,
    Group,
    /// All networks: what belongs together there is read together.
    Network,
    Certificate,
    Domain,
    AcmeAccount,
    /// All hosts: they share the work.
    Host,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub seq: u64,
    pub kind: ChangeKind,
    pub id: String,
}

/// All that engines and agents are told about, as of one change number.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    pub seq: u64,
    pub gateways: Vec<Gateway>,
    /// What they say is sealed.
    pub services: Vec<Service<String>>,
    /// Of services with a rollout: those whose replicas may still be there.
    pub versions: Vec<Version<String>>,
    pub tokens: Vec<TokenRow>,
    pub groups: Vec<GroupRow>,
    pub networks: Inventory,
    pub certificates: Vec<CertificateRow>,
    pub domains: Vec<CustomDomain>,
    pub acme_accounts: Vec<AcmeAccountRow>,
    pub hosts: Hosts,
}

impl ChangeKind {
    fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Gateway => "gateway",
            ChangeKind::Service => "service",
            ChangeKind::Group => "group",
            ChangeKind::Network => "network",
            ChangeKind::Certificate => "certificate",
            ChangeKind::Domain => "domain",
            ChangeKind::AcmeAccount => "acme_account",
            ChangeKind::Host => "host",
        }
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "gateway" => Ok(ChangeKind::Gateway),
            "service" => Ok(ChangeKind::Service),
            "group" => Ok(ChangeKind::Group),
            "network" => Ok(ChangeKind::Network),
            "certificate" => Ok(ChangeKind::Certificate),
            "domain" => Ok(ChangeKind::Domain),
            "acme_account" => Ok(ChangeKind::AcmeAccount),
            "host" => Ok(ChangeKind::Host),
            other => Err(Failure::Unreadable(format!("changes.kind = {other}"))),
        }
    }
}

impl Tx {
    /// Notes that this object was made, changed or deleted. Called for every write that engines or agents must see.
    pub async fn changed(&mut self, kind: ChangeKind, id: &str) -> Result<u64, StoreError> {
        let seq = self.next("change").await?;
        let insert = sqlx::query("INSERT INTO changes (seq, kind, id) VALUES ($1, $2, $3)")
            .bind(seq)
            .bind(kind.as_str())
            .bind(id)
            .execute(self.connection())
            .await;
        self.seen(insert)?;
        Ok(seq.unsigned_abs())
    }
}

impl Store {
    /// Changes after this number, in order.
    pub async fn changes_since(&self, seq: u64) -> Result<Vec<Change>, StoreError> {
        let read = async {
            let rows = sqlx::query("SELECT seq, kind, id FROM changes WHERE seq > $1 ORDER BY seq")
                .bind(seq as i64)
                .fetch_all(&self.pool)
                .await?;
            let change = |row: &sqlx::any::AnyRow| {
                Ok(Change {
                    seq: row.number("seq")?.unsigned_abs(),
                    kind: ChangeKind::parse(&row.text("kind")?)?,
                    id: row.text("id")?,
                })
            };
            rows.iter().map(change).collect::<Result<Vec<_>, Failure>>()
        };
        self.seen(read.await)
    }

    /// Forgets which changes led here; everything they did stays.
    pub async fn forget_changes_before(&self, seq: u64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM changes WHERE seq < $1").bind(seq as i64).execute(&self.pool).await;
        self.seen(delete.map(|_| ()).map_err(Failure::from))
    }

    pub async fn everything(&self) -> Result<Everything, StoreError> {
        let read = async {
            let mut connection = self.pool.acquire().await?;
            // One read transaction: the number and the rows are of the same moment.
            let mut tx = connection.begin().await?;
            let seq: i64 =
                sqlx::query_scalar("SELECT value FROM counters WHERE name = 'change'").fetch_one(&mut *tx).await?;
            let all = Everything {
                seq: seq.unsigned_abs(),
                gateways: crate::gateways::all(&mut tx).await?,
                services: crate::services::all(&mut tx).await?,
                versions: crate::versions::in_rollouts(&mut tx).await?,
                tokens: crate::tokens::all(&mut tx).await?,
                groups: crate::groups::all(&mut tx).await?,
                networks: crate::networks::all(&mut tx).await?,
                certificates: crate::certificates::all(&mut tx).await?,
                domains: crate::custom_domains::all(&mut tx).await?,
                acme_accounts: crate::acme_accounts::all(&mut tx).await?,
                hosts: crate::hosts::all(&mut tx).await?,
            };
            tx.rollback().await?;
            Ok(all)
        };
        self.seen(read.await)
    }
}
