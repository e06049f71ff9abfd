//! What a replica's container shall be, as the daemon is told.

use super::{end, label, registry};
use crate::spec::ReplicaSpec;
use bollard::models::{
    ContainerCreateBody, DeviceRequest, HostConfig, HostConfigLogConfig, Mount, PortBinding, RestartPolicy,
    RestartPolicyNameEnum,
};
use domain::id::AgentId;
use domain::service::RESERVED_ENV;
use std::collections::HashMap;

const MIB: i64 = 1024 * 1024;
/// What the daemon keeps of the output: enough for an agent that was away to catch up.
const LOG_SIZE: &str = "20m";

/// Where the program listens inside. Every container has its own ports.
pub fn inner_port(spec: &ReplicaSpec) -> u16 {
    spec.workload.fixed_port.unwrap_or(spec.port)
}

pub fn body(
    spec: &ReplicaSpec,
    agent_id: &AgentId,
    mounts: Vec<Mount>,
    gpus: Option<DeviceRequest>,
) -> ContainerCreateBody {
    let port = format!("{}/tcp", inner_port(spec));
    let words = spec.filled().command;
    let takes_arguments = words.len() > 1;
    let mut command = words.into_iter();
    ContainerCreateBody {
        image: Some(registry::with_tag(end::image(spec))),
        env: Some(env(spec)),
        // The program replaces the image's own, arguments and all.
        entrypoint: command.next().map(|program| vec![program]),
        cmd: takes_arguments.then(|| command.collect()),
        exposed_ports: Some(vec![port.clone()]),
        labels: Some(labels(spec, agent_id)),
        host_config: Some(host(spec, port, mounts, gpus)),
        ..ContainerCreateBody::default()
    }
}

fn env(spec: &ReplicaSpec) -> Vec<String> {
    let env = spec.filled().env;
    let own = env.iter().filter(|(name, _)| !RESERVED_ENV.contains(&name.as_str()));
    let port = inner_port(spec).to_string();
    // From inside, the host's side of a published port is outside: loopback would not do.
    let set = [("PORT", port.as_str()), ("HOST", "0.0.0.0"), ("LISTENING_PORT", port.as_str())];
    let set = set.map(|(name, value)| format!("{name}={value}"));
    own.map(|(name, value)| format!("{name}={value}")).chain(set).collect()
}

fn labels(spec: &ReplicaSpec, agent_id: &AgentId) -> HashMap<String, String> {
    let labels = [
        (label::REPLICA, spec.replica_id.to_string()),
        (label::SERVICE, spec.service_id.to_string()),
        (label::VERSION, spec.version.to_string()),
        (label::AGENT, agent_id.to_string()),
        (label::RUN, spec.run.to_string()),
    ];
    labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn host(spec: &ReplicaSpec, port: String, mounts: Vec<Mount>, gpus: Option<DeviceRequest>) -> HostConfig {
    let resources = &spec.workload.resources;
    let bytes = |mib: u32| i64::from(mib) * MIB;
    let binding = PortBinding { host_ip: Some(spec.address.to_string()), host_port: Some(spec.port.to_string()) };
    let memory = resources.memory_mib.map(bytes);
    HostConfig {
        memory,
        // The same: no swap on top. A program over its limit ends at once and is not slow for hours instead.
        memory_swap: memory,
        nano_cpus: resources.cpu_millis.map(|millis| i64::from(millis) * 1_000_000),
        shm_size: resources.shm_mib.map(bytes),
        device_requests: gpus.map(|gpus| vec![gpus]),
        mounts: (!mounts.is_empty()).then_some(mounts),
        port_bindings: Some([(port, Some(vec![binding]))].into()),
        // Reaps orphans and passes signals on, as the shim does for processes.
        init: Some(true),
        restart_policy: Some(RestartPolicy { name: Some(RestartPolicyNameEnum::NO), maximum_retry_count: None }),
        security_opt: Some(vec!["no-new-privileges".into()]),
        // The drivers that can be read again, on both daemons.
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".into()),
            config: Some([("max-size".to_owned(), LOG_SIZE.to_owned())].into()),
        }),
        ..HostConfig::default()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::spec::loopback;
    use domain::endpoint::WantedService;
    use domain::id::{ReplicaId, ServiceId};
    use domain::service::{RegistryCredentials, Resources, Runtime, Workload};

    pub fn spec() -> ReplicaSpec {
        let credentials = Some(RegistryCredentials { user: "ci".into(), password: "hidden".into() });
        let workload = Workload {
            runtime: Runtime::Container { image: "model:1".into(), credentials },
            command: vec!["serve".into(), "--all".into()],
            env: vec![("A".into(), "1=2".into()), ("PORT".into(), "1".into())],
            fixed_port: Some(8000),
            resources: Resources { cpu_millis: Some(1500), memory_mib: Some(512), gpus: 0, shm_mib: Some(64) },
            ..Workload::default()
        };
        let service_id = ServiceId::from_random([2; 18]);
        let service = WantedService { service_id, name: "model".into(), version: 3, replicas: 1, workload };
        let program = "/usr/bin/inference-gateway".into();
        let mut spec = ReplicaSpec::fresh(ReplicaId::from_random([1; 18]), &service, loopback(), program);
        (spec.port, spec.run) = (20_001, 7);
        spec
    }

    fn agent() -> AgentId {
        "agt-test".parse().unwrap()
    }

    #[test]
    fn limits_ports_and_environment() {
        let body = body(&spec(), &agent(), Vec::new(), None);
        let host = body.host_config.clone().unwrap();
        assert_eq!((host.memory, host.memory_swap), (Some(512 << 20), Some(512 << 20)));
        assert_eq!((host.nano_cpus, host.shm_size), (Some(1_500_000_000), Some(64 << 20)));
        let published = &host.port_bindings.unwrap()["8000/tcp"].clone().unwrap()[0];
        assert_eq!(published.host_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(published.host_port.as_deref(), Some("20001"));
        assert_eq!(body.env.unwrap(), ["A=1=2", "PORT=8000", "HOST=0.0.0.0", "LISTENING_PORT=8000"]);
        assert_eq!((body.entrypoint.unwrap(), body.cmd.unwrap()), (vec!["serve".into()], vec!["--all".to_owned()]));
        assert_eq!((host.init, host.privileged), (Some(true), None));
    }

    #[test]
    fn without_a_command_the_image_decides_and_the_port_is_the_hosts() {
        let mut spec = spec();
        spec.workload.command.clear();
        spec.workload.fixed_port = None;
        let body = body(&spec, &agent(), Vec::new(), None);
        assert_eq!((&body.entrypoint, &body.cmd), (&None, &None));
        assert_eq!(body.exposed_ports.unwrap(), ["20001/tcp"]);
    }

    #[test]
    fn labels_name_the_replica_and_no_secret() {
        let body = body(&spec(), &agent(), Vec::new(), None);
        let labels = body.labels.clone().unwrap();
        assert_eq!((labels[label::VERSION].as_str(), labels[label::RUN].as_str()), ("3", "7"));
        assert_eq!((labels[label::AGENT].as_str(), labels.len()), ("agt-test", 5));
        assert!(!serde_json::to_string(&body).unwrap().contains("hidden"), "credentials are for the pull alone");
    }
}
