//! Who ordered what, and when.

use super::api::list_orders;
use super::{Tab, header};
use crate::layout::{LoadError, When};
use crate::paths;
use domain::gateway::ChargeType;
use domain::id::GatewayId;
use domain::view::{OrderView, Page};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use ui::{Column, DataTable, EmptyState, IconName, LinkButton, Pagination, TextLink, Toolbar};

fn asked(map: &ParamsMap) -> (Option<GatewayId>, u32) {
    let page = map.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    (map.get("gateway").and_then(|gateway| gateway.parse().ok()), page)
}

#[component]
pub fn Orders() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(asked));
    let orders = Resource::new_blocking(move || query.get(), |(gateway, page)| list_orders(gateway, page));
    view! {
        {header(Tab::Orders)}
        <Transition>
            {move || {
                let (gateway, _) = query.get();
                Suspend::new(async move {
                    match orders.await {
                        Ok(page) => table(page, gateway.as_ref()),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn table(page: Page<OrderView>, gateway: Option<&GatewayId>) -> AnyView {
    let all = gateway.map(|_| {
        view! {
            <Toolbar>
                <LinkButton href=paths::ORDERS>{tr!(billing.all_gateways)}</LinkButton>
            </Toolbar>
        }
    });
    if page.items.is_empty() {
        return view! {
            {all}
            <EmptyState icon=IconName::List title=tr!(billing.no_orders_title) body=tr!(billing.no_orders_body) />
        }
        .into_any();
    }
    let head = vec![
        Column::new(tr!(billing.gateway)),
        Column::new(tr!(billing.ordered)),
        Column::new(tr!(billing.what)),
        Column::new(tr!(billing.size)),
        Column::new(tr!(billing.charge)),
        Column::new(tr!(billing.ordered_by)),
    ];
    let to = |number: u32| paths::orders(gateway, number);
    let next = (page.number < page.last()).then(|| to(page.number + 1));
    let (first, last) = ((page.number - 1) * page.size + 1, (page.number - 1) * page.size + page.items.len() as u32);
    view! {
        {all}
        <DataTable caption=tr!(billing.orders) head>
            {page.items.iter().cloned().map(row).collect::<Vec<_>>()}
        </DataTable>
        <Pagination
            label=tr!(layout.pages)
            previous_label=tr!(layout.previous)
            next_label=tr!(layout.next)
            previous=(page.number > 1).then(|| to(page.number - 1))
            next
            pages=Vec::new()
            summary=tr!(layout.range, first = first, last = last, total = page.total)
        />
    }
    .into_any()
}

fn row(view: OrderView) -> AnyView {
    let order = view.order;
    let charge = match order.charge {
        ChargeType::PostPaid => tr!(new_managed.post_paid),
        ChargeType::PrePaid => tr!(new_managed.pre_paid),
    };
    let what = if view.is_first { tr!(billing.purchase) } else { tr!(billing.resize) };
    let who = view.user_name.unwrap_or_else(|| order.ordered_by.to_string());
    let name = view.gateway_name.unwrap_or_else(|| order.gateway_id.to_string());
    view! {
        <tr>
            <th scope="row">
                <TextLink href=paths::orders(Some(&order.gateway_id), 1)>{name}</TextLink>
                <div class="muted mono">{order.gateway_id.to_string()}</div>
            </th>
            <td data-label=tr!(billing.ordered)>
                <When at=order.ordered_at />
            </td>
            <td data-label=tr!(billing.what)>{what}</td>
            <td data-label=tr!(billing.size)>{format!("{} × {}", order.nodes, order.spec.as_str())}</td>
            <td data-label=tr!(billing.charge)>{charge}</td>
            <td class="wrap" data-label=tr!(billing.ordered_by)>{who}</td>
        </tr>
    }
    .into_any()
}
