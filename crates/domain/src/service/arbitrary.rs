//! Services of all shapes, for tests.

use super::{
    Autoscaler, Batch, Check, CheckedDraft, Metric, Mount, Pace, Probe, RegistryCredentials, Resources, RolloutPolicy,
    Runtime, ServiceSpec, ServiceTraffic, Share, Target, ToZero, Workload,
};
use crate::label::Labels;
use crate::name::ServiceName;
use crate::secret::Secret;
use crate::snapshot::{Balance, HashOn, Timeouts};
use proptest::option::of as maybe;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::SocketAddr;

fn id(prefix: &'static str) -> impl Strategy<Value = String> {
    "[a-z0-9]{1,18}".prop_map(move |rest| format!("{prefix}{rest}"))
}

fn share() -> impl Strategy<Value = Share> {
    prop_oneof![(0..=100u32).prop_map(Share::Count), (0..=100u8).prop_map(Share::Percent)]
}

// Without carriage returns: a form in a browser turns them into ends of lines.
fn words() -> impl Strategy<Value = Vec<String>> {
    ("[^\\x00\\r]{1,12}", prop::collection::vec("[^\\x00\\r]{0,12}", 0..5)).prop_map(|(program, mut words)| {
        words.insert(0, program);
        words
    })
}

fn check() -> impl Strategy<Value = Check> {
    let method = prop_oneof![
        Just(Probe::Tcp),
        "/[!-~]{0,12}".prop_map(|path| Probe::Http { path }),
        words().prop_map(|command| Probe::Exec { command }),
    ];
    let pace =
        (0..100u32, 1..100u32, 1..100u32, 1..100u32, 1..100u32).prop_map(|(delay, period, timeout, no, yes)| Pace {
            initial_delay_seconds: delay,
            period_seconds: period,
            timeout_seconds: timeout,
            failures: no,
            successes: yes,
        });
    (method, prop_oneof![Just(Pace::default()), pace]).prop_map(|(method, pace)| Check { method, pace })
}

fn runtime() -> impl Strategy<Value = Runtime> {
    let credentials =
        ("[^:\\x00]{1,8}", "[^\\x00*]{1,12}").prop_map(|(user, password)| RegistryCredentials { user, password });
    prop_oneof![
        Just(Runtime::Process),
        ("[a-z][a-z0-9./:-]{0,20}", maybe(credentials))
            .prop_map(|(image, credentials)| Runtime::Container { image, credentials }),
        prop::collection::btree_map((1..=254u8, 1..=u16::MAX), maybe(1..100u32), 1..4).prop_map(|all| {
            let at = |(last, port): (u8, u16)| SocketAddr::from(([192, 0, 2, last], port));
            let weights = all.iter().filter_map(|(place, weight)| Some((at(*place), (*weight)?))).collect();
            Runtime::External { addresses: all.into_keys().map(at).collect(), weights }
        }),
    ]
}

fn workload() -> impl Strategy<Value = Workload> {
    let script = "[a-z][^\\x00\\r]{0,30}".prop_map(|script| vec!["/bin/sh".into(), "-c".into(), script]);
    let env = prop::collection::btree_map("[A-Z_][A-Z0-9_]{0,3}X", "[^\\x00]{0,16}", 0..4);
    let resources = (maybe(1..64_000u32), maybe(1..100_000u32), 0..9u32, maybe(1..10_000u32))
        .prop_map(|(cpu_millis, memory_mib, gpus, shm_mib)| Resources { cpu_millis, memory_mib, gpus, shm_mib });
    let mounts = prop::collection::btree_map("/[a-z]{1,8}", ("/[a-z ]{0,4}[a-z]", any::<bool>()), 0..3);
    let port = maybe(1024..65535u16).prop_map(|port| port.filter(|port| ![8080, 9090].contains(port)));
    let packages = prop::collection::vec("[a-z][a-z0-9=.<]{0,10}", 0..3);
    let first = (runtime(), prop_oneof![words(), script], env, port, resources, mounts, packages);
    (first, check(), maybe(check()), maybe(check()), 0..1000u32).prop_map(
        |((runtime, command, env, fixed_port, resources, mounts, packages), readiness, startup, liveness, grace)| {
            if let Runtime::External { .. } = runtime {
                let method = if let Probe::Exec { .. } = readiness.method { Probe::Tcp } else { readiness.method };
                let readiness = Check { method, ..readiness };
                return Workload { runtime, readiness, grace_seconds: 30, ..Workload::default() };
            }
            let is_process = runtime == Runtime::Process;
            let mount = |(target, (source, read_only)): (String, (String, bool))| Mount {
                source: if is_process { target.clone() } else { source },
                target,
                read_only,
            };
            let shm_mib = if is_process { None } else { resources.shm_mib };
            Workload {
                runtime,
                command,
                env: env.into_iter().collect(),
                fixed_port,
                readiness,
                startup,
                liveness,
                grace_seconds: grace,
                resources: Resources { shm_mib, ..resources },
                mounts: mounts.into_iter().map(mount).collect(),
                python_packages: packages,
                restart: 0,
            }
        },
    )
}

fn balance() -> impl Strategy<Value = Balance> {
    prop_oneof![
        Just(Balance::RoundRobin),
        Just(Balance::LeastRequests),
        Just(Balance::PeakEwma),
        (1..5000u32, 100..400u16).prop_map(|(bytes, load_percent)| Balance::PrefixAffinity { bytes, load_percent }),
        "[a-z][a-z-]{0,8}".prop_map(|name| Balance::ConsistentHash { on: HashOn::Header(name) }),
        "[A-Za-z]{1,8}".prop_map(|name| Balance::ConsistentHash { on: HashOn::Cookie(name) }),
        Just(Balance::ConsistentHash { on: HashOn::Address }),
    ]
}

