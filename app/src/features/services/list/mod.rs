//! All services of the workspace.

mod filters;
mod row;

use super::api::{SetRunning, list_services};
use super::life::api::RestartService;
use crate::context::{form_state, use_viewer};
use crate::layout::{LoadError, bump_after, fresh, look_every};
use crate::paths;
use domain::id::ServiceId;
use domain::role::Permission;
use domain::view::{Page, ServiceQuery, ServiceRow, ServiceSort};
use filters::{Filters, query_of, with};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use row::{Changes, row};
use std::time::Duration;
use ui::{
    ButtonKind, Column, DataTable, Direction, EmptyState, FormError, IconName, LinkButton, PageHeader, PageTitle,
    Pagination, TextLink,
};

/// How often the figures are looked at again.
const TRAFFIC: Duration = Duration::from_secs(5);

#[component]
pub fn List() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(query_of));
    let services = Resource::new_blocking(move || query.get(), list_services);
    view! {
        <PageTitle text=tr!(services.title) />
        <PageHeader title=tr!(services.title) subtitle=tr!(services.subtitle) actions=deploy_button() />
        <p>
            <TextLink href=paths::GROUPS>{tr!(groups.title)}</TextLink>
        </p>
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

fn contents(page: Page<ServiceRow>, query: ServiceQuery) -> AnyView {
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
    // How often services are asked is no news.
    look_every(TRAFFIC);
    let run = ServerAction::<SetRunning>::new();
    let again = ServerAction::<RestartService>::new();
    bump_after(run);
    bump_after(again);
    let (form, restarted, changes) = (form_state(run), form_state(again), Changes { run, again });
    let shown = query.clone();
    // Figures that move must not build the rows again below somebody's open menu.
    let steady = Memo::new(move |_| {
        let mut page = page.get();
        page.items.iter_mut().for_each(|row| row.rate = 0);
        page
    });
    let rate = move |id: &ServiceId| {
        page.with(|page| page.items.iter().find(|row| row.summary.id == *id).map(|row| row.rate).unwrap_or_default())
    };
    view! {
        <Filters query />
        <FormError message=form.general() />
        <FormError message=restarted.general() />
        {move || table(steady.get(), &shown, changes, rate)}
    }
    .into_any()
}

fn table(
    page: Page<ServiceRow>,
    query: &ServiceQuery,
    changes: Changes,
    rate: impl Fn(&ServiceId) -> u64 + Copy + Send + Sync + 'static,
) -> AnyView {
    if page.total == 0 {
        let clear = view! { <LinkButton href=paths::SERVICES>{tr!(gateways.clear_filters)}</LinkButton> };
        return view! {
            <EmptyState icon=IconName::Filter title=tr!(services.none_title) body=tr!(gateways.none_body) actions=clear />
        }
        .into_any();
    }
    let sorted = |label: String, sort: ServiceSort| {
        let current = query.sort == sort;
        let direction = if query.descending { Direction::Descending } else { Direction::Ascending };
        let next = with(query, |query| {
            query.descending = current && !query.descending;
            query.sort = sort;
            query.page = 1;
        });
        Column::new(label).sorted(next, current.then_some(direction))
    };
    let head = vec![
        sorted(tr!(services.name), ServiceSort::Name),
        sorted(tr!(services.status), ServiceSort::Status),
        Column::numeric(tr!(services.replicas)),
        Column::new(tr!(services.kind)),
        sorted(tr!(services.gateway), ServiceSort::Gateway),
        Column { numeric: true, ..sorted(tr!(service_list.traffic), ServiceSort::Traffic) },
        sorted(tr!(gateways.created), ServiceSort::Created),
        Column::hidden(tr!(layout.actions)),
    ];
    let to = |number: u32| with(query, |query| query.page = number);
    let first = (page.number - 1) * page.size + 1;
    let last = first + page.items.len() as u32 - 1;
    let summary = tr!(layout.range, first = first, last = last, total = page.total);
    let (number, pages) = (page.number, page.last());
    view! {
        <DataTable caption=tr!(services.title) head>
            {page.items.into_iter().map(|each| row(each, changes, rate)).collect::<Vec<_>>()}
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
