//! Keys of `autoscaler`.

use super::{Key, Kind::*, own, refused, taken};
use crate::service::document::limits::*;
use crate::service::document::refusal::Refusal as R;

/// The same bounds as where somebody types them.
const LIMIT: super::Kind = Count { min: 1, max: 1_000_000 };
const PERCENT: super::Kind = Count { min: 1, max: 100 };
const SECONDS: super::Kind = Count { min: 0, max: DAY };

pub(super) const KEYS: &[Key] = &[
    taken("autoscaler", Object, "", "When there are more replicas, and when fewer."),
    taken("autoscaler.min", REPLICAS, "1", "The least. 0 only with `autoscaler.scale_to_zero`."),
    taken("autoscaler.max", REPLICAS, "", "The most."),
    taken(
        "autoscaler.strategies",
        Object,
        "",
        "What one replica shall have to do; the metric that asks for most replicas decides.",
    ),
    taken("autoscaler.strategies.qps", LIMIT, "", "Requests a second."),
    taken("autoscaler.strategies.cpu", PERCENT, "", "Of the cores that it may use, per cent."),
    taken("autoscaler.strategies.gpu", PERCENT, "", "Of its GPUs, per cent. `gpu[util]` is the same."),
    taken("autoscaler.strategies.gpu[util]", PERCENT, "", "The same as `gpu`."),
    own("autoscaler.strategies.in_flight", LIMIT, "", "Requests under way."),
    own("autoscaler.strategies.queue", LIMIT, "", "Requests that wait."),
    taken("autoscaler.scaleStrategies", List, "", "The same as `strategies`, as the API writes it."),
    taken("autoscaler.scaleStrategies[]", Object, "", "One of them."),
    taken(
        "autoscaler.scaleStrategies[].metricName",
        Choice(&["qps", "cpu", "gpu", "gpu[util]", "in_flight", "queue"]),
        "",
        "The metric.",
    ),
    taken("autoscaler.scaleStrategies[].threshold", LIMIT, "", "What one replica shall have to do."),
    refused("autoscaler.scaleStrategies[].service", R::OtherService, "autoscaler.strategies"),
    taken("autoscaler.behavior", Object, "", "How fast."),
    taken("autoscaler.behavior.scaleUp", Object, "", "Upwards."),
    taken(
        "autoscaler.behavior.scaleUp.stabilizationWindowSeconds",
        SECONDS,
        "0",
        "The lowest of what was asked for in this time counts.",
    ),
    taken("autoscaler.behavior.scaleDown", Object, "", "Downwards."),
    taken(
        "autoscaler.behavior.scaleDown.stabilizationWindowSeconds",
        SECONDS,
        "300",
        "The highest of what was asked for in this time counts.",
    ),
    own(
        "autoscaler.scale_to_zero",
        Flag,
        "false",
        "No replica at all while nobody asks; requests are held until one is ready. Off, as the original does not have it with dedicated gateways.",
    ),
    taken("autoscaler.behavior.onZero", Object, "", "With `scale_to_zero`."),
    taken(
        "autoscaler.behavior.onZero.scaleDownGracePeriodSeconds",
        Count { min: 10, max: DAY },
        "600",
        "Without a request for so long, the last replica goes.",
    ),
    taken(
        "autoscaler.behavior.onZero.scaleUpActivationReplicas",
        Count { min: 1, max: 100 },
        "1",
        "How many the first request starts.",
    ),
    own(
        "autoscaler.behavior.onZero.holdRequests",
        Count { min: 1, max: 100_000 },
        "100",
        "Requests that are held at a time; more are answered 503.",
    ),
    own(
        "autoscaler.behavior.onZero.holdMilliseconds",
        Count { min: 1000, max: 3_600_000 },
        "60000",
        "How long each; then 503 with `Retry-After`.",
    ),
];
