//! What operators do with a host.

use crate::write::Write;
use crate::{Control, ControlError, Missing};
use domain::error::FieldErrors;
use domain::host::{Host, HostDoors, HostDraft};
use domain::id::HostId;
use domain::role::Permission;
use identity::Principal;
use store::StoreError;

impl Control {
    /// With the zones of the region.
    pub(super) fn check_draft(
        &self,
        draft: &HostDraft,
        taken: impl Fn(&str) -> bool,
    ) -> Result<HostDraft, FieldErrors> {
        let networks = self.desired().networks.clone();
        let region = &self.installation().region;
        let of_region = networks.zones.values().filter(|(of, _)| of == region);
        draft.validate(taken, &of_region.map(|(_, zone)| zone.id.as_str()).collect::<Vec<_>>())
    }

    pub async fn edit_host(
        &self,
        principal: &Principal,
        id: &HostId,
        seen: i64,
        draft: &HostDraft,
    ) -> Result<(), ControlError> {
        let (write, before) = self.change_host(principal, id, seen).await?;
        let hosts = self.desired().hosts.clone();
        let waiting = self.inner.store.join_tokens(write.now).await?;
        let taken = |name: &str| {
            hosts.values().any(|host| !host.removed && host.id != *id && host.name == name)
                || waiting.iter().any(|token| token.host.name == name)
        };
        let HostDraft { name, zone } = self.check_draft(draft, taken)?;
        let after = Host { name, zone, ..before.clone() };
        save(write, "host.edit", &before, after).await
    }

    /// Takes its nodes and replicas away, or lets it have some again.
    pub async fn drain_host(
        &self,
        principal: &Principal,
        id: &HostId,
        seen: i64,
        draining: bool,
    ) -> Result<(), ControlError> {
        let (write, before) = self.change_host(principal, id, seen).await?;
        if draining && !before.draining {
            self.check_others_work(id)?;
        }
        let after = Host { draining, ..before.clone() };
        save(write, if draining { "host.drain" } else { "host.resume" }, &before, after).await
    }

    /// Ends what is there, and its membership. It has to be empty, or lost.
    pub async fn remove_host(&self, principal: &Principal, id: &HostId, seen: i64) -> Result<(), ControlError> {
        let (write, before) = self.change_host(principal, id, seen).await?;
        if before.member.is_none() {
            return Err(ControlError::OwnHost);
        }
        let load = self.load_of(id);
        let is_lost = self.newest().fleet.is_silent(id);
        let is_drained = before.draining && load.is_known && load.is_empty();
        if !is_lost && !is_drained {
            return Err(ControlError::HostInUse { replicas: load.replicas, requests: load.requests });
        }
        let after = Host { removed: true, draining: true, ..before.clone() };
        save(write, "host.remove", &before, after).await?;
        if let Some(member) = &before.member {
            self.offer(&member.agent_id, id, &[]);
            let (engine, agent) = (&member.engine_id, &member.agent_id);
            self.observe(|observed| {
                // One that is connected goes when its session has told it.
                if observed.engines.get(engine).is_some_and(|engine| !engine.connected) {
                    observed.engines.remove(engine);
                }
                if observed.agents.get(agent).is_some_and(|agent| !agent.connected) {
                    observed.agents.remove(agent);
                }
            });
        }
        Ok(())
    }

    /// What it says of itself, when it is something else than before.
    pub(crate) async fn note_doors(&self, id: &HostId, public: &HostDoors) -> Result<(), ControlError> {
        let hosts = self.desired().hosts.clone();
        let known = hosts.get(id).filter(|host| !host.removed).and_then(|host| host.member.clone());
        if known.is_none_or(|member| member.public == *public) || !public.is_explicit() {
            return Ok(());
        }
        let mut write = self.write_for_operator().await?;
        let Some(before) = write.tx.hosts().await?.remove(id) else { return Ok(()) };
        let mut after = before.clone();
        after.revision += 1;
        if let Some(member) = &mut after.member {
            member.public = public.clone();
        }
        write.tx.update_host(&after, before.revision).await?;
        write.host("host.doors", Some(&before), &after).await?;
        write.commit().await
    }

    async fn change_host<'p>(
        &self,
        principal: &'p Principal,
        id: &HostId,
        seen: i64,
    ) -> Result<(Write<'p>, Host), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        let found = write.tx.hosts().await?.remove(id).filter(|host| !host.removed);
        let host = found.ok_or(ControlError::NotFound { what: Missing::Host })?;
        if host.revision != seen {
            return Err(StoreError::Conflict { current: host.revision }.into());
        }
        Ok((write, host))
    }

    /// Somebody has to take over what a host that is drained did.
    fn check_others_work(&self, id: &HostId) -> Result<(), ControlError> {
        let newest = self.newest();
        let (engines, agents) = (newest.fleet.working(), newest.fleet.runners());
        let other = |hosts: &[&HostId]| hosts.iter().any(|host| *host != id);
        if other(&engines) && other(&agents) { Ok(()) } else { Err(ControlError::LastHost) }
    }
}

async fn save(mut write: Write<'_>, action: &str, before: &Host, after: Host) -> Result<(), ControlError> {
    if after == *before {
        return Ok(());
    }
    let after = Host { revision: before.revision + 1, ..after };
    write.tx.update_host(&after, before.revision).await?;
    write.host(action, Some(before), &after).await?;
    write.commit().await
}
