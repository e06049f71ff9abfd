//! Lines of months, worked out by hand.

use super::*;
use crate::id::{GatewayId, RANDOM_LEN};
use crate::money::{Cents, Price};
use crate::spec::Spec;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn gateway() -> GatewayId {
    GatewayId::from_random([1; RANDOM_LEN])
}

fn list(number: i64, from: &str, prices: &[(Tariff, &str)]) -> PriceList {
    let price = |text: &str| Price::parse(text).expect("a price");
    let prices = prices.iter().map(|(tariff, text)| (*tariff, price(text))).collect();
    PriceList { number, valid_from: at(from), prices }
}

fn span(item: Item, detail: &str, quantity: u64, from: &str, until: Option<&str>) -> Span {
    let run = Run { item, detail: detail.into(), quantity };
    Span { gateway_id: gateway(), run, from: at(from), until: until.map(at) }
}

fn ledger(lists: Vec<PriceList>, spans: Vec<Span>) -> Ledger {
    Ledger { prices: Prices::new(lists), spans, ..Ledger::default() }
}

fn of(ledger: &Ledger, month: &str, now: &str) -> Vec<(Item, String, u64, i64)> {
    let lines = lines(ledger, Month::parse(month).expect("a month"), at(now));
    lines.into_iter().map(|line| (line.item, line.detail, line.quantity, line.amount.0)).collect()
}

const SMALL: Tariff = Tariff::NodeHour(Spec::C2G4);
const LARGE: Tariff = Tariff::NodeHour(Spec::C4G8);