fn traffic() -> impl Strategy<Value = ServiceTraffic> {
    let timeouts = (100..60_000u64, 100..600_000u64, 100..600_000u64, 100..600_000u64).prop_map(
        |(connect_ms, first_byte_ms, idle_ms, request_ms)| Timeouts { connect_ms, first_byte_ms, idle_ms, request_ms },
    );
    let number = || maybe(1..1_000_000u32);
    let ms = || maybe(100..1_000_000u64);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let limits = (number(), number(), number(), number(), maybe(0..1_000_000u32));
    (flags, limits, (ms(), ms(), ms(), ms(), ms()), maybe(timeouts), maybe(balance())).prop_map(
        |((grpc, pass_token, observe), limits, times, timeouts, balance)| ServiceTraffic {
            grpc,
            rate: limits.0,
            replica_rate: limits.1,
            in_flight: limits.2,
            replica_in_flight: limits.3,
            queue: limits.4,
            queue_wait_ms: times.0,
            request_ms: times.1,
            timeouts,
            balance,
            body_limit: times.2,
            pass_token,
            observe,
            keep_alive_ms: times.3,
            slow_start_ms: times.4,
        },
    )
}

fn rollout() -> impl Strategy<Value = RolloutPolicy> {
    let some = share().prop_filter("not none", |share| !matches!(share, Share::Count(0) | Share::Percent(0)));
    let batch = (some, maybe(0..86_400u32)).prop_map(|(size, interval_seconds)| Batch { size, interval_seconds });
    (share(), share(), maybe(batch), 0..86_400u32, maybe(0..=100u8), any::<bool>()).prop_map(
        |(max_surge, max_unavailable, batch, progress_seconds, max_errors_percent, roll_back)| RolloutPolicy {
            max_surge,
            max_unavailable,
            batch,
            progress_seconds,
            max_errors_percent,
            roll_back,
        },
    )
}

fn scaling() -> impl Strategy<Value = Autoscaler> {
    let metrics = [Metric::Qps, Metric::InFlight, Metric::Cpu, Metric::Gpu, Metric::Queue];
    let targets = prop::collection::btree_map(prop::sample::select(metrics.to_vec()), 1..=100u32, 1..5);
    let zero = (10..1000u32, 1..100u32, 1..1000u32, 1000..100_000u64)
        .prop_map(|(idle_seconds, start, length, ms)| ToZero { idle_seconds, start, hold_length: length, hold_ms: ms });
    (1..50u32, 0..50u32, targets, 0..1000u32, 0..1000u32, maybe(zero)).prop_map(
        |(min, more, targets, up_seconds, down_seconds, zero)| Autoscaler {
            min,
            max: min + more,
            targets: targets.into_iter().map(|(metric, value)| Target { metric, value }).collect(),
            up_seconds,
            down_seconds,
            zero,
        },
    )
}

/// Everything that a document can say.
pub(super) fn service() -> impl Strategy<Value = CheckedDraft> {
    let labels = prop::collection::btree_map("[a-z][a-z.]{0,6}[a-z]", "[a-z0-9]{0,6}", 0..4);
    let ids = (maybe(id("gw-")), maybe(id("vpc-")), maybe(id("vsw-")), maybe(id("ws-")));
    let names = ("[a-y][a-z0-9_]{0,12}", maybe("z[a-z0-9_]{0,12}"), labels, maybe("[!-~]{16,40}"));
    (ids, names, workload(), traffic(), rollout(), maybe(scaling()), 1..=100u32).prop_map(
        |(ids, (name, group, labels, token), workload, traffic, rollout, scaling, replicas)| {
            let parsed = |text: &String| text.parse().ok();
            let mut draft = CheckedDraft {
                name: ServiceName::parse(&name).unwrap(),
                gateway_id: ids.0.map(|text| text.parse().unwrap()),
                vpc_id: ids.1.map(|text| text.parse().unwrap()),
                vswitch_id: ids.2.map(|text| text.parse().unwrap()),
                workspace_id: ids.3.as_ref().and_then(parsed),
                group: group.map(|group| ServiceName::parse(&group).unwrap()),
                labels: of(&labels),
                token: token.map(Secret::new),
                replicas,
                scaling,
                spec: ServiceSpec { workload, traffic, rollout, vswitch_id: None },
            };
            fit(&mut draft);
            draft
        },
    )
}

fn of(labels: &BTreeMap<String, String>) -> Labels {
    Labels::of(labels.iter().map(|(key, value)| (key.as_str(), value.as_str()))).unwrap()
}

/// Makes one part agree with the others.
fn fit(draft: &mut CheckedDraft) {
    if let Runtime::External { addresses, .. } = &draft.spec.workload.runtime {
        draft.replicas = u32::try_from(addresses.len()).unwrap();
        draft.scaling = None;
        draft.spec.rollout = RolloutPolicy::default();
        return;
    }
    if let Some(scaling) = &draft.scaling {
        draft.replicas = draft.replicas.clamp(scaling.min, scaling.max);
    }
    let most = draft.scaling.as_ref().map_or(draft.replicas, |scaling| scaling.max);
    if draft.spec.workload.runtime == Runtime::Process && most > 1 {
        draft.spec.workload.fixed_port = None;
    }
}
