//! From a service to its document. What has its default is left out.

use super::path::put;
use super::words::{line, script};
use crate::service::draft::{CheckedDraft, MAX_COMMAND};
use crate::service::scaling::{DEFAULT_DOWN_SECONDS, DEFAULT_UP_SECONDS};
use crate::service::workload::DEFAULT_GRACE;
use crate::service::{Autoscaler, Check, Metric, Pace, Probe, RolloutPolicy, Runtime, ServiceTraffic, Share, Workload};
use crate::snapshot::{Balance, HashOn};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The document of this service, with its secrets. Reading it gives the service again, but for the count of restarts,
/// which is no setting.
pub fn print(service: &CheckedDraft) -> Value {
    let mut page = Page(Value::Object(Map::new()));
    page.say("metadata.name", service.name.as_str());
    page.some("metadata.workspace_id", service.workspace_id.as_ref().map(ToString::to_string));
    page.some("metadata.group", service.group.as_ref().map(ToString::to_string));
    page.some("networking.gateway", service.gateway_id.as_ref().map(ToString::to_string));
    page.some("cloud.networking.vpc_id", service.vpc_id.as_ref().map(ToString::to_string));
    page.some("cloud.networking.vswitch_id", service.vswitch_id.as_ref().map(ToString::to_string));
    page.some("token", service.token.as_ref().map(|token| token.reveal().to_owned()));
    if !service.labels.is_empty() {
        let labels: Map<String, Value> = service.labels.iter().map(|(key, value)| (key.into(), value.into())).collect();
        page.say("labels", labels);
    }
    let is_external = matches!(service.spec.workload.runtime, Runtime::External { .. });
    if !is_external {
        page.say("metadata.instance", service.replicas);
    }
    page.workload(&service.spec.workload);
    page.traffic(&service.spec.traffic);
    if !is_external {
        page.rollout(&service.spec.rollout);
    }
    if let Some(scaling) = &service.scaling {
        page.scaling(scaling);
    }
    page.0
}

/// A document as people read it, with a line break at its end.
pub fn text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

struct Page(Value);

impl Page {
    fn say(&mut self, path: &str, value: impl Into<Value>) {
        put(&mut self.0, path, value.into());
    }

