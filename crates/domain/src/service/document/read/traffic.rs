//! How requests are treated, and how versions follow each other.

use super::Reader;
use crate::error::Invalid;
use crate::service::document::check::{seconds, share};
use crate::service::{Batch, RolloutPolicy, ServiceTraffic, Share};
use crate::snapshot::{Balance, HashOn, Timeouts};
use crate::traffic::header_name;

const POLICY: &str = "networking.gateway_policy";

pub(super) fn traffic(reader: &mut Reader<'_>) -> ServiceTraffic {
    let policy = |key: &str| format!("{POLICY}.{key}");
    ServiceTraffic {
        grpc: reader.flag("metadata.enable_grpc"),
        rate: limit(reader, "rate_limit"),
        in_flight: limit(reader, "concurrency_limit"),
        replica_rate: reader.number("metadata.rpc.rate_limit").filter(|rate| *rate > 0),
        replica_in_flight: reader.number("metadata.rpc.worker_threads"),
        queue: reader.number("metadata.rpc.max_queue_size"),
        queue_wait_ms: reader.long("metadata.rpc.max_queue_wait"),
        request_ms: reader.long("metadata.rpc.keepalive"),
        timeouts: timeouts(reader),
        balance: balance(reader),
        body_limit: reader.long(&policy("max_body_bytes")),
        pass_token: reader.flag(&policy("pass_authorization")),
        observe: reader.flag(&policy("openai_metrics")),
        keep_alive_ms: reader.long(&policy("sse_keepalive_ms")),
        slow_start_ms: reader.long(&policy("slow_start_ms")),
    }
}

/// A limit that is on; one without a word whether it is on is a question.
fn limit(reader: &mut Reader<'_>, key: &str) -> Option<u32> {
    let at = format!("{POLICY}.{key}");
    let (enable, limit) = (format!("{at}.enable"), format!("{at}.limit"));
    reader.get(&at)?;
    match reader.get(&enable) {
        None => reader.take(&enable, Err(Invalid::Required)),
        Some(on) if on.as_bool() == Some(true) => {
            if reader.get(&limit).is_none() {
                reader.note(&limit, Invalid::Required);
            }
            reader.number(&limit)
        }
        Some(_) => None,
    }
}

fn timeouts(reader: &Reader<'_>) -> Option<Timeouts> {
    let at = format!("{POLICY}.timeouts");
    reader.get(&at)?;
    let ms = |key: &str, default: u64| reader.long(&format!("{at}.{key}")).unwrap_or(default);
    let default = Timeouts::default();
    Some(Timeouts {
        connect_ms: ms("connect_ms", default.connect_ms),
        first_byte_ms: ms("first_byte_ms", default.first_byte_ms),
        idle_ms: ms("idle_ms", default.idle_ms),
        request_ms: ms("request_ms", default.request_ms),
    })
}

fn balance(reader: &mut Reader<'_>) -> Option<Balance> {
    let at = format!("{POLICY}.load_balancing");
    reader.get(&at)?;
    let policy = reader.required(&format!("{at}.policy"), |text| Ok(text.to_owned()))?;
    let name_key = format!("{at}.hash_name");
    let named = matches!(policy.as_str(), "hash_header" | "hash_cookie");
    let of_prefix = ["prefix_bytes", "max_load_percent"].map(|key| format!("{at}.{key}"));
    // What belongs to another policy would be there for nothing.
    let strange = of_prefix.iter().filter(|_| policy != "prefix_affinity").chain((!named).then_some(&name_key));
    for key in strange {
        if reader.get(key).is_some() {
            reader.note(key, Invalid::OnlyWith { key: format!("{at}.policy") });
        }
    }
    let name = if named { reader.required(&name_key, header_name)? } else { String::new() };
    Some(match policy.as_str() {
        "least_requests" => Balance::LeastRequests,
        "peak_ewma" => Balance::PeakEwma,
        "prefix_affinity" => {
            let [bytes, load] = of_prefix.map(|key| reader.number(&key));
            Balance::PrefixAffinity {
                bytes: bytes.unwrap_or(1024),
                load_percent: load.and_then(|load| u16::try_from(load).ok()).unwrap_or(125),
            }
        }
        "hash_header" => Balance::ConsistentHash { on: HashOn::Header(name.to_ascii_lowercase()) },
        "hash_cookie" => Balance::ConsistentHash { on: HashOn::Cookie(name) },
        "hash_address" => Balance::ConsistentHash { on: HashOn::Address },
        _ => Balance::RoundRobin,
    })
}

pub(super) fn rollout(reader: &mut Reader<'_>) -> RolloutPolicy {
    const AT: &str = "metadata.rolling_strategy";
    let key = |key: &str| format!("{AT}.{key}");
    let part = |reader: &Reader<'_>, at: &str| reader.get(&key(at)).and_then(share);
    let default = RolloutPolicy::default();
    let batch = reader.get(&key("batch")).is_some().then(|| {
        let size = part(reader, "batch.size");
        if reader.get(&key("batch.size")).is_none() {
            reader.note(&key("batch.size"), Invalid::Required);
        }
        if matches!(size, Some(Share::Count(0) | Share::Percent(0))) {
            reader.note(&key("batch.size"), Invalid::OutOfRange { min: 1, max: crate::service::MAX_REPLICAS.into() });
        }
        let interval_seconds = reader.get(&key("batch.interval")).and_then(seconds);
        Batch { size: size.unwrap_or(Share::Count(1)), interval_seconds }
    });
    let percent = reader.number(&key("max_error_percent"));
    RolloutPolicy {
        max_surge: part(reader, "max_surge").unwrap_or(default.max_surge),
        max_unavailable: part(reader, "max_unavailable").unwrap_or(default.max_unavailable),
        batch,
        progress_seconds: reader.get(&key("progress_deadline")).and_then(seconds).unwrap_or(default.progress_seconds),
        max_errors_percent: percent.and_then(|percent| u8::try_from(percent).ok()),
        roll_back: reader.get(&key("auto_rollback")).and_then(|on| on.as_bool()).unwrap_or(default.roll_back),
    }
}
