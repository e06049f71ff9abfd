use crate::config::trial::{next, table};
use crate::config::{Changes, ConfigError, EndpointBook, Gateway, Table};
use crate::message::Fields;
use crate::route::service;
use domain::endpoint::Endpoint;
use domain::id::{AgentId, GatewayId, RANDOM_LEN, ReplicaId, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{GatewayConfig, Membership, Resource, ServiceConfig, Snapshot, TokenConfig};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What a service is in a test: its group, its weight there, and its ready replicas.
#[derive(Clone, Debug)]
struct Plan {
    group: Option<&'static str>,
    weight: Option<u32>,
    replicas: u8,
}

fn gateway_id() -> GatewayId {
    GatewayId::from_random([1; RANDOM_LEN])
}

fn service_id(at: usize) -> ServiceId {
    ServiceId::from_random([at as u8 + 2; RANDOM_LEN])
}

fn token(text: &str) -> TokenConfig {
    let id = TokenId::from_random([text.len() as u8; RANDOM_LEN]);
    TokenConfig { id, digest: Secret::new(text).digest(), expires_at: None, secret: None }
}

fn config(at: usize, name: &str, group: Option<Membership>) -> ServiceConfig {
    ServiceConfig {
        id: service_id(at),
        gateway_id: gateway_id(),
        name: name.into(),
        tokens: vec![token("own")],
        body_limit: 1,
        timeouts: Default::default(),
        policy: Default::default(),
        group,
    }
}

fn in_group(name: &str, weight: Option<u32>) -> Option<Membership> {
    Some(Membership { name: name.into(), weight, tokens: vec![token("group")], header: None })
}

fn snapshot(version: u64, services: impl IntoIterator<Item = ServiceConfig>) -> Snapshot {
    let gateway = GatewayConfig {
        id: gateway_id(),
        name: "g".into(),
        public: None,
        private: Vec::new(),
        capacity: <_>::default(),
        tls: <_>::default(),
        trusted_proxies: Vec::new(),
    };
    let services = services.into_iter().map(Resource::Service);
    Snapshot::from_resources(version, [Resource::Gateway(gateway)].into_iter().chain(services))
}

fn whole(snapshot: &Snapshot, book: &EndpointBook) -> Result<Table, ConfigError> {
    table(&Table::default(), &Snapshot::default(), snapshot, book)
}

fn the_gateway(table: &Table) -> &Arc<Gateway> {
    table.gateways.values().next().expect("a gateway")
}

fn refused(services: impl IntoIterator<Item = ServiceConfig>) -> String {
    let refused = whole(&snapshot(1, services), &EndpointBook::default());
    refused.map(|_| ()).expect_err("refused").to_string()
}

#[test]
fn a_path_means_one_service() {
    let of_g = || config(0, "a", in_group("g", None));
    assert!(refused([of_g(), config(1, "g", None)]).contains("a service and a group named g"));
    assert!(refused([of_g(), config(1, "g.a", None)]).contains("two services named g.a"));
    assert!(refused([config(0, "a", in_group("a", None))]).contains("a service and a group named a"));
    for name in ["", "G", "a.b", "a/b", " g", "%67"] {
        assert!(refused([config(0, "a", in_group(name, None))]).contains("not named like a service"), "{name}");
    }
    let mut other = config(1, "b", in_group("g", None));
    other.group.as_mut().expect("a group").tokens = vec![token("other")];
    assert!(refused([of_g(), other]).contains("different tokens for their group g"));
}

#[test]
fn a_new_token_for_all_at_once() {
    let both = |version, text: &str| {
        let services = [0, 1].map(|at| {
            let mut config = config(at, NAMES[at], in_group("g", None));
            config.group.as_mut().expect("a group").tokens = vec![token(text)];
            config
        });
        snapshot(version, services)
    };
    let (old, new) = (both(1, "group"), both(2, "other"));
    let (book, mut half) = (EndpointBook::default(), old.clone());
    half.put(new.resources().last().expect("a service").clone());
    let before = whole(&old, &book).expect("a table");
    assert!(table(&before, &old, &half, &book).is_err(), "one request could be let in and the next one not");
    assert!(table(&before, &old, &new, &book).is_ok());
}

#[test]
fn what_did_not_change_is_not_compiled_again() {
    let groups = ["g", "g", "h", "h"];
    let all = |weight| {
        let config = |at: usize| config(at, NAMES[at], in_group(groups[at], (at == 0).then_some(weight)));
        (0..4).map(config).collect::<Vec<_>>()
    };
    let (old, new) = (snapshot(1, all(1)), snapshot(2, all(2)));
    let book = EndpointBook::default();
    let before = whole(&old, &book).expect("a table");
    let after = table(&before, &old, &new, &book).expect("a table");
    let (before, after) = (the_gateway(&before), the_gateway(&after));
    for (at, name) in NAMES.iter().enumerate() {
        assert_eq!(
            Arc::ptr_eq(before.services.get(*name).expect("it"), after.services.get(*name).expect("it")),
            at != 0,
            "{name}"
        );
    }
    let group = |gateway: &Gateway, name: &str| gateway.groups.get(name).expect("a group").clone();
    assert!(Arc::ptr_eq(&group(before, "h"), &group(after, "h")));
    assert!(Arc::ptr_eq(&group(before, "g").turn, &group(after, "g").turn));
}

fn configs(plans: &[Option<Plan>]) -> Vec<ServiceConfig> {
    let config = |(at, plan): (usize, &Option<Plan>)| {
        let plan = plan.as_ref()?;
        Some(config(at, NAMES[at], plan.group.and_then(|group| in_group(group, plan.weight))))
    };
    plans.iter().enumerate().filter_map(config).collect()
}

fn endpoints(plans: &[Option<Plan>]) -> Vec<Endpoint> {
    let endpoint = |at: usize, n: u8| Endpoint {
        service_id: service_id(at),
        replica_id: ReplicaId::from_random([at as u8 * 16 + n; RANDOM_LEN]),
        address: ([127, 0, 0, 1], 1000 + at as u16 * 16 + u16::from(n)).into(),
        weight: domain::endpoint::DEFAULT_WEIGHT,
    };
    let of = |(at, plan): (usize, &Option<Plan>)| {
        let replicas = plan.as_ref().map_or(0, |plan| plan.replicas);
        (0..replicas).map(move |n| endpoint(at, n)).collect::<Vec<_>>()
    };
    plans.iter().enumerate().flat_map(of).collect()
}

/// Each service's part of what is sent to a group, said slowly.
fn meant(plans: &[Option<Plan>], group: &str) -> BTreeMap<usize, f64> {
    let all = || plans.iter().enumerate().filter_map(|(at, plan)| Some((at, plan.as_ref()?)));
    let members = || all().filter(|(_, plan)| plan.group == Some(group));
    let weight = |plan: &Plan| plan.weight.unwrap_or(u32::from(plan.replicas.max(1)));
    let is_ready = |(_, plan): &(usize, &Plan)| plan.replicas > 0 && weight(plan) > 0;
    let some_ready = members().any(|member| is_ready(&member));
    let taking: Vec<_> = members().filter(|member| !some_ready || is_ready(member)).collect();
    let sum: u32 = taking.iter().map(|(_, plan)| weight(plan)).sum();
    let share = |plan: &Plan| f64::from(weight(plan)) / f64::from(sum);
    taking.into_iter().filter(|(_, plan)| weight(plan) > 0).map(|(at, plan)| (at, share(plan))).collect()
}

fn plan() -> impl Strategy<Value = Option<Plan>> {
    let group = prop_oneof![Just(None), Just(Some("g")), Just(Some("h")), Just(Some("a"))];
    let plan = (group, prop::option::of(0u32..4), 0u8..3);
    prop::option::weighted(0.8, plan.prop_map(|(group, weight, replicas)| Plan { group, weight, replicas }))
}

proptest! {
    /// Step by step or at once, the table is the same, and it says what the plans say.
    #[test]
    fn changed_is_as_built_anew(steps in prop::collection::vec(prop::collection::vec(plan(), 4), 1..6)) {
        let (mut now, mut old) = (Table::default(), Snapshot::default());
        let mut book = EndpointBook::default();
        let agent = AgentId::from_random([9; RANDOM_LEN]);
        for plans in steps {
            let new = snapshot(old.version + 1, configs(&plans));
            let told = book.replace(agent.clone(), endpoints(&plans));
            now = next(&now, &Changes::of_endpoints(told, &old), &old, &book).expect("replicas change no names");
            let grouped = |name| plans.iter().flatten().any(|plan| plan.group == Some(name));
            let changed = table(&now, &old, &new, &book);
            prop_assert_eq!(whole(&new, &book).is_ok(), changed.is_ok());
            let Ok(changed) = changed else {
                prop_assert!(grouped("a") && plans[0].is_some(), "the only name that is shared");
                continue;
            };
            let gateway = the_gateway(&changed);
            for (at, name) in NAMES.iter().enumerate() {
                let plan = plans[at].as_ref();
                let found = |name: &str| service(gateway, name, &Fields::default()).ok().map(|found| (found.id.clone(), found.tokens[0].id.clone()));
                let own = plan.map(|_| (service_id(at), token("own").id));
                let is_group = plan.is_none() && grouped(name);
                prop_assert!(is_group || found(name) == own);
                for group in ["g", "h", "a", "x", ""] {
                    let within = plan.filter(|plan| plan.group == Some(group)).and(own.clone());
                    prop_assert_eq!(found(&format!("{group}.{name}")), within);
                }
            }
            for name in ["g", "h", "a"].into_iter().filter(|name| grouped(name)) {
                let mut got = BTreeMap::<_, u32>::new();
                for _ in 0..200 {
                    if let Ok(found) = service(gateway, name, &Fields::default()) {
                        prop_assert_eq!(&found.tokens[0].id, &token("group").id);
                        *got.entry(found.id.clone()).or_default() += 1;
                    }
                }
                let meant = meant(&plans, name);
                prop_assert_eq!(got.len(), meant.len(), "{:?}", got);
                for (at, share) in meant {
                    let got = f64::from(got[&service_id(at)]);
                    prop_assert!((got - 200.0 * share).abs() <= 8.0, "{} of {}", got, 200.0 * share);
                }
            }
            (now, old) = (changed, new);
        }
    }
}
