//! All services of the workspace.

use super::api::list_services;
use crate::context::use_viewer;
use crate::layout::{LoadError, When, fresh, service_badge};
use crate::paths::{self, encode};
use domain::role::Permission;
use domain::view::{Page, ServiceQuery, ServiceSummary};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Column, DataTable, EmptyState, IconName, LinkButton, PageHeader, PageTitle, Pagination,
    TextField, TextLink, Toolbar,
};

#[component]
pub fn List() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| {
        map.with(|map| ServiceQuery {
            search: map.get("q").unwrap_or_default(),
            page: map.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        })
    });
    let services = Resource::new_blocking(move || query.get(), list_services);
    view! {
        <PageTitle text=tr!(services.title) />
        <PageHeader title=tr!(services.title) subtitle=tr!(services.subtitle) actions=deploy_button() />
        <Transition>
            {move || {
                let asked = query.get();
                Suspend::new(async move {
                    match services.await {
                        Ok(page) => contents(page, asked),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn deploy_button() -> Option<AnyView> {
    use_viewer().may(Permission::DeployServices).then(|| {
        view! {
            <LinkButton href=paths::NEW_SERVICE kind=ButtonKind::Primary icon=IconName::Plus>
                {tr!(services.deploy)}
            </LinkButton>
        }
        .into_any()
    })
}

fn contents(page: Page<ServiceSummary>, query: ServiceQuery) -> AnyView {
    if page.unfiltered == 0 {
        return view! {
            <EmptyState
                icon=IconName::Service
                title=tr!(services.empty_title)
                body=tr!(services.empty_body)
                actions=deploy_button()
            />
        }
        .into_any();
    }
    let asked = query.clone();
    let page = fresh(page, move || list_services(asked.clone()));
    let search = query.search.clone();
    view! {
        <form method="get" action=paths::SERVICES role="search">
            <Toolbar>
                <TextField name="q" kind="search" label=tr!(services.search) value=search maxlength=paths::LONGEST_VALUE />
                <Button label=tr!(gateways.apply) icon=IconName::Search />
            </Toolbar>
        </form>
        {move || table(page.get(), &query)}
    }
    .into_any()
}

fn table(page: Page<ServiceSummary>, query: &ServiceQuery) -> AnyView {
    if page.total == 0 {
        let clear = view! { <LinkButton href=paths::SERVICES>{tr!(gateways.clear_filters)}</LinkButton> };
        return view! {
            <EmptyState icon=IconName::Filter title=tr!(services.none_title) body=tr!(gateways.none_body) actions=clear />
        }
        .into_any();
    }
    let head = vec![
        Column::new(tr!(services.name)),
        Column::new(tr!(services.status)),
        Column::numeric(tr!(services.replicas)),
        Column::new(tr!(services.kind)),
        Column::new(tr!(services.gateway)),
        Column::new(tr!(gateways.created)),
    ];
    let search = encode(&query.search);
    let to = |number: u32| format!("{}?q={search}&page={number}", paths::SERVICES);
    let first = (page.number - 1) * page.size + 1;
    let last = first + page.items.len() as u32 - 1;
    let summary = tr!(layout.range, first = first, last = last, total = page.total);
    let (number, pages) = (page.number, page.last());
    view! {
        <DataTable caption=tr!(services.title) head>
            {page.items.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
        <Pagination
            label=tr!(layout.pages)
            previous_label=tr!(layout.previous)
            next_label=tr!(layout.next)
            previous=(number > 1).then(|| to(number - 1))
            next=(number < pages).then(|| to(number + 1))
            summary
        />
    }
    .into_any()
}

/// The Service Type column holds the Invocation Method link, as the document has it.
fn row(service: ServiceSummary) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                <TextLink href=paths::service(&service.id)>{service.name.to_string()}</TextLink>
                <div class="muted mono">{service.id.to_string()}</div>
            </th>
            <td>{service_badge(service.status)}</td>
            <td class="num" data-label=tr!(services.replicas)>{format!("{} / {}", service.ready, service.wanted)}</td>
            <td>
                {tr!(services.standard)} " · "
                <TextLink href=paths::invocation(&service.id)>{tr!(services.invocation)}</TextLink>
            </td>
            <td data-label=tr!(services.gateway)>
                <TextLink href=paths::gateway(&service.gateway_id)>{service.gateway_name.to_string()}</TextLink>
            </td>
            <td data-label=tr!(gateways.created)>
                <When at=service.created_at />
            </td>
        </tr>
    }
    .into_any()
}
