//! A month's cost, of all gateways or of one.

use super::api::read_cost;
use super::lines::table;
use super::{Tab, header};
use crate::context::use_live;
use crate::context::use_viewer;
use crate::layout::{LoadError, When, look_every};
use crate::paths;
use domain::billing::Month;
use domain::id::GatewayId;
use domain::role::Permission;
use domain::view::CostView;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use std::time::Duration;
use ui::{Callout, IconName, LinkButton, Stat, StatGrid, TextLink, Tone, Toolbar};

type Asked = (Option<Month>, Option<GatewayId>);

/// What is no month is the running one, what is no gateway is all of them.
fn asked(map: &ParamsMap) -> Asked {
    let month = map.get("month").and_then(|month| Month::parse(&month).ok());
    (month, map.get("gateway").and_then(|gateway| gateway.parse().ok()))
}

#[component]
pub fn Cost() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(asked));
    // At every news and after a while: the running month grows by itself.
    let live = use_live();
    let cost =
        Resource::new_blocking(move || (query.get(), live.0.get()), |((month, gateway), _)| read_cost(month, gateway));
    look_every(Duration::from_secs(15));
    view! {
        {header(Tab::Cost)}
        <Transition>
            {move || {
                let (_, gateway) = query.get();
                Suspend::new(async move {
                    match cost.await {
                        Ok(cost) => contents(cost, gateway),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn contents(cost: CostView, gateway: Option<GatewayId>) -> AnyView {
    let (month, running) = (cost.month, cost.month == Month::of(cost.now));
    let export = paths::cost_csv(month, gateway.as_ref());
    let (previous, next) = (month.previous(), month.next());
    let to = |month: Month| paths::cost(Some(month), gateway.as_ref());
    let (earlier, later, of_all) = (to(previous), to(next), gateway.is_none());
    let hint = if running { tr!(billing.until_now) } else { tr!(billing.whole_month) };
    let total = format!("{} {}", cost.total, cost.currency);
    let all = gateway.is_some().then(|| {
        view! { <LinkButton href=paths::cost(Some(month), None)>{tr!(billing.all_gateways)}</LinkButton> }.into_any()
    });
    view! {
        {(!cost.has_prices).then(no_prices)}
        <Toolbar>
            <LinkButton href=earlier icon=IconName::ChevronLeft>{previous.to_string()}</LinkButton>
            <LinkButton href=later icon=IconName::ChevronRight>{next.to_string()}</LinkButton>
            {all}
            <LinkButton href=export icon=IconName::Download>{tr!(billing.csv)}</LinkButton>
        </Toolbar>
        <StatGrid>
            <Stat label=tr!(billing.month) value=view! { {month.to_string()} } hint />
            <Stat label=tr!(billing.total) value=view! { {total} } />
        </StatGrid>
        {running.then(|| view! { <p class="muted">{tr!(billing.as_of)} " " <When at=cost.now /></p> })}
        {table(cost, of_all)}
    }
    .into_any()
}

fn no_prices() -> AnyView {
    let set = use_viewer().may(Permission::ManagePrices).then(|| {
        view! {
            " "
            <TextLink href=paths::PRICES>{tr!(billing.set_prices)}</TextLink>
        }
    });
    view! { <Callout tone=Tone::Info>{tr!(billing.no_prices)} {set}</Callout> }.into_any()
}
