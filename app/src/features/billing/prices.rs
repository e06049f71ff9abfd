//! The prices that hold, those before and those to come.

use super::api::read_prices;
use super::price_form::PriceForm;
use super::words::tariff_text;
use super::{Tab, header};
use crate::context::use_viewer;
use crate::layout::{LoadError, When, fresh};
use domain::billing::{PriceList, Tariff};
use domain::money::Currency;
use domain::role::Permission;
use domain::view::{PriceHistory, PricesView};
use leptos::prelude::*;
use ui::{Badge, Callout, Column, DataTable, Section, Tone};

#[component]
pub fn PricesPage() -> impl IntoView {
    let prices = Resource::new_blocking(|| (), |()| read_prices());
    view! {
        {header(Tab::Prices)}
        <Transition>
            {move || Suspend::new(async move {
                match prices.await {
                    Ok(first) => page(first),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn page(first: PricesView) -> AnyView {
    let allowed = use_viewer().may(Permission::ManagePrices);
    let prices = fresh(first, read_prices);
    let none = move || {
        let none = prices.with(|prices| prices.current.as_ref().is_none_or(|list| list.prices.is_empty()));
        none.then(|| view! { <Callout tone=Tone::Info>{tr!(billing.no_prices)}</Callout> })
    };
    let form = if allowed {
        view! { <PriceForm prices /> }.into_any()
    } else {
        let current = move || {
            let (currency, list) = prices.with(|prices| (prices.currency, prices.current.clone()));
            list.map(|list| view! { <ul class="bullets">{set(&list, currency)}</ul> })
        };
        view! { <Section title=tr!(billing.current)>{current}</Section> }.into_any()
    };
    view! {
        {none}
        {form}
        {move || history(prices.get())}
    }
    .into_any()
}

/// The prices of a list that are set.
fn set(list: &PriceList, currency: Currency) -> Vec<AnyView> {
    let text = |tariff: Tariff| {
        let price = Some(list.of(tariff)).filter(|price| !price.is_none())?;
        Some(view! { <li>{tariff_text(tariff)} ": " {format!("{price} {currency}")}</li> }.into_any())
    };
    Tariff::all().filter_map(text).collect()
}

fn history(prices: PricesView) -> Option<AnyView> {
    if prices.history.is_empty() {
        return None;
    }
    let (currency, current) = (prices.currency, prices.current.as_ref().map(|list| list.number));
    let head =
        vec![Column::new(tr!(billing.valid_from)), Column::new(tr!(billing.prices)), Column::new(tr!(billing.set_by))];
    let row = move |entry: PriceHistory| {
        let holds = (Some(entry.list.number) == current).then(|| {
            view! {
                " "
                <Badge tone=Tone::Good label=tr!(billing.holds) />
            }
        });
        let all = set(&entry.list, currency);
        let all = if all.is_empty() {
            tr!(billing.none_set).into_any()
        } else {
            view! { <ul class="bullets">{all}</ul> }.into_any()
        };
        view! {
            <tr>
                <th scope="row">
                    <When at=entry.list.valid_from />
                    {holds}
                </th>
                <td class="wrap" data-label=tr!(billing.prices)>{all}</td>
                <td class="wrap" data-label=tr!(billing.set_by)>
                    {entry.set_by} " " <When at=entry.set_at />
                </td>
            </tr>
        }
        .into_any()
    };
    Some(
        view! {
            <Section title=tr!(billing.history) description=tr!(billing.history_hint)>
                <DataTable caption=tr!(billing.history) head>
                    {prices.history.into_iter().map(row).collect::<Vec<_>>()}
                </DataTable>
            </Section>
        }
        .into_any(),
    )
}
