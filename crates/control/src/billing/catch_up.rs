//! At the start: what is there and was never billed, as in a database from before there was billing.

use super::runs::is_pre_paid;
use crate::ControlError;
use chrono::{DateTime, Utc};
use domain::billing::{Item, Period, Run, Span, runs};
use domain::gateway::Gateway;
use domain::id::GatewayId;
use domain::order::Order;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{OpenSpan, Store};

/// Leaves everything as it is where it is right already; so it may run at every start.
pub(crate) async fn catch_up(
    store: &Store,
    gateways: &BTreeMap<GatewayId, Arc<Gateway>>,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let known = store.billed_gateways().await?;
    let mut open: BTreeMap<GatewayId, Vec<OpenSpan>> = BTreeMap::new();
    for span in store.open_spans().await? {
        open.entry(span.gateway_id.clone()).or_default().push(span);
    }
    let of = |id: &GatewayId| open.get(id).map(Vec::as_slice).unwrap_or_default();
    let is_right = |gateway: &Arc<Gateway>| {
        let open: BTreeSet<&Run> = of(&gateway.id).iter().map(|span| &span.run).collect();
        let wanted = runs(gateway);
        known.contains_key(&gateway.id) && open == wanted.iter().map(|(run, _)| run).collect()
    };
    let wrong: Vec<_> = gateways.values().filter(|gateway| !is_right(gateway)).collect();
    let gone: Vec<_> = open.iter().filter(|(id, _)| !gateways.contains_key(*id)).flat_map(|(_, spans)| spans).collect();
    if wrong.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for span in gone {
        tx.close_span(span, now).await?;
    }
    for gateway in wrong {
        let (id, wanted, open) = (&gateway.id, runs(gateway), of(&gateway.id));
        tx.name_billed(gateway).await?;
        for span in open.iter().filter(|span| !wanted.iter().any(|(run, _)| *run == span.run)) {
            tx.close_span(span, now).await?;
        }
        let is_new = !known.contains_key(id);
        for (run, since) in wanted.into_iter().filter(|(run, _)| !open.iter().any(|span| span.run == *run)) {
            if is_new && run.item == Item::Nodes {
                for span in sizes(gateway, &run, &store.orders_of(id).await?) {
                    tx.insert_span(&span).await?;
                }
                continue;
            }
            let from = tx.span_ended(id, &run).await?.map_or(since, |ended| ended.max(since));
            tx.insert_span(&Span { gateway_id: id.clone(), run, from, until: None }).await?;
        }
        if is_new && is_pre_paid(gateway) {
            tx.insert_period(&Period::first(id.clone(), gateway.created_at)).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// The sizes that a gateway had one after the other, by its orders; the last is the one that it has.
fn sizes(gateway: &Gateway, now: &Run, orders: &[Order]) -> Vec<Span> {
    let run =
        |order: &Order| Run { item: Item::Nodes, detail: order.spec.as_str().into(), quantity: u64::from(order.nodes) };
    let mut sizes: Vec<(Run, DateTime<Utc>)> = orders.iter().map(|order| (run(order), order.ordered_at)).collect();
    if sizes.last().is_none_or(|(last, _)| last != now) {
        sizes.push((now.clone(), if sizes.is_empty() { gateway.created_at } else { gateway.updated_at }));
    }
    let ends: Vec<_> = sizes.iter().skip(1).map(|(_, from)| Some(*from)).chain([None]).collect();
    let span = |((run, from), until)| Span { gateway_id: gateway.id.clone(), run, from, until };
    sizes.into_iter().zip(ends).map(span).collect()
}
