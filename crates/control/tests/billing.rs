//! What gateways cost, to the cent: by a clock that the test moves, on a real store, over consoles that come and go.

mod house;

use chrono::{DateTime, TimeDelta, Utc};
use control::{Clock, ControlError, Installation, hub};
use domain::billing::{Item, Month, PriceDraft};
use domain::gateway::{AlbDraft, ManagedDraft, SizeDraft};
use domain::id::{GatewayId, OrderId, RANDOM_LEN, VpcId, WorkspaceId};
use domain::network::LinkDraft;
use domain::order::Order;
use domain::role::{Permission, Role};
use domain::snapshot::Snapshot;
use domain::spec::Spec;
use house::{Engine, House, draft, house_in};
use identity::Principal;
use link::message::{EngineDown, EngineUp};
use link::telemetry::{Counters, GatewayCounters, SideBytes, Telemetry};
use std::collections::BTreeMap;
use tokio_stream::StreamExt;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// In the middle of a second, like most things.
const START: &str = "2026-11-10T10:00:00.4Z";

struct Bills {
    house: House,
    clock: Clock,
    now: DateTime<Utc>,
}

impl Bills {
    async fn new() -> Self {
        let clock = Clock::by_hand(at(START));
        let folder = tempfile::tempdir().expect("a folder");
        let house = house_in(folder, clock.clone(), Installation::default()).await;
        Self { house, clock, now: at(START) }
    }

    fn wait(&mut self, time: TimeDelta) {
        self.now += time;
        self.clock.set(self.now);
    }

    /// As after SIGKILL: nothing is told to the console before it is gone.
    async fn restart(&mut self) {
        let folder = std::mem::replace(&mut self.house.folder, tempfile::tempdir().expect("a folder"));
        self.house.control.store().close().await;
        self.house = house_in(folder, self.clock.clone(), Installation::default()).await;
    }

    async fn prices(&self, seen: i64, prices: &[(&str, &str)]) {
        let set = self.house.control.set_prices(&self.house.principal, seen, &typed(prices)).await;
        assert!(set.expect("sets"), "it is a change");
    }

    /// Item, detail, quantity and cents of all lines.
    async fn lines(&self, month: &str) -> Vec<(Item, String, u64, i64)> {
        let month = Month::parse(month).expect("a month");
        let cost = self.house.control.cost(&self.house.principal, Some(month), None).await.expect("reads");
        let sum: i64 = cost.lines.iter().map(|line| line.line.amount.0).sum();
        assert_eq!(cost.total.0, sum, "the total is that of the lines");
        let lines = cost.lines.into_iter().map(|line| line.line);
        lines.map(|line| (line.item, line.detail, line.quantity, line.amount.0)).collect()
    }

    async fn resize(&self, id: &GatewayId, spec: &str, nodes: &str) {
        let (control, principal) = (&self.house.control, &self.house.principal);
        let size = SizeDraft { spec: spec.into(), nodes: nodes.into() };
        assert!(control.resize_gateway(principal, id, self.house.revision(id), &size).await.expect("resizes"));
    }

    async fn subscribe(&self, name: &str) -> GatewayId {
        let draft = ManagedDraft { charge: "PrePaid".into(), ..draft(name) };
        self.house.control.buy_managed_gateway(&self.house.principal, &draft).await.expect("buys")
    }

    fn vpc(&self) -> VpcId {
        self.house.control.desired().networks.vpcs.keys().next().expect("the seeded one").clone()
    }
}

fn typed(prices: &[(&str, &str)]) -> PriceDraft {
    let prices = prices.iter().map(|(name, price)| ((*name).to_owned(), (*price).to_owned())).collect();
    PriceDraft { prices, valid_from: String::new() }
}

const HOUR: TimeDelta = TimeDelta::hours(1);

