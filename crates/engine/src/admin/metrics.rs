//! The counters in OpenMetrics' text.

use super::Watched;
use crate::record::{LATENCY_BOUNDS, Shards};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use std::fmt::Error;
use std::sync::Arc;

pub fn text(watched: &Watched) -> String {
    let mut registry = Registry::with_prefix("inference_gateway");
    registry.register_collector(Box::new(All(watched.clone())));
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = text::encode(&mut out, &registry);
    out
}

struct All(Watched);

impl std::fmt::Debug for All {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("All")
    }
}

/// One object's counters, and the label that names it.
type Named = (String, Arc<Shards>);

impl Collector for All {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let Watched { stats, rings, current, doors } = &self.0;
        let gateways: Vec<Named> = stats.gateways().into_iter().map(|(id, it)| (id.to_string(), it)).collect();
        let services: Vec<Named> = stats.services().into_iter().map(|(id, it)| (id.to_string(), it.counters)).collect();
        for (kind, all) in [("gateway", &gateways), ("service", &services)] {
            requests(&mut encoder, kind, all)?;
        }
        let help = "Connections and TLS handshakes beyond what the gateway's order carries";
        let mut family = encoder.encode_descriptor("gateway_refused", help, None, MetricType::Counter)?;
        for (id, it) in &gateways {
            let sum = it.sum();
            for (what, count) in [("connection", sum.connections_refused), ("handshake", sum.handshakes_refused)] {
                let labels = [("gateway", id.as_str()), ("what", what)];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "CPU time of the gateway's own threads";
        let mut family = encoder.encode_descriptor("gateway_cpu", help, Some(&Unit::Seconds), MetricType::Counter)?;
        for (id, _) in stats.gateways() {
            let seconds = stats.cpu_us(&id) as f64 / 1e6;
            ConstCounter::new(seconds).encode(family.encode_family(&[("gateway", id.as_str())])?)?;
        }
        let help = "Access records that were given up because they were not collected in time";
        let dropped = encoder.encode_descriptor("records_dropped", help, None, MetricType::Counter)?;
        ConstCounter::new(rings.dropped()).encode(dropped)?;
        let help = "Version of the configuration that is served";
        let version = encoder.encode_descriptor("configuration_version", help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::try_from(current.borrow().0).unwrap_or(i64::MAX)).encode(version)?;
        let help = "Whether the engine listens on the address";
        let mut family = encoder.encode_descriptor("listener_open", help, None, MetricType::Gauge)?;
        for door in &doors.all() {
            let address = ("address", door.address.to_string());
            let open = ConstGauge::new(i64::from(door.open));
            match &door.device {
                None => open.encode(family.encode_family(&[address])?)?,
                Some(device) => open.encode(family.encode_family(&[address, ("device", device.clone())])?)?,
            }
        }
        Ok(())
    }
}

fn requests(encoder: &mut DescriptorEncoder<'_>, kind: &'static str, all: &[Named]) -> Result<(), Error> {
    let [ended, bodies, under_way, durations] =
        ["requests", "body", "requests_in_flight", "request_duration"].map(|what| format!("{kind}_{what}"));
    let help = "Requests that have ended, by class of status";
    let mut family = encoder.encode_descriptor(&ended, help, None, MetricType::Counter)?;
    for (id, it) in all {
        let sum = it.sum();
        let classes =
            [("2xx", sum.status_2xx), ("3xx", sum.status_3xx), ("4xx", sum.status_4xx), ("5xx", sum.status_5xx)];
        for (class, count) in classes {
            ConstCounter::new(count).encode(family.encode_family(&[(kind, id.as_str()), ("status", class)])?)?;
        }
    }
    let help = "Bytes of bodies";
    let mut family = encoder.encode_descriptor(&bodies, help, Some(&Unit::Bytes), MetricType::Counter)?;
    for (id, it) in all {
        let sum = it.sum();
        for (direction, bytes) in [("in", sum.bytes_in), ("out", sum.bytes_out)] {
            ConstCounter::new(bytes).encode(family.encode_family(&[(kind, id.as_str()), ("direction", direction)])?)?;
        }
    }
    let mut family = encoder.encode_descriptor(&under_way, "Requests under way", None, MetricType::Gauge)?;
    for (id, it) in all {
        let now = i64::try_from(it.sum().in_flight).unwrap_or(i64::MAX);
        ConstGauge::new(now).encode(family.encode_family(&[(kind, id.as_str())])?)?;
    }
    let help = "From the first byte of a request to the last of its answer";
    let unit = Some(&Unit::Seconds);
    let mut family = encoder.encode_descriptor(&durations, help, unit, MetricType::Histogram)?;
    for (id, it) in all {
        let labels = [(kind, id.as_str())];
        Durations(it).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

struct Durations<'s>(&'s Shards);

impl EncodeMetric for Durations<'_> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), Error> {
        let classes = self.0.latency();
        let bounds = LATENCY_BOUNDS.iter().map(|millis| *millis as f64 / 1e3).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(classes).collect();
        let (sum, count) = (self.0.sum().micros as f64 / 1e6, classes.iter().sum());
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
