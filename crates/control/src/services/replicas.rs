//! One replica: what somebody does with it, and what it printed.

use crate::hub::Answer;
use crate::{Control, ControlError, Missing};
use domain::endpoint::ReplicaAction;
use domain::id::{AgentId, ReplicaId, ServiceId};
use domain::role::Permission;
use domain::service::{EventKind, ServiceEvent};
use domain::view::OutputView;
use identity::{Principal, authorize};
use link::message::{AgentDown, ReadOutput};

/// Of what a replica printed one answer has at most so much.
pub const MOST_OUTPUT: u32 = 256 * 1024;

impl Control {
    /// Returns when its host has done it.
    ///
    /// # Errors
    /// It is not there, its host does not answer, or refuses it.
    pub async fn act(
        &self,
        principal: &Principal,
        service: &ServiceId,
        replica: &ReplicaId,
        action: ReplicaAction,
    ) -> Result<(), ControlError> {
        authorize(principal, Permission::DeployServices)?;
        self.find_service(principal, service)?;
        let agent = self.agent_of(service, replica)?;
        let act = |request| AgentDown::Act { request, replica_id: replica.clone(), action };
        match self.inner.asks.ask(&agent, act).await? {
            Answer::Acted(None) => {}
            Answer::Acted(Some(reason)) => return Err(ControlError::ReplicaRefused { reason }),
            Answer::Output(_) => return Err(ControlError::HostSilent),
        }
        let mut write = self.write(principal).await?;
        let name = action.as_str();
        write.audit(&format!("replica.{name}"), "replica", replica.as_str(), None, Some(service)).await?;
        if write.tx.service(service).await?.is_some() {
            let event = ServiceEvent {
                first_at: write.now,
                at: write.now,
                count: 1,
                kind: EventKind::ReplicaActed,
                replica: Some(replica.clone()),
                detail: Some(name.into()),
            };
            write.tx.service_event(service, &event).await?;
        }
        write.commit().await?;
        self.notify();
        Ok(())
    }

    /// A part of what it printed. `after` is where the last part ended, `before` where it began; the newest without both.
    pub async fn read_output(
        &self,
        principal: &Principal,
        service: &ServiceId,
        replica: &ReplicaId,
        after: Option<u64>,
        before: Option<u64>,
        bytes: u32,
    ) -> Result<OutputView, ControlError> {
        authorize(principal, Permission::Read)?;
        self.find_service(principal, service)?;
        let agent = self.agent_of(service, replica)?;
        let read = ReadOutput { after, before, bytes: bytes.clamp(1, MOST_OUTPUT) };
        let ask = |request| AgentDown::ReadOutput { request, replica_id: replica.clone(), read };
        match self.inner.asks.ask(&agent, ask).await? {
            Answer::Output(output) => match output.refused {
                Some(reason) => Err(ControlError::ReplicaRefused { reason }),
                None => {
                    let (from, to, oldest) = (output.from, output.to, output.oldest);
                    Ok(OutputView { from, to, oldest, text: output.text })
                }
            },
            Answer::Acted(_) => Err(ControlError::HostSilent),
        }
    }

    fn agent_of(&self, service: &ServiceId, replica: &ReplicaId) -> Result<AgentId, ControlError> {
        let observed = self.observed();
        let has = |of: &&(&AgentId, &crate::AgentState)| {
            of.1.replicas.iter().any(|report| report.replica_id == *replica && report.service_id == *service)
        };
        let found = observed.agents.iter().find(|agent| has(&agent)).map(|(id, _)| id.clone());
        found.ok_or(ControlError::NotFound { what: Missing::Replica })
    }
}
