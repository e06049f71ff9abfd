//! The table of keys is whole, and agrees with the page of documentation.

use super::*;
use std::collections::BTreeSet;

#[test]
fn each_key_is_there_once() {
    let mut seen = BTreeSet::new();
    for key in keys() {
        assert!(seen.insert(key.path), "{} is there twice", key.path);
    }
    for key in keys() {
        if let Some((parent, _)) = key.path.rsplit_once('.').filter(|(parent, _)| *parent != "$") {
            let is_under_refused = |key: &&Key| key.path == parent && matches!(key.meaning, Meaning::Refused(..));
            assert!(seen.contains(parent) || parent == "containers[]", "{} has no parent", key.path);
            assert!(!keys().any(|key| is_under_refused(&key)), "{} is never reached", key.path);
        }
    }
}

#[test]
fn what_is_advised_is_taken() {
    for key in keys() {
        if let Meaning::Refused(_, instead) | Meaning::OnlyOff(_, _, instead) = key.meaning
            && !instead.is_empty()
        {
            let taken = key_of(&instead.replace("[]", "[0]"));
            let is_taken = taken.is_some_and(|key| matches!(key.meaning, Meaning::Taken(_) | Meaning::Own(_)));
            assert!(is_taken, "{}: {instead} is no way out", key.path);
        }
    }
}

#[test]
fn values_that_switch_off_are_taken() {
    for key in keys() {
        if let Meaning::OnlyOff(off, ..) = key.meaning {
            assert_eq!(wrong(&with(&format!("\"{}\":{off}", key.path))), [""; 0], "{}", key.path);
        }
    }
}

/// Every refused key is refused by its name, wherever it stands.
#[test]
fn refused_keys_are_refused() {
    for key in keys().filter(|key| matches!(key.meaning, Meaning::Refused(..))) {
        let path = key.path.replace('$', "containers[0]").replace("[]", "[0]");
        let mut document = serde_json::json!({"metadata": {"name": "a"}, "containers": [{"image": "a"}]});
        path::put(&mut document, &path, serde_json::json!({"any": 1}));
        let errors = parse_value(&document).expect_err("is refused");
        assert!(errors.iter().any(|each| each.key == path && each.error.code() == "key_refused"), "{path}");
    }
}

/// The keys of the original, as its documentation lists them: each is in the table, itself or under a refused one.
#[test]
fn the_originals_keys_are_all_known() {
    let all = "metadata cloud containers dockerAuth networking storage token aimaster model_path oss_endpoint model_entry \
        model_config processor processor_path processor_entry processor_mainclass processor_type warm_up_data_path \
        runtime.enable_crash_block autoscaler.min autoscaler.max autoscaler.strategies.qps autoscaler.strategies.cpu \
        labels.any unit.size sinker.type sinker.config confidential.trustee_endpoint confidential.decryption_key \
        features.any name metadata.name metadata.instance metadata.workspace_id metadata.cpu metadata.memory metadata.gpu \
        metadata.gpu_memory metadata.gpu_core_percentage metadata.qos metadata.resource metadata.cuda metadata.rdma \
        metadata.enable_grpc metadata.enable_webservice metadata.type metadata.disk metadata.shm_size \
        metadata.workload_type metadata.resource_burstable metadata.resource_rebalancing metadata.group \
        metadata.eas.termination_grace_period metadata.rpc.batching metadata.rpc.keepalive metadata.rpc.io_threads \
        metadata.rpc.max_batch_size metadata.rpc.max_batch_timeout metadata.rpc.max_queue_size \
        metadata.rpc.worker_threads metadata.rpc.rate_limit metadata.rpc.enable_sigterm metadata.rpc.proxy_path \
        metadata.rolling_strategy.max_surge metadata.rolling_strategy.max_unavailable metadata.scheduling.spread.policy \
        metadata.gateway cloud.computing.instances cloud.computing.disable_spot_protection_period \
        cloud.computing.instance_type cloud.networking.vpc_id cloud.networking.vswitch_id \
        cloud.networking.security_group_id containers[0].image containers[0].command containers[0].script \
        containers[0].port containers[0].env[0].name containers[0].env[0].value \
        containers[0].prepare.pythonRequirements[0] containers[0].prepare.pythonRequirementsPath \
        containers[0].health_check.any containers[0].startup_check.http_get.path containers[0].liveness_check.exec.command \
        containers[0].readiness_check.tcp_socket.port networking.gateway networking.gateway_policy.rate_limit.enable \
        networking.gateway_policy.rate_limit.limit networking.gateway_policy.concurrency_limit.enable \
        networking.gateway_policy.concurrency_limit.limit storage[0].mount_path storage[0].oss.path \
        storage[0].oss.endpoint storage[0].oss.readOnly storage[0].nfs.path storage[0].nfs.server \
        storage[0].properties.resource_type autoscaler.scaleStrategies[0].metricName \
        autoscaler.scaleStrategies[0].threshold autoscaler.scaleStrategies[0].service \
        autoscaler.behavior.onZero.scaleDownGracePeriodSeconds autoscaler.behavior.onZero.scaleUpActivationReplicas \
        autoscaler.behavior.scaleDown.stabilizationWindowSeconds autoscaler.behavior.scaleUp.stabilizationWindowSeconds";
    for key in all.split_whitespace() {
        let mut above = Some(key);
        let is_refused = |key: &str| key_of(key).is_some_and(|key| matches!(key.meaning, Meaning::Refused(..)));
        let is_moved = ["name", "metadata.gateway"].contains(&key);
        let mut is_known = is_moved || key_of(key).is_some();
        while let Some(path) = above {
            is_known |= is_refused(path);
            above = path.rsplit_once('.').map(|(above, _)| above);
        }
        assert!(is_known, "{key} would be taken for a mistake");
    }
}
