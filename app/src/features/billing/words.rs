//! Items, prices and amounts in words.

use super::api::read_prices;
use crate::error::ApiError;
use domain::billing::{Item, Line, Tariff};
use domain::money::Price;
use domain::spec::Spec;
use domain::view::{CostLine, PricesView};
use leptos::prelude::*;

pub(super) fn item_text(item: Item) -> String {
    match item {
        Item::Nodes => tr!(billing.nodes),
        Item::Subscription => tr!(billing.subscription),
        Item::SubscriptionChange => tr!(billing.subscription_change),
        Item::AlbInstance => tr!(billing.alb_instance),
        Item::AlbUnits => tr!(billing.alb_units),
        Item::VpcLink => tr!(billing.vpc_link),
        Item::VpcTraffic => tr!(billing.vpc_traffic),
        Item::PublicTraffic => tr!(billing.public_traffic),
    }
}

/// The item, and of what.
pub(super) fn what(line: &CostLine) -> String {
    let item = item_text(line.line.item);
    let of = line.vpc_name.as_deref().unwrap_or(&line.line.detail);
    if of.is_empty() { item } else { format!("{item}: {of}") }
}

pub(super) fn quantity_text(line: &Line) -> String {
    let shown = line.shown().to_string();
    match line.item {
        Item::Nodes => tr!(billing.node_hours, number = shown),
        Item::Subscription => tr!(billing.nodes_for_a_month, number = shown),
        Item::SubscriptionChange => tr!(billing.rest_of_month, number = shown),
        Item::AlbInstance | Item::VpcLink => tr!(billing.hours, number = shown),
        Item::AlbUnits => tr!(billing.unit_hours, number = shown),
        Item::VpcTraffic | Item::PublicTraffic => tr!(billing.gigabytes, number = shown),
    }
}

pub(super) fn tariff_text(tariff: Tariff) -> String {
    match tariff {
        Tariff::NodeHour(spec) => tr!(billing.node_hour, spec = spec.as_str()),
        Tariff::NodeMonth(spec) => tr!(billing.node_month, spec = spec.as_str()),
        Tariff::AlbHour => tr!(billing.alb_hour),
        Tariff::AlbUnitHour => tr!(billing.alb_unit_hour),
        Tariff::VpcHour => tr!(billing.vpc_hour),
        Tariff::VpcGigabyte => tr!(billing.vpc_gb),
        Tariff::PublicGigabyte => tr!(billing.public_gb),
    }
}

type Known = Result<PricesView, ApiError>;

/// The prices of nodes: `0.36 USD an hour, 100 USD a month`. Nothing while there is no price for the specification.
fn of_nodes(known: &Known, spec: Spec, nodes: u32) -> Option<String> {
    let PricesView { currency, current, .. } = known.as_ref().ok()?;
    let price = |tariff| current.as_ref().map(|list| list.of(tariff).times(u64::from(nodes))).unwrap_or_default();
    let (hour, month) = (price(Tariff::NodeHour(spec)), price(Tariff::NodeMonth(spec)));
    let text = |price: Price| (!price.is_none()).then(|| format!("{price} {currency}"));
    let hour = text(hour).map(|price| tr!(billing.an_hour, price = price));
    let month = text(month).map(|price| tr!(billing.a_month, price = price));
    let both: Vec<String> = hour.into_iter().chain(month).collect();
    (!both.is_empty()).then(|| both.join(" · "))
}

fn known() -> Resource<Known> {
    Resource::new_blocking(|| (), |()| read_prices())
}

/// What the chosen size costs; nothing while no prices are set.
#[component]
pub fn NodePrice(#[prop(into)] size: Signal<Option<(Spec, u32)>>) -> impl IntoView {
    let known = known();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let known = known.await;
                move || {
                    let text = size.get().and_then(|(spec, nodes)| of_nodes(&known, spec, nodes));
                    text.map(|text| view! { <p class="muted">{tr!(billing.costs, price = text)}</p> })
                }
            })}
        </Transition>
    }
    .into_any()
}

/// What a node of each specification costs; nothing while no prices are set.
pub fn per_node() -> AnyView {
    let known = known();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let known = known.await;
                let each = |spec: Spec| {
                    let price = of_nodes(&known, spec, 1)?;
                    Some(view! { <li>{tr!(billing.one_node, spec = spec.as_str())} ": " {price}</li> }.into_any())
                };
                let all: Vec<AnyView> = Spec::ALL.into_iter().filter_map(each).collect();
                (!all.is_empty()).then(|| view! { <ul class="bullets muted">{all}</ul> })
            })}
        </Transition>
    }
    .into_any()
}
