//! The autoscaler.

use super::Reader;
use crate::error::Invalid;
use crate::service::document::refusal::Refusal;
use crate::service::scaling::{DEFAULT_DOWN_SECONDS, DEFAULT_UP_SECONDS};
use crate::service::{Autoscaler, MAX_REPLICAS, Metric, Target, ToZero};
use serde_json::Value;

const ON_ZERO: &str = "autoscaler.behavior.onZero";

/// `Some(None)`: there is none. `None`: it is wrong.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Option<Autoscaler>> {
    if reader.get("autoscaler").is_none() {
        return Some(None);
    }
    let zero = zero(reader);
    let targets = targets(reader);
    if targets.is_empty() && zero.is_none() && !reader.errors.iter().any(|error| error.key.contains("trategies")) {
        reader.note("autoscaler.strategies", Invalid::NoTarget);
    }
    let min = match reader.number("autoscaler.min") {
        Some(0) if zero.is_none() => reader.take("autoscaler.min", Err(Invalid::ReplicasZero)),
        min => Some(min.unwrap_or(1).max(1)),
    };
    if reader.get("autoscaler.max").is_none() {
        reader.note("autoscaler.max", Invalid::Required);
    }
    let (min, max) = (min?, reader.number("autoscaler.max")?);
    if max < min {
        reader.note("autoscaler.max", Invalid::OutOfRange { min: min.into(), max: MAX_REPLICAS.into() });
    }
    let window = |way: &str| reader.number(&format!("autoscaler.behavior.{way}.stabilizationWindowSeconds"));
    Some(Some(Autoscaler {
        min,
        max,
        targets,
        up_seconds: window("scaleUp").unwrap_or(DEFAULT_UP_SECONDS),
        down_seconds: window("scaleDown").unwrap_or(DEFAULT_DOWN_SECONDS),
        zero,
    }))
}

/// By metric, each once.
fn targets(reader: &mut Reader<'_>) -> Vec<Target> {
    reader.at_most_one("autoscaler", &["strategies", "scaleStrategies"]);
    let map = reader.get("autoscaler.strategies").and_then(Value::as_object);
    let of_map = map.into_iter().flatten().map(|(name, value)| (format!("autoscaler.strategies.{name}"), name, value));
    let of_list = reader.list("autoscaler.scaleStrategies").iter().enumerate().map(|(index, item)| {
        let key = format!("autoscaler.scaleStrategies[{index}]");
        let Some(Value::String(name)) = item.get("metricName") else {
            return (format!("{key}.metricName"), None, item);
        };
        (key, Some(name), item.get("threshold").unwrap_or(&Value::Null))
    });
    let all: Vec<(String, Option<&String>, &Value)> =
        of_map.map(|(key, name, value)| (key, Some(name), value)).chain(of_list).collect();
    let mut targets: Vec<Target> = Vec::new();
    for (key, name, value) in all {
        let metric = name.and_then(|name| metric(name));
        let number = value.as_u64().and_then(|value| u32::try_from(value).ok());
        match (metric, number) {
            (Some(metric), Some(_)) if targets.iter().any(|target| target.metric == metric) => {
                reader.note(&key, Invalid::KeyTwice);
            }
            // A list says its metrics beside their numbers, so the table knows no bound of its own for these.
            (Some(Metric::Cpu | Metric::Gpu), Some(101..)) if key.contains("scaleStrategies") => {
                reader.note(&key, Invalid::OutOfRange { min: 1, max: 100 });
            }
            (Some(metric), Some(value)) => targets.push(Target { metric, value }),
            // Of the wrong kind: said already, unless nothing is there.
            (_, None) if value.is_null() || name.is_none() => reader.note(&key, Invalid::Required),
            _ => {}
        }
    }
    targets.sort_by_key(|target| target.metric);
    targets
}

fn metric(name: &str) -> Option<Metric> {
    match name {
        "qps" => Some(Metric::Qps),
        "in_flight" => Some(Metric::InFlight),
        "cpu" => Some(Metric::Cpu),
        "gpu" | "gpu[util]" => Some(Metric::Gpu),
        "queue" => Some(Metric::Queue),
        _ => None,
    }
}

fn zero(reader: &mut Reader<'_>) -> Option<ToZero> {
    if !reader.flag("autoscaler.scale_to_zero") {
        if reader.get(ON_ZERO).is_some() {
            reader.refuse(ON_ZERO, Refusal::ScaleToZero, "autoscaler.scale_to_zero");
        }
        return None;
    }
    let number = |key: &str, default: u32| reader.number(&format!("{ON_ZERO}.{key}")).unwrap_or(default);
    Some(ToZero {
        idle_seconds: number("scaleDownGracePeriodSeconds", 600),
        start: number("scaleUpActivationReplicas", 1),
        hold_length: number("holdRequests", 100),
        hold_ms: reader.long(&format!("{ON_ZERO}.holdMilliseconds")).unwrap_or(60_000),
    })
}
