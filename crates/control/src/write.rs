//! One write of a use case.

use crate::billing::follow_runs;
use crate::compile::Compiler;
use crate::desired::{Token, Touched};
use crate::names::Held;
use crate::services::HeldGroup;
use crate::{Control, ControlError};
use chrono::{DateTime, Utc};
use domain::custom_domain::CustomDomain;
use domain::gateway::Gateway;
use domain::host::Host;
use domain::id::{AccountId, WorkspaceId};
use domain::service::{Group, Service, ServiceSpec, TokenInfo};
use identity::Principal;
use serde::Serialize;
use std::sync::Arc;
use store::{AcmeAccountRow, AuditEntry, CertificateRow, ChangeKind, Tx};
use tokio::sync::OwnedMutexGuard;

pub(crate) struct Write<'a> {
    pub tx: Tx,
    pub now: DateTime<Utc>,
    control: Control,
    by: By<'a>,
    compiler: OwnedMutexGuard<Compiler>,
    touched: Vec<Touched>,
    seq: u64,
}

/// Whose write it is, for the audit.
enum By<'a> {
    Principal(&'a Principal),
    /// Nobody asked for it just now.
    Console {
        account_id: AccountId,
        workspace_id: WorkspaceId,
    },
}

impl Control {
    pub(crate) async fn write<'a>(&self, principal: &'a Principal) -> Result<Write<'a>, ControlError> {
        self.write_by(By::Principal(principal)).await
    }

    /// The console's own, in this workspace.
    pub(crate) async fn write_unasked(
        &self,
        account_id: &AccountId,
        workspace_id: &WorkspaceId,
    ) -> Result<Write<'static>, ControlError> {
        let (account_id, workspace_id) = (account_id.clone(), workspace_id.clone());
        self.write_by(By::Console { account_id, workspace_id }).await
    }

    /// The console's own, in the operator's workspace.
    pub(crate) async fn write_for_operator(&self) -> Result<Write<'static>, ControlError> {
        let workspace = self.first_workspace();
        self.write_unasked(&workspace.account_id, &workspace.id).await
    }

    async fn write_by<'a>(&self, by: By<'a>) -> Result<Write<'a>, ControlError> {
        let compiler = self.inner.writing.clone().lock_owned().await;
        let tx = self.inner.store.begin().await?;
        Ok(Write { tx, now: self.now(), control: self.clone(), by, compiler, touched: Vec::new(), seq: 0 })
    }
}