#[tokio::test]
async fn nodes_cost_by_the_second_across_a_resize_a_restart_and_the_end() {
    let mut bills = Bills::new().await;
    let unpriced = bills.house.control.cost(&bills.house.principal, None, None).await.expect("reads");
    assert!(!unpriced.has_prices && unpriced.lines.is_empty());
    bills.prices(0, &[("node_hour_2c4g", "0.36"), ("node_hour_4c8g", "0.5")]).await;
    let id = bills.house.gateway("first").await;
    bills.wait(HOUR * 10 + TimeDelta::milliseconds(700));
    bills.resize(&id, "4c8g", "3").await;
    bills.restart().await;
    bills.wait(TimeDelta::seconds(1_801));
    // 3 × 1801 s at 0.5 an hour are 75.04 cents.
    let small = (Item::Nodes, "2c4g".to_owned(), 2 * 36_001, 720);
    let large = (Item::Nodes, "4c8g".to_owned(), 3 * 1_801, 75);
    assert_eq!(bills.lines("2026-11").await, [small.clone(), large.clone()]);
    // From now on it costs more; what ran before does not.
    bills.prices(1, &[("node_hour_4c8g", "3.6")]).await;
    bills.wait(TimeDelta::seconds(100));
    let dearer = (Item::Nodes, "4c8g".to_owned(), 300, 30);
    let all = [small, large, dearer];
    assert_eq!(bills.lines("2026-11").await, all);
    let (control, principal) = (&bills.house.control, &bills.house.principal);
    control.delete_gateway(principal, &id, bills.house.revision(&id), "first").await.expect("deletes");
    bills.wait(HOUR * 24 * 60);
    bills.restart().await;
    assert_eq!(bills.lines("2026-11").await, all, "what it cost stays");
    assert_eq!(bills.lines("2026-12").await, []);
    let cost = bills.house.control.cost(&bills.house.principal, None, Some(&id)).await.expect("is known");
    assert_eq!(cost.month.to_string(), "2027-01");
}

#[tokio::test]
async fn a_vpc_costs_while_it_is_linked() {
    let mut bills = Bills::new().await;
    bills.prices(0, &[("vpc_hour", "0.01")]).await;
    let id = bills.house.gateway("first").await;
    let socket = bills.house.folder.path().join("link.sock");
    let serving = tokio::spawn({
        let control = bills.house.control.clone();
        async move { hub::serve(control, &socket, std::future::pending()).await }
    });
    // It says that its host has the loopback addresses.
    let engine = Engine::connect(&bills.house, Snapshot::default()).await;
    let vpc = bills.vpc();
    let (control, principal) = (bills.house.control.clone(), bills.house.principal.clone());
    house::until("the engine", || !control.observed().engines.is_empty()).await;
    let vswitches = control.desired().networks.vswitches.keys().take(1).map(ToString::to_string).collect();
    let draft = LinkDraft { vpc: vpc.to_string(), vswitches, authoritative_dns: false };
    control.link_vpc(&principal, &id, bills.house.revision(&id), &draft).await.expect("links");
    bills.wait(HOUR * 3);
    // Another edit of the gateway begins nothing anew.
    control.set_portal(&principal, &id, bills.house.revision(&id), true).await.expect("turns on");
    bills.wait(HOUR * 2);
    control.unlink_vpc(&principal, &id, bills.house.revision(&id), &vpc).await.expect("unlinks");
    bills.wait(HOUR);
    drop(engine);
    serving.abort();
    bills.restart().await;
    let links: Vec<_> = bills.lines("2026-11").await.into_iter().filter(|line| line.0 == Item::VpcLink).collect();
    assert_eq!(links, [(Item::VpcLink, vpc.to_string(), 5 * 3_600, 5)]);
}

/// What an engine that was started at this second says it counted: bytes of the public side and of a VPC.
fn counted(sequence: u64, started: i64, gateway: &GatewayId, public: u64, vpc: Option<(&VpcId, u64)>) -> EngineUp {
    let side = |vpc: Option<&VpcId>, bytes: u64| SideBytes { vpc: vpc.cloned(), bytes_in: 1, bytes_out: bytes - 1 };
    let sides = std::iter::once(side(None, public)).chain(vpc.map(|(vpc, bytes)| side(Some(vpc), bytes)));
    let counters = GatewayCounters {
        gateway_id: gateway.clone(),
        cpu_us: 0,
        sides: sides.collect(),
        counters: Counters::default(),
    };
    EngineUp::Telemetry(Telemetry {
        sequence,
        // As exact as an engine's clock.
        started_at: DateTime::from_timestamp(started, 123_456_789).expect("a time"),
        gateways: vec![counters],
        ..Telemetry::default()
    })
}

/// Says it over a connection of its own, and waits until the console has heard it.
async fn say(bills: &Bills, said: EngineUp) {
    let socket = bills.house.folder.path().join("link.sock");
    let _ = std::fs::remove_file(&socket);
    let control = bills.house.control.clone();
    let serving = tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
    let mut engine = Engine::connect(&bills.house, Snapshot::default()).await;
    engine.say(said).await;
    while !matches!(engine.down.next().await, Some(Ok(EngineDown::TelemetryReceived { .. }))) {}
    serving.abort();
}

