//! What billing remembers.

use super::sample::{self, now};
use crate::{Meter, MeterKey, PriceListRow, Store};
use chrono::TimeDelta;
use domain::billing::{Item, Period, PriceList, Run, Span, Tariff, UsageOf};
use domain::id::{EngineId, RANDOM_LEN, UserId, VpcId, WorkspaceId};
use domain::money::Price;
use std::collections::BTreeMap;

pub(super) async fn what_ran_is_kept_when_its_gateway_is_gone(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let (before, later) = (now() - TimeDelta::hours(1), now() + TimeDelta::hours(1));
    let run = |quantity| Run { item: Item::Nodes, detail: "2c4g".into(), quantity };
    let span = |quantity, until| Span { gateway_id: gateway.id.clone(), run: run(quantity), from: now(), until };
    let mut tx = store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.name_billed(&gateway).await.expect("writes");
    tx.insert_span(&span(2, None)).await.expect("writes");
    let open = tx.open_spans(&gateway.id).await.expect("reads");
    assert_eq!(open.iter().map(|open| (&open.run, open.from)).collect::<Vec<_>>(), [(&run(2), now())]);
    // A clock that went back.
    tx.close_span(&open[0], before).await.expect("writes");
    tx.insert_span(&span(3, None)).await.expect("writes");
    assert_eq!(tx.span_ended(&gateway.id, &run(3)).await.expect("reads"), Some(now()));
    tx.delete_gateway(&gateway.id, 1).await.expect("deletes");
    tx.commit().await.expect("commits");

    let (ledger, names) = store.ledger(&tenant.workspace, None, (before, later)).await.expect("reads");
    assert_eq!(ledger.spans, [span(2, Some(now())), span(3, None)]);
    assert_eq!(names, BTreeMap::from([(gateway.id.clone(), gateway.name.to_string())]));
    assert_eq!(store.open_spans().await.expect("reads").len(), 1);
    let other = WorkspaceId::from_random([9; RANDOM_LEN]);
    let (ledger, names) = store.ledger(&other, None, (before, later)).await.expect("reads");
    assert!(ledger.spans.is_empty() && names.is_empty(), "another workspace's");
    let (ledger, _) = store.ledger(&tenant.workspace, None, (before, now())).await.expect("reads");
    assert!(ledger.spans.is_empty(), "later");
}

pub(super) async fn usage_adds_up_and_prices_and_months_are_read_as_written(store: Store) {
    let tenant = sample::tenant(&store).await;
    let gateway = sample::gateway(&tenant, 1);
    let usage = |quantity| UsageOf {
        gateway_id: gateway.id.clone(),
        item: Item::VpcTraffic,
        detail: "vpc-a".into(),
        since: now(),
        quantity,
    };
    let key = |second: i64, vpc: Option<u8>| MeterKey {
        engine_id: EngineId::from_random([1; RANDOM_LEN]),
        started_at: now() + TimeDelta::seconds(second),
        gateway_id: gateway.id.clone(),
        vpc: vpc.map(|n| VpcId::from_random([n; RANDOM_LEN])),
    };
    let meter = |second, vpc, bytes| Meter { key: key(second, vpc), bytes };
    let period = Period::first(gateway.id.clone(), now());
    let mut tx = store.begin().await.expect("begins");
    tx.add_usage(&usage(1)).await.expect("does nothing: whose would it be?");
    tx.name_billed(&gateway).await.expect("writes");
    for quantity in [40, 2] {
        tx.add_usage(&usage(quantity)).await.expect("writes");
    }
    for meter in [meter(0, None, 7), meter(1, None, 5), meter(1, Some(3), 6), meter(1, None, 8)] {
        tx.set_meter(&meter).await.expect("writes");
    }
    tx.forget_meters(&key(0, None).engine_id, key(0, None).started_at).await.expect("deletes");
    tx.insert_period(&period).await.expect("writes");
    tx.insert_period(&period).await.expect("changes nothing");
    tx.set_renewal(&gateway.id, true).await.expect("writes");
    let prices = BTreeMap::from([(Tariff::AlbHour, Price(i64::MAX)), (Tariff::VpcGigabyte, Price(1))]);
    let list = PriceList { number: 0, valid_from: now(), prices };
    let row = PriceListRow { list, set_by: UserId::from_random([1; RANDOM_LEN]), set_at: now() };
    for number in [1, 2] {
        let inserted = tx.insert_price_list(&row, &tenant.account, &tenant.workspace).await;
        assert_eq!(inserted.expect("writes"), number);
    }
    tx.commit().await.expect("commits");

    let hour = (now() - TimeDelta::hours(1), now() + TimeDelta::hours(1));
    let (ledger, _) = store.ledger(&tenant.workspace, Some(&gateway.id), hour).await.expect("reads");
    assert_eq!((ledger.usage, ledger.periods), (vec![usage(42)], vec![period.clone()]));
    let numbered = |number| PriceList { number, ..row.list.clone() };
    assert_eq!(ledger.prices.lists(), [numbered(1), numbered(2)]);
    let mut meters = store.meters().await.expect("reads");
    meters.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(meters, [meter(1, None, 8), meter(1, Some(3), 6)]);
    assert_eq!(store.subscription(&gateway.id).await.expect("reads"), Some((period.clone(), true)));
    assert_eq!(store.due_renewals(period.until).await.expect("reads"), std::slice::from_ref(&period));
    assert_eq!(store.due_renewals(period.until - TimeDelta::seconds(1)).await.expect("reads"), []);
}