    fn some(&mut self, path: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.say(path, value);
        }
    }

    fn on(&mut self, path: &str, on: bool) {
        self.some(path, on.then_some(true));
    }

    fn unless<T: PartialEq + Into<Value>>(&mut self, path: &str, value: T, default: T) {
        self.some(path, (value != default).then_some(value));
    }

    fn workload(&mut self, workload: &Workload) {
        let at = match &workload.runtime {
            Runtime::Process => "process",
            Runtime::Container { image, credentials } => {
                self.say("containers[0].image", image.as_str());
                let encoded =
                    |of: &crate::service::RegistryCredentials| STANDARD.encode(format!("{}:{}", of.user, of.password));
                self.some("dockerAuth", credentials.as_ref().map(encoded));
                "containers[0]"
            }
            Runtime::External { addresses, weights } => {
                let addresses: Vec<String> = addresses
                    .iter()
                    .map(|address| match weights.get(address) {
                        Some(weight) => format!("{address} weight={weight}"),
                        None => address.to_string(),
                    })
                    .collect();
                self.say("external.addresses", addresses);
                self.check(
                    "external.readiness_check",
                    (workload.readiness != Check::default()).then_some(&workload.readiness),
                );
                return;
            }
        };
        let key = |key: &str| format!("{at}.{key}");
        match script(&workload.command) {
            Some(script) => self.say(&key("script"), script),
            None if workload.command.is_empty() => {}
            None => {
                let line = line(&workload.command);
                // Quotation marks make it longer, and a line may only be so long.
                let is_short = line.len() <= MAX_COMMAND;
                self.say(&key("command"), if is_short { line.into() } else { Value::from(workload.command.clone()) });
            }
        }
        self.some(&key("port"), workload.fixed_port);
        if !workload.env.is_empty() {
            let env = workload.env.iter().map(|(name, value)| json!({ "name": name, "value": value }));
            self.say(&key("env"), env.collect::<Value>());
        }
        if !workload.python_packages.is_empty() {
            self.say(&key("prepare.pythonRequirements"), workload.python_packages.clone());
        }
        self.check(&key("readiness_check"), (workload.readiness != Check::default()).then_some(&workload.readiness));
        self.check(&key("startup_check"), workload.startup.as_ref());
        self.check(&key("liveness_check"), workload.liveness.as_ref());
        self.unless("metadata.eas.termination_grace_period", workload.grace_seconds, DEFAULT_GRACE);
        self.some("metadata.cpu", workload.resources.cpu_millis.map(|millis| part(millis, 1000)));
        self.some("metadata.memory", workload.resources.memory_mib);
        self.unless("metadata.gpu", workload.resources.gpus, 0);
        self.some("metadata.shm_size", workload.resources.shm_mib.map(|mib| part(mib, 1024)));
        for (index, mount) in workload.mounts.iter().enumerate() {
            let key = |key: &str| format!("storage[{index}].{key}");
            self.say(&key("mount_path"), mount.target.as_str());
            self.say(&key("host_path.path"), mount.source.as_str());
            self.on(&key("host_path.readOnly"), mount.read_only);
        }
    }

    fn check(&mut self, at: &str, check: Option<&Check>) {
        let Some(check) = check else { return };
        match &check.method {
            Probe::Tcp => self.say(&format!("{at}.tcp_socket"), Map::new()),
            Probe::Http { path } => self.say(&format!("{at}.http_get.path"), path.as_str()),
            Probe::Exec { command } => self.say(&format!("{at}.exec.command"), command.clone()),
        }
        let (pace, default) = (check.pace, Pace::default());
        let mut number = |key: &str, value: u32, default: u32| self.unless(&format!("{at}.{key}"), value, default);
        number("initial_delay_seconds", pace.initial_delay_seconds, default.initial_delay_seconds);
        number("period_seconds", pace.period_seconds, default.period_seconds);
        number("timeout_seconds", pace.timeout_seconds, default.timeout_seconds);
        number("failure_threshold", pace.failures, default.failures);
        number("success_threshold", pace.successes, default.successes);
    }

    fn traffic(&mut self, traffic: &ServiceTraffic) {
        let key = |key: &str| format!("networking.gateway_policy.{key}");
        self.on("metadata.enable_grpc", traffic.grpc);
        for (name, limit) in [("rate_limit", traffic.rate), ("concurrency_limit", traffic.in_flight)] {
            self.some(&key(name), limit.map(|limit| json!({ "enable": true, "limit": limit })));
        }
        self.some("metadata.rpc.rate_limit", traffic.replica_rate);
        self.some("metadata.rpc.worker_threads", traffic.replica_in_flight);
        self.some("metadata.rpc.max_queue_size", traffic.queue);
        self.some("metadata.rpc.max_queue_wait", traffic.queue_wait_ms);
        self.some("metadata.rpc.keepalive", traffic.request_ms);
        if let Some(timeouts) = traffic.timeouts {
            self.say(
                &key("timeouts"),
                json!({
                    "connect_ms": timeouts.connect_ms,
                    "first_byte_ms": timeouts.first_byte_ms,
                    "idle_ms": timeouts.idle_ms,
                    "request_ms": timeouts.request_ms,
                }),
            );
        }
        self.some(&key("load_balancing"), traffic.balance.as_ref().map(balance));
        self.some(&key("max_body_bytes"), traffic.body_limit);
        self.on(&key("pass_authorization"), traffic.pass_token);
        self.on(&key("openai_metrics"), traffic.observe);
        self.some(&key("sse_keepalive_ms"), traffic.keep_alive_ms);
        self.some(&key("slow_start_ms"), traffic.slow_start_ms);
    }

    fn rollout(&mut self, rollout: &RolloutPolicy) {
        let key = |key: &str| format!("metadata.rolling_strategy.{key}");
        let default = RolloutPolicy::default();
        self.unless(&key("max_surge"), share(rollout.max_surge), share(default.max_surge));
        self.unless(&key("max_unavailable"), share(rollout.max_unavailable), share(default.max_unavailable));
        if let Some(batch) = rollout.batch {
            self.say(&key("batch.size"), share(batch.size));
            self.some(&key("batch.interval"), batch.interval_seconds.map(|seconds| format!("{seconds}s")));
        }
        let deadline = |seconds: u32| format!("{seconds}s");
        self.unless(&key("progress_deadline"), deadline(rollout.progress_seconds), deadline(default.progress_seconds));
        self.some(&key("max_error_percent"), rollout.max_errors_percent);
        self.unless(&key("auto_rollback"), rollout.roll_back, default.roll_back);
    }

    fn scaling(&mut self, scaling: &Autoscaler) {
        self.say("autoscaler.min", scaling.min);
        self.say("autoscaler.max", scaling.max);
        for target in &scaling.targets {
            let metric = match target.metric {
                Metric::Qps => "qps",
                Metric::InFlight => "in_flight",
                Metric::Cpu => "cpu",
                Metric::Gpu => "gpu",
                Metric::Queue => "queue",
            };
            self.say(&format!("autoscaler.strategies.{metric}"), target.value);
        }
        let window = |way: &str| format!("autoscaler.behavior.{way}.stabilizationWindowSeconds");
        self.unless(&window("scaleUp"), scaling.up_seconds, DEFAULT_UP_SECONDS);
        self.unless(&window("scaleDown"), scaling.down_seconds, DEFAULT_DOWN_SECONDS);
        if let Some(zero) = scaling.zero {
            self.say("autoscaler.scale_to_zero", true);
            self.say(
                "autoscaler.behavior.onZero",
                json!({
                    "scaleDownGracePeriodSeconds": zero.idle_seconds,
                    "scaleUpActivationReplicas": zero.start,
                    "holdRequests": zero.hold_length,
                    "holdMilliseconds": zero.hold_ms,
                }),
            );
        }
    }
}

fn share(share: Share) -> Value {
    match share {
        Share::Count(count) => count.into(),
        Share::Percent(percent) => format!("{percent}%").into(),
    }
}

fn balance(balance: &Balance) -> Value {
    match balance {
        Balance::RoundRobin => json!({ "policy": "round_robin" }),
        Balance::LeastRequests => json!({ "policy": "least_requests" }),
        Balance::PeakEwma => json!({ "policy": "peak_ewma" }),
        Balance::PrefixAffinity { bytes, load_percent } => {
            json!({ "policy": "prefix_affinity", "prefix_bytes": bytes, "max_load_percent": load_percent })
        }
        Balance::ConsistentHash { on: HashOn::Header(name) } => json!({ "policy": "hash_header", "hash_name": name }),
        Balance::ConsistentHash { on: HashOn::Cookie(name) } => json!({ "policy": "hash_cookie", "hash_name": name }),
        Balance::ConsistentHash { on: HashOn::Address } => json!({ "policy": "hash_address" }),
    }
}

/// Parts as a number that people write: `2`, `0.5`.
fn part(parts: u32, of: u32) -> Value {
    if parts.is_multiple_of(of) { (parts / of).into() } else { (f64::from(parts) / f64::from(of)).into() }
}
