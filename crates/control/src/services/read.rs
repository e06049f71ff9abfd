//! One service, with what was observed of it and how it is called.

use super::Sight;
use super::choices::named;
use super::list::summary;
use super::tokens::views;
use crate::{AgentState, Control, ControlError, Missing};
use chrono::TimeDelta;
use domain::endpoint::ReplicaReport;
use domain::gateway::Gateway;
use domain::id::ServiceId;
use domain::role::Permission;
use domain::service::rollout::{Because, Phase, Progress, Rollout};
use domain::service::{RolloutPolicy, Service};
use domain::view::{BoundGateway, EndpointView, GroupName, Invocation, ReplicaView, RolloutView, ServiceDetail};
use identity::{Principal, authorize};
use std::sync::Arc;

impl Control {
    pub fn service(&self, principal: &Principal, id: &ServiceId) -> Result<ServiceDetail, ControlError> {
        authorize(principal, Permission::Read)?;
        let service = self.find_service(principal, id)?;
        let desired = self.desired();
        let observed = self.observed();
        let (_, _, conditions) = observed.service(&service);
        let hosts = desired.hosts.clone();
        let name = |id| hosts.get(id).map(|host| host.name.clone()).unwrap_or_default();
        let mut replicas = Vec::new();
        for agent in observed.agents.values() {
            let of_it = agent.replicas.iter().filter(|report| report.service_id == *id);
            replicas.extend(of_it.map(|report| {
                let answers = observed.answers(id, &report.replica_id);
                replica_view(report, agent, name(&agent.host), answers)
            }));
        }
        replicas.sort_by(|a, b| a.report.replica_id.cmp(&b.report.replica_id));
        let fleet = self.newest().fleet;
        let rollout = service.rollout.as_ref().map(|rollout| {
            let progress = Sight::of(&service, rollout, &fleet, &observed).progress();
            rollout_view(rollout, &service.spec.rollout, progress)
        });
        let tokens = desired.tokens.get(id).map(Vec::as_slice).unwrap_or_default();
        let gateway = desired.gateways.get(&service.gateway_id);
        let own = |gateway: &&Arc<Gateway>| gateway.workspace_id == principal.workspace_id;
        let default = desired.gateways.values().filter(own).find(|gateway| gateway.is_default);
        Ok(ServiceDetail {
            summary: summary(&service, &desired, &observed).ok_or(ControlError::NotFound { what: Missing::Service })?,
            revision: service.revision,
            running: service.running,
            replicas_wanted: service.replicas,
            scaling: service.scaling.clone(),
            group: desired
                .group_of(&service)
                .zip(service.place.clone())
                .map(|(held, place)| (GroupName { id: held.group.id.clone(), name: held.group.name.clone() }, place)),
            workload: service.spec.workload.without_values(),
            vpc: service.vpc_id.as_ref().map(|id| named(id, &desired.networks)),
            replicas,
            version: service.version,
            replica_version: service.replica_version,
            rollout,
            conditions,
            traffic: observed.service_traffic(id),
            invocation: Invocation {
                internet: self.internet_endpoints(&service),
                vpc: self.vpc_endpoints(&service),
                tokens: views(self, tokens),
                whitelist: gateway.map(|gateway| gateway.internet.whitelist.clone()).unwrap_or_default(),
                default_gateway: default
                    .map(|gateway| BoundGateway { id: gateway.id.clone(), name: gateway.name.clone() }),
                openai: service.spec.traffic.observe,
                grpc: service.spec.traffic.grpc,
            },
        })
    }

    fn internet_endpoints(&self, service: &Service) -> Vec<EndpointView> {
        let desired = self.desired();
        let Some(gateway) = desired.gateways.get(&service.gateway_id) else { return Vec::new() };
        self.public_endpoints(gateway).into_iter().map(|endpoint| of_service(endpoint, service)).collect()
    }

    /// By the gateway's name inside VPCs, which is the same in all of them, and by address; empty while none is linked.
    fn vpc_endpoints(&self, service: &Service) -> Vec<EndpointView> {
        let desired = self.desired();
        let linked = desired.gateways.get(&service.gateway_id).filter(|gateway| !gateway.vpcs.is_empty());
        let Some(gateway) = linked else { return Vec::new() };
        self.endpoints_inside(gateway).into_iter().map(|endpoint| of_service(endpoint, service)).collect()
    }

    pub(crate) fn find_service(&self, principal: &Principal, id: &ServiceId) -> Result<Arc<Service>, ControlError> {
        self.desired()
            .services
            .get(id)
            .filter(|service| service.workspace_id == principal.workspace_id)
            .cloned()
            .ok_or(ControlError::NotFound { what: Missing::Service })
    }
}

fn replica_view(
    report: &ReplicaReport,
    agent: &AgentState,
    host: String,
    answers: Option<crate::observed::ReplicaAnswers>,
) -> ReplicaView {
    let usage = agent.usage.get(&report.replica_id).filter(|_| agent.connected);
    ReplicaView {
        report: report.clone(),
        host,
        is_old_news: !agent.connected,
        cpu_percent: usage.and_then(|usage| usage.cpu_percent),
        memory_bytes: usage.map(|usage| usage.memory_bytes),
        gpu_percent: usage.and_then(|usage| usage.gpu_percent),
        in_flight: answers.map(|answers| answers.in_flight),
    }
}

fn rollout_view(rollout: &Rollout, policy: &RolloutPolicy, progress: Progress) -> RolloutView {
    let batches = |size: u32| (rollout.batch, progress.wanted.div_ceil(size.max(1)).max(1));
    let batch = rollout.batch(policy).map(|batch| batches(batch.size.of(progress.wanted)));
    let waits = rollout.phase == Phase::Paused && rollout.because == Some(Because::Batch);
    let interval = policy.batch.and_then(|batch| batch.interval_seconds).filter(|_| waits);
    RolloutView {
        from: rollout.from,
        to: rollout.to,
        phase: rollout.phase,
        because: rollout.because,
        is_back: rollout.is_back,
        batch,
        next_batch_at: interval.map(|seconds| rollout.since + TimeDelta::seconds(i64::from(seconds))),
        ready: progress.ready,
        wanted: progress.wanted,
        old: progress.old,
        began_at: rollout.began_at,
        since: rollout.since,
    }
}

fn of_service(endpoint: EndpointView, service: &Service) -> EndpointView {
    EndpointView { url: format!("{}/api/predict/{}", endpoint.url, service.name), ..endpoint }
}