#[tokio::test]
async fn bytes_are_neither_lost_nor_doubled_whoever_is_killed() {
    const GB: u64 = 1_000_000_000;
    let mut bills = Bills::new().await;
    bills.prices(0, &[("public_gb", "1"), ("vpc_gb", "0.1")]).await;
    let id = bills.house.gateway("first").await;
    let vpc = bills.vpc();
    say(&bills, counted(1, 50, &id, GB, Some((&vpc, 10 * GB)))).await;
    // It was heard, but the console dies before it is stored; the engine says its totals to the next one.
    bills.restart().await;
    assert!(bills.lines("2026-11").await.iter().all(|line| line.0 == Item::Nodes), "nothing is stored");
    say(&bills, counted(2, 50, &id, 2 * GB, Some((&vpc, 11 * GB)))).await;
    bills.house.control.meter().await.expect("stores");
    // The same again, and after another restart less: a batch that was sent before.
    say(&bills, counted(2, 50, &id, 2 * GB, Some((&vpc, 11 * GB)))).await;
    bills.house.control.meter().await.expect("stores");
    bills.restart().await;
    say(&bills, counted(1, 50, &id, GB, Some((&vpc, 10 * GB)))).await;
    bills.house.control.meter().await.expect("stores");
    say(&bills, counted(3, 50, &id, 2 * GB, Some((&vpc, 11 * GB)))).await;
    bills.house.control.meter().await.expect("stores");
    // Another engine process begins at nothing; the public side costs twice as much from now on.
    say(&bills, counted(1, 60, &id, GB, None)).await;
    bills.wait(TimeDelta::minutes(30));
    bills.prices(1, &[("public_gb", "2"), ("vpc_gb", "0.1")]).await;
    say(&bills, counted(2, 60, &id, 4 * GB, Some((&vpc, 5)))).await;
    bills.house.control.meter().await.expect("stores");
    bills.wait(TimeDelta::minutes(1));
    let traffic: Vec<_> = bills.lines("2026-11").await.into_iter().filter(|line| line.0 != Item::Nodes).collect();
    let public = |quantity, cents| (Item::PublicTraffic, String::new(), quantity, cents);
    // The VPC's price did not change, so it is one line.
    let of_vpc = (Item::VpcTraffic, vpc.to_string(), 11 * GB + 5, 110);
    assert_eq!(traffic, [of_vpc, public(3 * GB, 300), public(3 * GB, 600)]);
    let csv = bills.house.control.cost_csv(&bills.house.principal, None, Some(&id)).await.expect("writes");
    assert!(csv.contains(",public_traffic,,") && csv.contains(",3000000000,byte,2,1000000000,6.00,USD\r\n"), "{csv}");
}

#[tokio::test]
async fn capacity_units_are_counted_in_seconds() {
    let mut bills = Bills::new().await;
    bills.prices(0, &[("alb_unit_hour", "0.1")]).await;
    let id = bills.house.gateway("first").await;
    for _ in 0..2 {
        bills.house.control.units_used(&BTreeMap::from([(id.clone(), 60_000)]), 30);
        bills.house.control.meter().await.expect("stores");
        bills.house.control.meter().await.expect("stores nothing twice");
    }
    bills.wait(HOUR);
    let units: Vec<_> = bills.lines("2026-11").await.into_iter().filter(|line| line.0 == Item::AlbUnits).collect();
    assert_eq!(units, [(Item::AlbUnits, String::new(), 3_600_000, 10)]);
}

