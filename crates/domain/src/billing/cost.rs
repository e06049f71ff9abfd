//! From what ran and was counted to the lines of a month.

use super::{Item, Month, Period, Prices, Span, Tariff, seconds, to_second};
use crate::id::GatewayId;
use crate::money::{Cents, Price};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was counted, in the part of an hour that one list of prices holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageOf {
    pub gateway_id: GatewayId,
    pub item: Item,
    pub detail: String,
    /// The hour's beginning, or that of the prices.
    pub since: DateTime<Utc>,
    pub quantity: u64,
}

/// All that a month's lines follow from. Spans that end or begin where the month does are in it.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub prices: Prices,
    pub spans: Vec<Span>,
    pub periods: Vec<Period>,
    pub usage: Vec<UsageOf>,
}

/// One line. `amount` is `quantity × price ÷ per`, rounded once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub gateway_id: GatewayId,
    pub item: Item,
    pub detail: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub quantity: u64,
    pub price: Price,
    /// How much of the quantity the price is for.
    pub per: u64,
    pub amount: Cents,
}

impl Line {
    /// The quantity in what the price is for, such as hours or gigabytes: a decimal number of at most six places.
    pub fn shown(&self) -> Price {
        let (per, quantity) = (u128::from(self.per.max(1)), u128::from(self.quantity));
        Price(i64::try_from((quantity * 1_000_000 + per / 2) / per).unwrap_or(i64::MAX))
    }
}

type Window = (DateTime<Utc>, DateTime<Utc>);
/// What is one line: the same thing at the same price.
type Key = (GatewayId, Item, String, Price, u64);

#[derive(Default)]
struct Sums(BTreeMap<Key, (DateTime<Utc>, DateTime<Utc>, u64)>);

impl Sums {
    fn add(&mut self, key: Key, (from, until): Window, quantity: u64) {
        let sum = self.0.entry(key).or_insert((from, until, 0));
        *sum = (sum.0.min(from), sum.1.max(until), sum.2.saturating_add(quantity));
    }
}

/// The lines of this month up to `now`, of each gateway together.
pub fn lines(ledger: &Ledger, month: Month, now: DateTime<Utc>) -> Vec<Line> {
    let window = (month.start(), month.end().min(to_second(now)));
    let (mut sums, paid) = (Sums::default(), by_gateway(&ledger.periods, |period| &period.gateway_id));
    for span in &ledger.spans {
        let paid = paid.get(&span.gateway_id).map(Vec::as_slice).unwrap_or_default();
        for part in not_subscribed(span, paid, now) {
            by_time(span, clip(part, window), &ledger.prices, &mut sums);
        }
    }
    for usage in ledger.usage.iter().filter(|usage| window.0 <= usage.since && usage.since < window.1) {
        let Some(tariff) = usage.item.tariff(&usage.detail) else { continue };
        let price = ledger.prices.at(usage.since, tariff);
        let key = (usage.gateway_id.clone(), usage.item, usage.detail.clone(), price, tariff.per());
        let hour = super::to_hour(usage.since) + TimeDelta::hours(1);
        sums.add(key, (usage.since, hour.min(window.1)), usage.quantity);
    }
    let line = |((gateway_id, item, detail, price, per), (from, until, quantity)): (Key, _)| Line {
        gateway_id,
        item,
        detail,
        from,
        until,
        quantity,
        price,
        per,
        amount: Cents::of(quantity, price, per),
    };
    let mut all: Vec<Line> = sums.0.into_iter().filter(|(_, sum)| sum.2 > 0).map(line).collect();
    let nodes = by_gateway(ledger.spans.iter().filter(|span| span.run.item == Item::Nodes), |span| &span.gateway_id);
    for period in &ledger.periods {
        let nodes = nodes.get(&period.gateway_id).map(Vec::as_slice).unwrap_or_default();
        let billed = |at: DateTime<Utc>| Month::of(at) == month && at <= now;
        subscribed(period, nodes, &ledger.prices, billed, &mut all);
    }
    all.sort_by(|a, b| {
        let key = |line: &Line| (line.gateway_id.clone(), line.item, line.from, line.detail.clone());
        key(a).cmp(&key(b))
    });
    all
}

fn clip((from, until): Window, window: Window) -> Window {
    (from.max(window.0), until.min(window.1))
}

fn by_gateway<'l, T>(
    all: impl IntoIterator<Item = &'l T>,
    of: impl Fn(&'l T) -> &'l GatewayId,
) -> BTreeMap<&'l GatewayId, Vec<&'l T>> {
    let mut parted: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for each in all {
        parted.entry(of(each)).or_default().push(each);
    }
    parted
}

/// When nothing was paid in advance. Only nodes can be.
fn not_subscribed(span: &Span, paid: &[&Period], now: DateTime<Utc>) -> Vec<Window> {
    let mut parts = vec![(span.from, span.until.unwrap_or(now))];
    if span.run.item != Item::Nodes {
        return parts;
    }
    for period in paid {
        let around = |(from, until): Window| [(from, until.min(period.from)), (from.max(period.until), until)];
        parts = parts.into_iter().flat_map(around).filter(|(from, until)| from < until).collect();
    }
    parts
}

fn by_time(span: &Span, window: Window, prices: &Prices, sums: &mut Sums) {
    let Some(tariff) = span.run.item.tariff(&span.run.detail).filter(|_| window.0 < window.1) else { return };
    for (from, until, price) in prices.parts(window, tariff) {
        let quantity = seconds(from, until).saturating_mul(span.run.quantity);
        let key = (span.gateway_id.clone(), span.run.item, span.run.detail.clone(), price, tariff.per());
        sums.add(key, (from, until), quantity);
    }
}

/// The month's price when it begins, and for each other size within it the difference for the rest of it. Prices of the
/// month's beginning hold for all of it.
fn subscribed(
    period: &Period,
    nodes: &[&Span],
    prices: &Prices,
    billed: impl Fn(DateTime<Utc>) -> bool,
    all: &mut Vec<Line>,
) {
    let touches = |span: &&Span| span.from < period.until && span.until.is_none_or(|until| until > period.from);
    let mut nodes: Vec<&Span> = nodes.iter().copied().filter(touches).collect();
    nodes.sort_by_key(|span| span.from);
    let Some(first) = nodes.first().filter(|first| first.from <= period.from) else { return };
    let line = |item, detail, from: DateTime<Utc>, quantity, price, per| Line {
        gateway_id: period.gateway_id.clone(),
        item,
        detail,
        from,
        until: period.until,
        quantity,
        price,
        per,
        amount: Cents::of(quantity, price, per),
    };
    let month_price = |span: &Span| {
        let tariff = Item::Subscription.tariff(&span.run.detail);
        tariff.map(|tariff: Tariff| prices.at(period.from, tariff)).unwrap_or_default()
    };
    if billed(period.from) {
        let (detail, price) = (first.run.detail.clone(), month_price(first));
        all.push(line(Item::Subscription, detail, period.from, first.run.quantity, price, 1));
    }
    for (before, after) in nodes.iter().zip(nodes.iter().skip(1)) {
        if billed(after.from) {
            let size = |span: &Span| format!("{} × {}", span.run.quantity, span.run.detail);
            let of = |span: &Span| month_price(span).times(span.run.quantity).0;
            let difference = Price(of(after).saturating_sub(of(before)));
            let detail = format!("{} → {}", size(before), size(after));
            let (rest, whole) = (seconds(after.from, period.until), seconds(period.from, period.until));
            all.push(line(Item::SubscriptionChange, detail, after.from, rest, difference, whole));
        }
    }
}