impl Write<'_> {
    pub async fn audit<T: Serialize>(
        &mut self,
        action: &str,
        kind: &str,
        id: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<(), ControlError> {
        let value = |object: &T| serde_json::to_value(object).unwrap_or_default();
        let (account_id, workspace_id, actor) = match &self.by {
            By::Principal(principal) => (&principal.account_id, &principal.workspace_id, principal.user_id.as_str()),
            By::Console { account_id, workspace_id } => (account_id, workspace_id, "console"),
        };
        let entry = AuditEntry {
            at: self.now,
            account_id,
            workspace_id,
            actor,
            action,
            object_kind: kind,
            object_id: id,
            before: before.map(value),
            after: after.map(value),
        };
        Ok(self.tx.audit(entry).await?)
    }

    pub async fn gateway(
        &mut self,
        action: &str,
        before: Option<&Gateway>,
        after: Option<&Gateway>,
    ) -> Result<(), ControlError> {
        let Some(id) = after.or(before).map(|gateway| gateway.id.clone()) else { return Ok(()) };
        self.audit(action, "gateway", id.as_str(), before, after).await?;
        follow_runs(&mut self.tx, self.now, before, after).await?;
        self.seq = self.tx.changed(ChangeKind::Gateway, id.as_str()).await?;
        self.touched.push(Touched::Gateway(id, after.cloned().map(Arc::new)));
        Ok(())
    }

    /// The audit has what a certificate says, never its key.
    pub async fn certificate(
        &mut self,
        action: &str,
        before: Option<&CertificateRow>,
        after: Option<&Held>,
    ) -> Result<(), ControlError> {
        let Some(id) = after.map(|held| &held.row).or(before).map(|row| row.id.clone()) else { return Ok(()) };
        self.audit(action, "certificate", id.as_str(), before, after.map(|held| &held.row)).await?;
        self.seq = self.tx.changed(ChangeKind::Certificate, id.as_str()).await?;
        self.touched.push(Touched::Certificate(id, after.cloned().map(Arc::new)));
        Ok(())
    }

    /// How an order stands, which is no news for the audit.
    pub async fn noted(&mut self, now: &Held) -> Result<(), ControlError> {
        let id = now.row.id.clone();
        self.seq = self.tx.changed(ChangeKind::Certificate, id.as_str()).await?;
        self.touched.push(Touched::Certificate(id, Some(Arc::new(now.clone()))));
        Ok(())
    }

    pub async fn acme_account(
        &mut self,
        action: &str,
        before: Option<&AcmeAccountRow>,
        after: Option<&AcmeAccountRow>,
    ) -> Result<(), ControlError> {
        let Some(id) = after.or(before).map(|row| row.id.clone()) else { return Ok(()) };
        self.audit(action, "acme_account", id.as_str(), before, after).await?;
        self.seq = self.tx.changed(ChangeKind::AcmeAccount, id.as_str()).await?;
        self.touched.push(Touched::AcmeAccount(id, after.cloned().map(Arc::new)));
        Ok(())
    }

    pub async fn domain(
        &mut self,
        action: &str,
        before: Option<&CustomDomain>,
        after: Option<&CustomDomain>,
    ) -> Result<(), ControlError> {
        let Some(id) = after.or(before).map(|domain| domain.id.clone()) else { return Ok(()) };
        self.audit(action, "domain", id.as_str(), before, after).await?;
        self.seq = self.tx.changed(ChangeKind::Domain, id.as_str()).await?;
        self.touched.push(Touched::Domain(id, before.cloned().map(Arc::new), after.cloned().map(Arc::new)));
        Ok(())
    }

    /// `tokens` are all the service has afterwards.
    pub async fn service(
        &mut self,
        action: &str,
        before: Option<&Service>,
        after: Option<(&Service, Vec<Token>)>,
    ) -> Result<(), ControlError> {
        let now = after.as_ref().map(|(service, _)| *service);
        let Some(id) = now.or(before).map(|service| service.id.clone()) else { return Ok(()) };
        let plain = |service: &Service| {
            let workload = service.spec.workload.without_values();
            service.with_spec(ServiceSpec { workload, ..service.spec.clone() })
        };
        self.audit(action, "service", id.as_str(), before.map(plain).as_ref(), now.map(plain).as_ref()).await?;
        self.seq = self.tx.changed(ChangeKind::Service, id.as_str()).await?;
        let now = after.map(|(service, tokens)| (Arc::new(service.clone()), tokens));
        self.touched.push(Touched::Service(id, now));
        Ok(())
    }

    /// The audit has what a group says, never its tokens.
    pub async fn group(
        &mut self,
        action: &str,
        before: Option<&Group>,
        after: Option<&HeldGroup>,
    ) -> Result<(), ControlError> {
        let now = after.map(|held| &held.group);
        let Some(id) = now.or(before).map(|group| group.id.clone()) else { return Ok(()) };
        self.audit(action, "group", id.as_str(), before, now).await?;
        self.seq = self.tx.changed(ChangeKind::Group, id.as_str()).await?;
        self.touched.push(Touched::Group(id, after.cloned().map(Arc::new)));
        Ok(())
    }

    /// The audit has what a token is for and when it ends, never the token.
    pub async fn token(
        &mut self,
        action: &str,
        before: Option<&Token>,
        after: Option<&Token>,
    ) -> Result<(), ControlError> {
        let Some(id) = after.or(before).map(|token| token.row.id.clone()) else { return Ok(()) };
        let plain = |Token { row, .. }: &Token| TokenInfo {
            id: row.id.clone(),
            service_id: row.service_id.clone(),
            label: row.label.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
        };
        self.audit(action, "token", id.as_str(), before.map(plain).as_ref(), after.map(plain).as_ref()).await
    }

    /// All tokens that this service has now. In the order of the store, so that a console that starts again tells
    /// engines nothing new.
    pub async fn tokens(&mut self, service: &Arc<Service>, mut tokens: Vec<Token>) -> Result<(), ControlError> {
        tokens.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        self.seq = self.tx.changed(ChangeKind::Service, service.id.as_str()).await?;
        self.touched.push(Touched::Service(service.id.clone(), Some((service.clone(), tokens))));
        Ok(())
    }

    /// Called after the write itself: memory gets all networks as they are then.
    pub async fn network<T: Serialize>(
        &mut self,
        action: &str,
        id: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<(), ControlError> {
        let kind = action.split_once('.').map_or(action, |(kind, _)| kind);
        self.audit(action, kind, id, before, after).await?;
        self.seq = self.tx.changed(ChangeKind::Network, id).await?;
        self.touched.push(Touched::Networks(Arc::new(self.tx.inventory().await?)));
        Ok(())
    }

    /// Called after the write itself: memory gets all hosts as they are then.
    pub async fn host(&mut self, action: &str, before: Option<&Host>, after: &Host) -> Result<(), ControlError> {
        self.audit(action, "host", after.id.as_str(), before, Some(after)).await?;
        self.seq = self.tx.changed(ChangeKind::Host, after.id.as_str()).await?;
        self.touched.push(Touched::Hosts(Arc::new(self.tx.hosts().await?)));
        Ok(())
    }

    /// On the disk, in memory, and everybody is told.
    ///
    /// In a task of its own: a browser that goes away drops the request's future wherever it stands, and what is on
    /// the disk must then still reach memory and engines.
    pub async fn commit(self) -> Result<(), ControlError> {
        let Write { tx, control, mut compiler, touched, seq, .. } = self;
        let done = tokio::spawn(async move {
            if let Err(error) = tx.commit().await {
                // It may be on the disk all the same; memory must not differ from it.
                control.catch_up(&mut compiler).await;
                return Err(error.into());
            }
            if !touched.is_empty() {
                control.follow(&mut compiler, seq, &touched);
            }
            Ok(())
        });
        match done.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