#[tokio::test]
async fn a_subscription_goes_on_only_if_it_shall() {
    let mut bills = Bills::new().await;
    bills.prices(0, &[("node_month_2c4g", "30"), ("node_hour_2c4g", "0.36")]).await;
    let id = bills.subscribe("first").await;
    let (control, principal) = (bills.house.control.clone(), bills.house.principal.clone());
    let bought = control.subscription(&principal, &id).await.expect("reads").expect("there is one");
    assert_eq!((bought.until, bought.renews, bought.expired), (at("2026-12-10T10:00:00.4Z"), false, false));
    bills.wait(TimeDelta::seconds(2));
    let month = |nodes, cents| (Item::Subscription, "2c4g".to_owned(), nodes, cents);
    assert_eq!(bills.lines("2026-11").await, [month(2, 6_000)]);

    // Renewed twice while no console ran, from the end of each month on.
    assert!(control.set_renewal(&principal, &id, 1, true).await.expect("sets"));
    assert!(!control.set_renewal(&principal, &id, 1, true).await.expect("is so"), "nothing to change");
    bills.wait(TimeDelta::days(70));
    bills.restart().await;
    let (control, principal) = (bills.house.control.clone(), bills.house.principal.clone());
    let now = control.subscription(&principal, &id).await.expect("reads").expect("there is one");
    assert_eq!((now.until, now.expired), (at("2027-02-10T10:00:00.4Z"), false));
    assert_eq!(bills.lines("2026-12").await, [month(2, 6_000)]);
    assert_eq!(bills.lines("2027-01").await, [month(2, 6_000)]);

    // No more: it expires, and runs on by the second.
    assert!(control.set_renewal(&principal, &id, 1, false).await.expect("sets"));
    bills.now = at("2027-02-10T12:00:00.4Z");
    bills.wait(TimeDelta::zero());
    assert!(control.subscription(&principal, &id).await.expect("reads").expect("there was one").expired);
    let by_the_second = (Item::Nodes, "2c4g".to_owned(), 2 * 7_200, 144);
    assert_eq!(bills.lines("2027-02").await, std::slice::from_ref(&by_the_second));
    // Taken up again: from now on, not from when it expired.
    assert!(control.set_renewal(&principal, &id, 1, true).await.expect("sets"));
    bills.wait(HOUR);
    assert_eq!(bills.lines("2027-02").await, [by_the_second, month(2, 6_000)]);
    let actions: Vec<_> = control.store().audit(&principal.workspace_id, None, 3).await.expect("reads");
    assert!(actions.iter().all(|row| row.action == "gateway.renewal"), "{actions:?}");
}

#[tokio::test]
async fn a_bigger_size_costs_its_part_of_the_month() {
    let mut bills = Bills::new().await;
    bills.prices(0, &[("node_month_2c4g", "30"), ("node_month_4c8g", "60")]).await;
    let id = bills.subscribe("first").await;
    bills.wait(TimeDelta::days(20));
    bills.resize(&id, "4c8g", "2").await;
    bills.wait(TimeDelta::seconds(1));
    let lines = bills.lines("2026-11").await;
    let change = (Item::SubscriptionChange, "2 × 2c4g → 2 × 4c8g".to_owned(), 864_000, 2_000);
    assert_eq!(lines, [(Item::Subscription, "2c4g".into(), 2, 6_000), change]);
}

#[tokio::test]
async fn a_database_from_before_there_was_billing_is_billed_from_its_orders_on() {
    let mut bills = Bills::new().await;
    let id = bills.house.gateway("template").await;
    let mut gateway = bills.house.control.store().gateway(&id).await.expect("reads").expect("is there");
    gateway.id = GatewayId::from_random([7; RANDOM_LEN]);
    gateway.name = domain::name::GatewayName::parse("old").expect("valid");
    gateway.created_at = bills.now - HOUR * 9;
    let order = |n: u8, spec, nodes, ago: i32| Order {
        id: OrderId::from_random([n; RANDOM_LEN]),
        gateway_id: gateway.id.clone(),
        spec,
        nodes,
        charge: domain::gateway::ChargeType::PostPaid,
        ordered_by: bills.house.principal.user_id.clone(),
        ordered_at: bills.now - HOUR * ago,
    };
    // Written without what bills it, as the program before did.
    let mut tx = bills.house.control.store().begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    for order in [order(1, Spec::C4G8, 1, 9), order(2, Spec::C2G4, 2, 4)] {
        tx.insert_order(&order, &gateway.account_id, &gateway.workspace_id).await.expect("writes");
    }
    tx.commit().await.expect("commits");
    for _ in 0..2 {
        // Once more changes nothing.
        bills.restart().await;
    }
    let month = Some(Month::of(bills.now));
    let cost = bills.house.control.cost(&bills.house.principal, month, Some(&gateway.id)).await.expect("reads");
    let told: Vec<_> = cost.lines.iter().map(|line| (line.line.detail.as_str(), line.line.quantity)).collect();
    assert_eq!(told, [("4c8g", 5 * 3_600), ("2c4g", 2 * 4 * 3_600)]);
    assert_eq!(cost.lines[0].gateway_name, "old");
    let orders = bills.house.control.orders(&bills.house.principal, Some(&gateway.id), 1).await.expect("reads");
    let told: Vec<_> = orders.items.iter().map(|view| (view.order.nodes, view.is_first)).collect();
    assert_eq!((told, orders.total), (vec![(2, false), (1, true)], 2));
}

