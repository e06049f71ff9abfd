//! The fields of the wizard, and the key of the document that each one edits.

use super::shape::Shape;
use serde::{Deserialize, Serialize};

/// Which services have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    All,
    /// What is started here: a container or a process.
    Started,
    Container,
    External,
}

/// A field of the form. Its name is its id on the page, too.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    /// In the document; `$` is what runs.
    pub(super) path: &'static str,
    pub(super) shape: Shape,
    pub of: Of,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $path:literal, $shape:ident, $of:ident;)*) => {
        /// What the wizard's sections show, as an HTML form posts it. Empty: not said.
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Form {
            /// `process`, `container` or `external`; empty is `process`.
            pub runtime: String,
            $($(#[$doc])* pub $name: String,)*
        }

        /// In the order in which they are written.
        pub const FIELDS: &[Field] = &[
            $(Field { name: stringify!($name), path: $path, shape: Shape::$shape, of: Of::$of },)*
        ];

        impl Form {
            pub fn get(&self, field: &str) -> Option<&str> {
                match field {
                    "runtime" => Some(&self.runtime),
                    $(stringify!($name) => Some(&self.$name),)*
                    _ => None,
                }
            }

            pub(super) fn get_mut(&mut self, field: &str) -> Option<&mut String> {
                match field {
                    "runtime" => Some(&mut self.runtime),
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

fields! {
    name = "metadata.name", Text, All;
    group = "metadata.group", Text, All;
    /// `key=value`, one a line.
    labels = "labels", Labels, All;

    image = "$.image", Text, Container;
    registry_user = "dockerAuth", User, Container;
    /// Never filled in; empty keeps it.
    registry_password = "dockerAuth", Password, Container;
    command = "$.command", Command, Started;
    script = "$.script", Text, Started;
    port = "$.port", Number, Started;
    /// `NAME=value`, one a line; a value in quotation marks is read as JSON.
    env = "$.env", Env, Started;
    /// `source:target`, or `source:target:ro`, one a line.
    mounts = "storage", Mounts, Started;
    /// One a line.
    packages = "$.prepare.pythonRequirements", Lines, Started;
    /// One a line.
    addresses = "external.addresses", Lines, External;

    replicas = "metadata.instance", Number, Started;
    cpu = "metadata.cpu", Number, Started;
    memory = "metadata.memory", Number, Started;
    gpus = "metadata.gpu", Number, Started;
    shm = "metadata.shm_size", Number, Container;

    gateway = "networking.gateway", Text, All;
    vpc = "cloud.networking.vpc_id", Text, All;
    vswitch = "cloud.networking.vswitch_id", Text, All;
    /// Never filled in; empty keeps it.
    token = "token", Secret, All;

    /// Empty: a connection.
    readiness_method = "$.readiness_check", Method, All;
    readiness_path = "$.readiness_check.http_get.path", Text, All;
    readiness_command = "$.readiness_check.exec.command", Command, Started;
    readiness_delay = "$.readiness_check.initial_delay_seconds", Number, All;
    readiness_period = "$.readiness_check.period_seconds", Number, All;
    readiness_timeout = "$.readiness_check.timeout_seconds", Number, All;
    readiness_failures = "$.readiness_check.failure_threshold", Number, All;
    readiness_successes = "$.readiness_check.success_threshold", Number, All;
    /// Empty: there is none.
    startup_method = "$.startup_check", Method, Started;
    startup_path = "$.startup_check.http_get.path", Text, Started;
    startup_command = "$.startup_check.exec.command", Command, Started;
    startup_delay = "$.startup_check.initial_delay_seconds", Number, Started;
    startup_period = "$.startup_check.period_seconds", Number, Started;
    startup_timeout = "$.startup_check.timeout_seconds", Number, Started;
    startup_failures = "$.startup_check.failure_threshold", Number, Started;
    startup_successes = "$.startup_check.success_threshold", Number, Started;
    /// Empty: there is none.
    liveness_method = "$.liveness_check", Method, Started;
    liveness_path = "$.liveness_check.http_get.path", Text, Started;
    liveness_command = "$.liveness_check.exec.command", Command, Started;
    liveness_delay = "$.liveness_check.initial_delay_seconds", Number, Started;
    liveness_period = "$.liveness_check.period_seconds", Number, Started;
    liveness_timeout = "$.liveness_check.timeout_seconds", Number, Started;
    liveness_failures = "$.liveness_check.failure_threshold", Number, Started;
    liveness_successes = "$.liveness_check.success_threshold", Number, Started;

    max_surge = "metadata.rolling_strategy.max_surge", Number, Started;
    max_unavailable = "metadata.rolling_strategy.max_unavailable", Number, Started;
    batch_size = "metadata.rolling_strategy.batch.size", Number, Started;
    batch_interval = "metadata.rolling_strategy.batch.interval", Number, Started;
    progress_deadline = "metadata.rolling_strategy.progress_deadline", Number, Started;
    max_error_percent = "metadata.rolling_strategy.max_error_percent", Number, Started;
    /// `true`: a version that is given up waits for somebody instead of being rolled back.
    keep_failed = "metadata.rolling_strategy.auto_rollback", FlagOff, Started;
    grace = "metadata.eas.termination_grace_period", Number, Started;

    grpc = "metadata.enable_grpc", Flag, All;
    rate = "networking.gateway_policy.rate_limit", Limit, All;
    replica_rate = "metadata.rpc.rate_limit", Number, All;
    in_flight = "networking.gateway_policy.concurrency_limit", Limit, All;
    replica_in_flight = "metadata.rpc.worker_threads", Number, All;
    queue = "metadata.rpc.max_queue_size", Number, All;
    queue_wait_ms = "metadata.rpc.max_queue_wait", Number, All;
    request_ms = "metadata.rpc.keepalive", Number, All;
    connect_ms = "networking.gateway_policy.timeouts.connect_ms", Number, All;
    first_byte_ms = "networking.gateway_policy.timeouts.first_byte_ms", Number, All;
    idle_ms = "networking.gateway_policy.timeouts.idle_ms", Number, All;
    /// One of [`crate::traffic::BALANCES`]; empty: the gateway's.
    balance = "networking.gateway_policy.load_balancing", Balance, All;
    hash_name = "networking.gateway_policy.load_balancing.hash_name", Text, All;
    max_body_bytes = "networking.gateway_policy.max_body_bytes", Number, All;
    pass_authorization = "networking.gateway_policy.pass_authorization", Flag, All;
    openai_metrics = "networking.gateway_policy.openai_metrics", Flag, All;
    sse_keepalive_ms = "networking.gateway_policy.sse_keepalive_ms", Number, All;
    slow_start_ms = "networking.gateway_policy.slow_start_ms", Number, All;

    scale_min = "autoscaler.min", Number, Started;
    scale_max = "autoscaler.max", Number, Started;
    scale_qps = "autoscaler.strategies.qps", Number, Started;
    scale_in_flight = "autoscaler.strategies.in_flight", Number, Started;
    scale_cpu = "autoscaler.strategies.cpu", Number, Started;
    scale_gpu = "autoscaler.strategies.gpu", Number, Started;
    scale_queue = "autoscaler.strategies.queue", Number, Started;
    scale_up_seconds = "autoscaler.behavior.scaleUp.stabilizationWindowSeconds", Number, Started;
    scale_down_seconds = "autoscaler.behavior.scaleDown.stabilizationWindowSeconds", Number, Started;
    scale_to_zero = "autoscaler.scale_to_zero", ToZero, Started;
    zero_idle_seconds = "autoscaler.behavior.onZero.scaleDownGracePeriodSeconds", Number, Started;
    zero_start = "autoscaler.behavior.onZero.scaleUpActivationReplicas", Number, Started;
    hold_requests = "autoscaler.behavior.onZero.holdRequests", Number, Started;
    hold_ms = "autoscaler.behavior.onZero.holdMilliseconds", Number, Started;
}

impl std::fmt::Debug for Form {
    /// Environment, tokens and passwords are among its fields.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form").field("name", &self.name).field("runtime", &self.runtime).finish_non_exhaustive()
    }
}