#[test]
fn months() {
    for (text, days) in [("2028-02", 29), ("2026-02", 28), ("2026-12", 31), ("2026-11", 30)] {
        let month = Month::parse(text).expect("a month");
        assert_eq!((month.end() - month.start()).num_days(), days, "{text}");
        assert_eq!((month.to_string(), month.next().previous()), (text.into(), month));
        assert_eq!(Month::of(month.end() - TimeDelta::seconds(1)), month);
    }
    for text in ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "+026-01", "2026-11-01", "1969-12", "=2026-1"] {
        assert!(Month::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_resize_in_mid_month_is_two_lines_to_the_second() {
    let ledger = ledger(
        vec![list(1, "2026-01-01T00:00:00Z", &[(SMALL, "0.36"), (LARGE, "0.72")])],
        vec![
            // Both ends of a second belong to one of the two.
            span(Item::Nodes, "2c4g", 2, "2026-11-10T10:00:00.9Z", Some("2026-11-10T11:00:00.4Z")),
            span(Item::Nodes, "4c8g", 3, "2026-11-10T11:00:00.4Z", None),
        ],
    );
    let lines = of(&ledger, "2026-11", "2026-11-10T11:10:00Z");
    assert_eq!(lines, [(Item::Nodes, "2c4g".into(), 7_200, 72), (Item::Nodes, "4c8g".into(), 1_800, 36)]);
    assert_eq!(of(&ledger, "2026-10", "2026-11-10T11:10:00Z"), []);
    assert_eq!(of(&ledger, "2026-12", "2026-11-10T11:10:00Z"), [], "nobody knows yet");
    // All of February, a leap year's.
    let lines = of(&ledger, "2028-02", "2030-01-01T00:00:00Z");
    assert_eq!(lines, [(Item::Nodes, "4c8g".into(), 3 * 29 * 86_400, 3 * 29 * 24 * 72)]);
}

#[test]
fn a_new_price_counts_from_then_on() {
    let ledger = ledger(
        vec![
            list(2, "2026-11-10T10:30:00Z", &[(SMALL, "1")]),
            list(1, "2026-11-10T10:10:00Z", &[(SMALL, "0.5")]),
            // Of two that begin together the later one holds.
            list(3, "2026-11-10T10:30:00Z", &[(SMALL, "2")]),
        ],
        vec![span(Item::Nodes, "2c4g", 1, "2026-11-10T10:00:00Z", Some("2026-11-10T11:00:00Z"))],
    );
    let mut lines = lines(&ledger, Month::parse("2026-11").expect("a month"), at("2026-11-20T00:00:00Z"));
    lines.sort_by_key(|line| line.from);
    let told: Vec<_> = lines.iter().map(|line| (line.quantity, line.price.to_string(), line.amount.0)).collect();
    assert_eq!(told, [(600, "0".into(), 0), (1_200, "0.5".into(), 17), (1_800, "2".into(), 100)]);
    let total: Cents = lines.iter().map(|line| line.amount).sum();
    assert_eq!(total, Cents(117));
    assert_eq!((lines[1].from, lines[1].until), (at("2026-11-10T10:10:00Z"), at("2026-11-10T10:30:00Z")));
}

#[test]
fn what_is_counted_has_the_price_of_its_part_of_the_hour() {
    let mut ledger = ledger(
        vec![
            list(1, "2026-11-01T00:00:00Z", &[(Tariff::PublicGigabyte, "0.1")]),
            list(2, "2026-11-10T10:30:00Z", &[(Tariff::PublicGigabyte, "0.2"), (Tariff::AlbUnitHour, "36")]),
        ],
        Vec::new(),
    );
    let mut used = |item, since: &str, quantity| {
        ledger.usage.push(UsageOf { gateway_id: gateway(), item, detail: String::new(), since: at(since), quantity });
    };
    used(Item::PublicTraffic, "2026-10-31T23:00:00Z", 7);
    used(Item::PublicTraffic, "2026-11-10T09:00:00Z", 1_000_000_000);
    used(Item::PublicTraffic, "2026-11-10T10:00:00Z", 4_000_000_000);
    used(Item::PublicTraffic, "2026-11-10T10:30:00Z", 3_000_000_000);
    used(Item::AlbUnits, "2026-11-10T10:30:00Z", 50_000);
    let lines = of(&ledger, "2026-11", "2026-11-20T00:00:00Z");
    let public = Item::PublicTraffic;
    let expected = [(Item::AlbUnits, 50_000, 50), (public, 5_000_000_000, 50), (public, 3_000_000_000, 60)]
        .map(|(item, of, cost)| (item, String::new(), of, cost));
    assert_eq!(lines, expected);
}

#[test]
fn a_subscription_goes_by_calendar_months() {
    let first = Period::first(gateway(), at("2026-01-31T12:00:00Z"));
    let second = first.renewed();
    let third = second.renewed();
    let ends = [&first, &second, &third].map(|period| period.until.to_rfc3339());
    assert_eq!(ends, ["2026-02-28T12:00:00+00:00", "2026-03-31T12:00:00+00:00", "2026-04-30T12:00:00+00:00"]);
    assert_eq!((second.from, third.from), (first.until, second.until));
    assert_eq!(Period::first(gateway(), at("2028-01-30T00:00:00Z")).until, at("2028-02-29T00:00:00Z"));
}

#[test]
fn a_subscription_is_billed_at_its_beginning_and_the_time_behind_it_by_the_second() {
    let tariffs = [(SMALL, "0.36"), (Tariff::NodeMonth(Spec::C2G4), "100"), (Tariff::NodeMonth(Spec::C4G8), "250")];
    let mut ledger = ledger(
        vec![
            list(1, "2026-01-01T00:00:00Z", &tariffs),
            // Whoever subscribed keeps the price for the month.
            list(2, "2026-11-15T00:00:00Z", &[(SMALL, "0.36"), (Tariff::NodeMonth(Spec::C4G8), "999")]),
        ],
        vec![
            span(Item::Nodes, "2c4g", 2, "2026-11-01T00:00:00Z", Some("2026-11-21T00:00:00Z")),
            span(Item::Nodes, "4c8g", 2, "2026-11-21T00:00:00Z", Some("2026-11-26T00:00:00Z")),
            span(Item::Nodes, "2c4g", 1, "2026-11-26T00:00:00Z", None),
        ],
    );
    ledger.periods.push(Period::first(gateway(), at("2026-11-01T00:00:00Z")));
    let lines = |month: &str, now: &str| of(&ledger, month, now);
    let change = |detail: &str, rest, amount| (Item::SubscriptionChange, detail.to_owned(), rest, amount);
    let expected = [
        (Item::Subscription, "2c4g".into(), 2, 20_000),
        // 500 - 200 a month for ten days of thirty, then 100 - 500 for five.
        change("2 × 2c4g → 2 × 4c8g", 10 * 86_400, 10_000),
        change("2 × 4c8g → 1 × 2c4g", 5 * 86_400, -6_667),
    ];
    assert_eq!(lines("2026-11", "2026-11-30T00:00:00Z"), expected);
    assert_eq!(lines("2026-11", "2026-11-02T00:00:00Z"), expected[..1], "later orders are not known");
    // It was not renewed: from then on it is paid as it goes.
    assert_eq!(lines("2026-12", "2026-12-01T01:00:00Z"), [(Item::Nodes, "2c4g".into(), 3_600, 36)]);
}

#[test]
fn a_deleted_gateway_keeps_what_it_cost_and_is_not_renewed() {
    let lists = vec![list(1, "2026-01-01T00:00:00Z", &[(SMALL, "0.36"), (Tariff::NodeMonth(Spec::C2G4), "100")])];
    let spans = vec![span(Item::Nodes, "2c4g", 1, "2026-11-01T00:00:00Z", Some("2026-11-03T00:00:00Z"))];
    let mut ledger = ledger(lists, spans);
    ledger.periods.push(Period::first(gateway(), at("2026-11-01T00:00:00Z")));
    let paid = (Item::Subscription, "2c4g".into(), 1, 10_000);
    assert_eq!(of(&ledger, "2026-11", "2027-01-01T00:00:00Z"), [paid]);
    assert_eq!(of(&ledger, "2026-12", "2027-01-01T00:00:00Z"), []);
}

#[test]
fn prices_are_checked_where_they_are_typed() {
    let now = at("2026-11-10T10:00:00Z");
    let draft = |name: &str, price: &str, from: &str| PriceDraft {
        prices: BTreeMap::from([(name.to_owned(), price.to_owned())]),
        valid_from: from.into(),
    };
    let (prices, from) = draft("vpc_gb", "0.05", " 2026-11-11 ").validate(now).expect("valid");
    assert_eq!(prices, BTreeMap::from([(Tariff::VpcGigabyte, Price(50_000))]));
    assert_eq!(from, Some(at("2026-11-11T00:00:00Z")));
    assert_eq!(draft("vpc_gb", "0", "").validate(now), Ok((BTreeMap::new(), None)));
    for (name, price, day, field) in [
        ("vpc_gb", "-1", "", "vpc_gb"),
        ("vpc_gb", "1", "2026-11-10", "valid_from"),
        ("vpc_gb", "1", "2026-02-30", "valid_from"),
        ("vpc_gb", "1", "tomorrow", "valid_from"),
    ] {
        let errors = draft(name, price, day).validate(now).expect_err(price);
        assert!(errors.get(field).is_some(), "{price} {day}: {errors:?}");
    }
    for tariff in Tariff::all() {
        assert_eq!(Tariff::try_from(tariff.name().to_owned()), Ok(tariff));
        assert_eq!(tariff.field(), format!("draft[{}]", tariff.name()));
    }
}

proptest! {
    /// Whatever happens when, each second of each node is on exactly one line and at the price of that second.
    #[test]
    fn every_second_is_billed_once(
        cuts in prop::collection::btree_set(0u64..7_200, 1..6),
        changes in prop::collection::btree_map(0u64..7_200, 0i64..9, 0..5),
        nodes in prop::collection::vec(1u64..4, 6),
        paid in prop::option::of((0u64..7_200, 1u64..4_000)),
    ) {
        let start = at("2026-11-30T23:00:00Z");
        let after = |seconds: u64| start + TimeDelta::seconds(seconds as i64);
        let cuts: Vec<u64> = cuts.into_iter().collect();
        let mut spans = Vec::new();
        for (place, from) in cuts.iter().enumerate() {
            let run = Run { item: Item::Nodes, detail: "2c4g".into(), quantity: nodes[place] };
            spans.push(Span { gateway_id: gateway(), run, from: after(*from), until: cuts.get(place + 1).map(|at| after(*at)) });
        }
        let price = |(number, (from, hundreds)): (usize, (&u64, &i64))| PriceList {
            number: number as i64,
            valid_from: after(*from),
            prices: BTreeMap::from([(SMALL, Price(hundreds * 3_600_000_000))]),
        };
        let period = paid.map(|(from, long)| Period { until: after(from + long), ..Period::first(gateway(), after(from)) });
        let ledger = Ledger {
            prices: Prices::new(changes.iter().enumerate().map(price).collect()),
            spans,
            periods: period.into_iter().collect(),
            usage: Vec::new(),
        };
        let mut expected = 0;
        for second in 0..7_200 {
            let price = changes.range(..=second).next_back().map_or(0, |(_, hundreds)| *hundreds);
            let place = cuts.partition_point(|from| *from <= second);
            let running = place.checked_sub(1).map_or(0, |place| nodes[place]) as i64;
            let covered = paid.is_some_and(|(from, long)| (from..from + long).contains(&second));
            expected += if covered { 0 } else { price * running * 100 };
        }
        let of = |month: &str| lines(&ledger, Month::parse(month).expect("a month"), after(7_200));
        let both = [of("2026-11"), of("2026-12")].concat();
        let by_second = both.iter().filter(|line| line.item == Item::Nodes);
        prop_assert_eq!(by_second.map(|line| line.amount).sum::<Cents>(), Cents(expected));
    }
}