#[tokio::test]
async fn who_may_not_does_not_and_what_is_stale_is_refused() {
    let bills = Bills::new().await;
    let (control, principal) = (&bills.house.control, &bills.house.principal);
    let id = bills.house.gateway("first").await;
    let viewer = Principal { role: Role::Viewer, ..principal.clone() };
    let refused = control.set_prices(&viewer, 0, &typed(&[("vpc_gb", "1")])).await;
    assert!(matches!(refused, Err(ControlError::Forbidden { permission: Permission::ManagePrices })), "{refused:?}");
    assert!(control.set_renewal(&viewer, &id, 1, true).await.is_err());
    assert!(control.cost(&viewer, None, None).await.is_ok() && control.orders(&viewer, None, 1).await.is_ok());
    let wrong = control.set_prices(principal, 0, &typed(&[("vpc_gb", "-1"), ("alb_hour", "1.2.3")])).await;
    let Err(ControlError::Invalid(errors)) = wrong else { panic!("{wrong:?}") };
    assert!(errors.get("vpc_gb").is_some() && errors.get("alb_hour").is_some(), "{errors:?}");
    assert!(!control.set_prices(principal, 0, &typed(&[])).await.expect("is so"), "no prices are no change");
    bills.prices(0, &[("vpc_gb", "1")]).await;
    let stale = control.set_prices(principal, 0, &typed(&[("vpc_gb", "2")])).await;
    assert!(matches!(stale, Err(ControlError::Conflict { current: 1 })), "{stale:?}");
    let refused = control.set_renewal(principal, &id, 1, true).await;
    assert!(matches!(refused, Err(ControlError::NotSubscribed)), "{refused:?}");
    let stale = control.set_renewal(principal, &id, 0, true).await;
    assert!(matches!(stale, Err(ControlError::Conflict { .. })), "{stale:?}");

    // A day in the future: nothing costs anything else before.
    let later = PriceDraft { valid_from: "2026-12-24".into(), ..typed(&[("vpc_gb", "5")]) };
    assert!(control.set_prices(principal, 1, &later).await.expect("sets"));
    let prices = control.prices(principal).await.expect("reads");
    let current = prices.current.expect("there is one");
    assert_eq!((current.number, prices.revision, prices.history.len()), (1, 2, 2));
    assert_eq!(prices.history[0].list.valid_from, at("2026-12-24T00:00:00Z"));

    // Another workspace sees nothing of it.
    let stranger = Principal { workspace_id: WorkspaceId::from_random([9; RANDOM_LEN]), ..principal.clone() };
    assert!(control.cost(&stranger, None, None).await.expect("reads").lines.is_empty());
    assert_eq!(control.orders(&stranger, None, 1).await.expect("reads").total, 0);
    let foreign = control.cost(&stranger, None, Some(&id)).await;
    assert!(matches!(foreign, Err(ControlError::NotFound { .. })), "{foreign:?}");
    assert!(control.subscription(&stranger, &id).await.is_err());
}

#[tokio::test]
async fn an_alb_instance_costs_while_it_is_there() {
    let mut bills = Bills::new().await;
    bills.prices(0, &[("alb_hour", "0.36"), ("vpc_hour", "0.72")]).await;
    let (control, who) = (bills.house.control.clone(), bills.house.principal.clone());
    let socket = bills.house.folder.path().join("link.sock");
    let serving = control.clone();
    tokio::spawn(async move { hub::serve(serving, &socket, std::future::pending()).await });
    let _engine = Engine::connect(&bills.house, Snapshot::default()).await;
    house::until("the engine", || !control.observed().engines.is_empty()).await;
    control.grant_alb_role(&who).await.expect("grants");
    let id = control.create_alb_gateway(&who, &AlbDraft { name: "edge".into() }).await.expect("creates");
    bills.wait(HOUR);
    let lines = bills.lines("2026-11").await;
    assert!(lines.is_empty(), "a gateway without an access costs nothing: {lines:?}");
    let lo = control.networks(&who).expect("lists").vpcs.remove(0);
    let link = LinkDraft {
        vpc: lo.vpc.id.to_string(),
        vswitches: vec![lo.vswitches[0].vswitch.id.to_string()],
        authoritative_dns: false,
    };
    control.link_vpc(&who, &id, 1, &link).await.expect("links");
    let alb = control.gateway(&who, &id).expect("is there").alb.expect("has an instance").id.to_string();
    bills.wait(TimeDelta::seconds(100));
    control.unlink_vpc(&who, &id, 2, &lo.vpc.id).await.expect("unlinks");
    bills.wait(HOUR);
    let vpc = lo.vpc.id.to_string();
    assert_eq!(bills.lines("2026-11").await, [(Item::AlbInstance, alb, 100, 1), (Item::VpcLink, vpc, 100, 2)]);
}
