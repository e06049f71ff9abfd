//! All gateways of the workspace.

use super::api::list_gateways;
use super::filters::{Filters, query_of, with};
use super::rows::rows;
use crate::context::use_viewer;
use crate::layout::{LoadError, fresh};
use crate::paths;
use domain::role::Permission;
use domain::view::{GatewayQuery, GatewaySort, GatewaySummary, Page};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    ButtonKind, Column, DataTable, Direction, EmptyState, IconName, LinkButton, PageHeader, PageLink, PageTitle,
    Pagination,
};

#[component]
pub fn List() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(query_of));
    let gateways = Resource::new_blocking(move || query.get(), list_gateways);
    view! {
        <PageTitle text=tr!(gateways.title) />
        <PageHeader title=tr!(gateways.title) subtitle=tr!(gateways.subtitle) actions=create_button() />
        <Transition>
            {move || {
                let asked = query.get();
                Suspend::new(async move {
                    match gateways.await {
                        Ok(page) => contents(page, asked),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn create_button() -> Option<AnyView> {
    use_viewer().may(Permission::ManageGateways).then(|| {
        view! {
            <LinkButton href=paths::NEW_GATEWAY kind=ButtonKind::Primary icon=IconName::Plus>
                {tr!(gateways.create)}
            </LinkButton>
        }
        .into_any()
    })
}

fn contents(page: Page<GatewaySummary>, query: GatewayQuery) -> AnyView {
    if page.unfiltered == 0 {
        return view! {
            <EmptyState
                icon=IconName::Gateway
                title=tr!(gateways.empty_title)
                body=tr!(gateways.empty_body)
                actions=create_button()
            />
        }
        .into_any();
    }
    let asked = query.clone();
    let page = fresh(page, move || list_gateways(asked.clone()));
    let shown = query.clone();
    view! {
        <Filters query />
        {move || table(page.get(), &shown)}
    }
    .into_any()
}

fn table(page: Page<GatewaySummary>, query: &GatewayQuery) -> AnyView {
    if page.total == 0 {
        let clear = view! { <LinkButton href=paths::GATEWAYS>{tr!(gateways.clear_filters)}</LinkButton> };
        return view! {
            <EmptyState icon=IconName::Filter title=tr!(gateways.none_title) body=tr!(gateways.none_body) actions=clear />
        }
        .into_any();
    }
    let sorted = |label: String, sort: GatewaySort| {
        let current = query.sort == sort;
        let direction = if query.descending { Direction::Descending } else { Direction::Ascending };
        let next = with(query, |query| {
            query.descending = current && !query.descending;
            query.sort = sort;
            query.page = 1;
        });
        Column::new(label).sorted(next, current.then_some(direction))
    };
    let mut services = sorted(tr!(gateways.services), GatewaySort::Services);
    services.numeric = true;
    let head = vec![
        sorted(tr!(gateways.name), GatewaySort::Name),
        sorted(tr!(gateways.status), GatewaySort::Status),
        Column::new(tr!(gateways.kind)),
        Column::new(tr!(gateways.portal)),
        services,
        sorted(tr!(gateways.created), GatewaySort::Created),
    ];
    let pages = page.last();
    let to = |number: u32| with(query, |query| query.page = number);
    // Neighbours and both ends: a hundred pages are not a hundred links.
    let near = |number: &u32| *number == 1 || *number == pages || number.abs_diff(page.number) <= 2;
    let links = (1..=pages)
        .filter(|_| pages > 1)
        .filter(near)
        .map(|number| PageLink { number, href: to(number), current: number == page.number })
        .collect::<Vec<_>>();
    let first = (page.number - 1) * page.size + 1;
    let last = first + page.items.len() as u32 - 1;
    view! {
        <DataTable caption=tr!(gateways.title) head>
            {rows(page.items)}
        </DataTable>
        <Pagination
            label=tr!(layout.pages)
            previous_label=tr!(layout.previous)
            next_label=tr!(layout.next)
            previous=(page.number > 1).then(|| to(page.number - 1))
            next=(page.number < pages).then(|| to(page.number + 1))
            pages=links
            summary=tr!(layout.range, first = first, last = last, total = page.total)
        />
    }
    .into_any()
}
