//! A change of a service: what it says, how it gets there, and what is told of it, in one transaction.

use super::sealed::{open_spec, seal_spec};
use crate::desired::Token;
use crate::error::{Missing, of_store};
use crate::write::Write;
use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::id::ServiceId;
use domain::role::Permission;
use domain::service::rollout::{Phase, Rollout};
use domain::service::{EventKind, MAX_VERSIONS, Service, ServiceEvent, ServiceSpec, Version, Why};
use identity::{Principal, authorize};
use std::sync::Arc;

pub(super) struct Change<'a> {
    pub write: Write<'a>,
    pub before: Arc<Service>,
    pub after: Service,
    control: Control,
    by: String,
    /// Besides those that it has.
    pub tokens: Vec<Token>,
    events: Vec<(EventKind, Option<String>)>,
}

impl Control {
    /// Nobody else writes from here on, so memory is what is stored.
    pub(super) async fn change_service<'a>(
        &self,
        principal: &'a Principal,
        id: &ServiceId,
        seen: i64,
    ) -> Result<Change<'a>, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let write = self.write(principal).await?;
        let before = self.find_service(principal, id)?;
        if before.revision != seen {
            return Err(ControlError::Conflict { current: before.revision });
        }
        Ok(Change::new(self, write, before, principal.user_id.to_string()))
    }

    /// The console's own; `None` where it is gone.
    pub(super) async fn change_unasked(&self, id: &ServiceId) -> Result<Option<Change<'static>>, ControlError> {
        let Some(known) = self.desired().services.get(id).cloned() else { return Ok(None) };
        let write = self.write_unasked(&known.account_id, &known.workspace_id).await?;
        let before = self.desired().services.get(id).cloned();
        Ok(before.map(|before| Change::new(self, write, before, "console".into())))
    }
}

impl<'a> Change<'a> {
    fn new(control: &Control, write: Write<'a>, before: Arc<Service>, by: String) -> Self {
        let after = Service::clone(&before);
        Self { write, before, after, control: control.clone(), by, tokens: Vec::new(), events: Vec::new() }
    }

    pub fn event(&mut self, kind: EventKind, detail: Option<String>) {
        self.events.push((kind, detail));
    }

    /// A new version that says this; none where the one that is wanted says it already.
    pub async fn say(&mut self, spec: ServiceSpec, why: Why) -> Result<bool, ControlError> {
        if spec == self.before.spec {
            return Ok(false);
        }
        let number = self.write.tx.newest_version(&self.before.id).await?.max(self.before.version) + 1;
        let replica_version =
            if spec.workload == self.before.spec.workload { self.before.replica_version } else { number };
        let version = Version {
            service_id: self.before.id.clone(),
            number,
            replica_version,
            spec: seal_spec(&spec, &self.before.id, &self.control.inner.key)?,
            why,
            created_by: self.by.clone(),
            created_at: self.write.now,
        };
        self.write.tx.insert_version(&version).await?;
        self.want_version(number, replica_version, spec);
        Ok(true)
    }

    /// Makes this version the wanted one; its replicas take the place of those that are there, if they are others.
    pub fn want_version(&mut self, number: u32, replica_version: u32, spec: ServiceSpec) {
        let (now, replaced) = (self.write.now, (self.before.version, self.before.replica_version));
        self.after.spec = spec;
        self.after.version = number;
        self.after.replica_version = replica_version;
        if !self.after.running {
            // Nothing is there that could be replaced.
            self.after.rollout = None;
        } else if replica_version != replaced.1 {
            let next = Rollout::next(self.before.rollout.as_ref(), number, replica_version, replaced, now);
            self.event(EventKind::RolloutStarted, Some(format!("{} → {}", next.from, next.to)));
            self.after.rollout = Some(next);
        } else if let Some(rollout) = self.after.rollout.as_mut().filter(|rollout| rollout.is_open()) {
            rollout.to = number;
        }
    }

    /// The version with this number, as far as it is kept.
    pub async fn version(&mut self, number: u32) -> Result<Version, ControlError> {
        let missing = ControlError::NotFound { what: Missing::Version };
        let version = self.write.tx.version(&self.before.id, number).await?.ok_or(missing)?;
        let spec = open_spec(&version.spec, &version.service_id, &self.control.inner.key);
        Ok(version.with_spec(spec.ok_or(ControlError::Sealed)?))
    }

    /// A fixed port has room for one on a host.
    pub fn check_port(&self) -> Result<(), ControlError> {
        match self.after.spec.workload.insists_on_port() {
            Some(port) if self.after.replicas > 1 => {
                Err(FieldErrors::one("replicas", Invalid::FixedPortReplicas { port }).into())
            }
            _ => Ok(()),
        }
    }

    /// Tells whether anything is different.
    pub async fn save(mut self, action: &str) -> Result<bool, ControlError> {
        if self.after == *self.before && self.tokens.is_empty() {
            return Ok(false);
        }
        self.after.revision += 1;
        self.after.updated_at = self.write.now;
        self.put(action).await?;
        Ok(true)
    }

    /// How its rollout stands or how many replicas it has by itself, which is nobody's edit: forms that are open stay good.
    pub async fn note(self, action: &str) -> Result<(), ControlError> {
        if self.after == *self.before { Ok(()) } else { self.put(action).await }
    }

    async fn put(mut self, action: &str) -> Result<(), ControlError> {
        let is_scaled = self.after.replicas != self.before.replicas;
        if is_scaled && let Some(held) = self.after.rollout.as_mut().and_then(|rollout| rollout.held.as_mut()) {
            *held = held.scaled(self.before.replicas, self.after.replicas);
        }
        let (id, after) = (&self.before.id, &self.after);
        let told = |error| of_store(error, Missing::Service, "");
        self.write.tx.update_service(&self.control.sealed(after)?, self.before.revision).await.map_err(told)?;
        let group = |service: &Service| service.place.as_ref().map(|place| place.group_id.clone());
        if group(after) != group(&self.before) {
            self.control.left(&mut self.write, &self.before).await?;
        }
        if after.version != self.before.version {
            let mut in_use = vec![after.version, after.replica_version];
            if let Some(rollout) = &after.rollout {
                in_use.push(rollout.from);
                in_use.extend(&rollout.old);
            }
            self.write.tx.forget_versions(id, MAX_VERSIONS, &in_use).await?;
        }
        let now = self.write.now;
        for (kind, detail) in std::mem::take(&mut self.events) {
            let event = ServiceEvent { first_at: now, at: now, count: 1, kind, replica: None, detail };
            self.write.tx.service_event(id, &event).await?;
        }
        let mut tokens = self.control.desired().tokens.get(id).cloned().unwrap_or_default();
        for token in &self.tokens {
            self.write.tx.insert_token(&token.row).await?;
        }
        tokens.append(&mut self.tokens);
        tokens.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        self.write.service(action, Some(&self.before), Some((after, tokens))).await?;
        self.write.commit().await
    }

    /// The rollout, if somebody may still do something about it.
    pub fn open_rollout(&mut self) -> Result<&mut Rollout, ControlError> {
        let open = self.after.rollout.as_mut().filter(|rollout| rollout.is_open());
        open.ok_or(ControlError::NoRollout)
    }

    /// Nothing moves any more.
    pub fn hold(&mut self, phase: Phase) {
        let held = self.control.wanted_now(&self.after);
        let now = self.write.now;
        if let Some(rollout) = &mut self.after.rollout {
            (rollout.phase, rollout.held, rollout.since) = (phase, Some(held), now);
        }
    }
}
