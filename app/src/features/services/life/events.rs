//! What happened to a service, newest first.

use super::super::detail::{Header, Tab, of_address};
use super::api::service_events;
use super::words::event;
use crate::error::ApiError;
use crate::layout::{LoadError, When, fresh, id_of_address};
use crate::paths;
use domain::id::ServiceId;
use domain::service::{ServiceEvent, Severity};
use domain::view::Page;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Badge, Column, DataTable, Pagination, Tone};

#[component]
pub fn Events() -> impl IntoView {
    let map = use_query_map();
    let number = Memo::new(move |_| map.with(|map| map.get("page").and_then(|page| page.parse().ok()).unwrap_or(1)));
    let id = id_of_address::<ServiceId>();
    let events = Resource::new_blocking(
        move || (id.get(), number.get()),
        |(id, page)| async move {
            match id {
                Some(id) => service_events(id, page).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    of_address(move |service| {
        let id = service.with_untracked(|service| service.summary.id.clone());
        view! {
            <Header service tab=Tab::Events />
            <Transition>
                {move || {
                    let (id, page) = (id.clone(), number.get());
                    Suspend::new(async move {
                        match events.await {
                            Ok(first) => {
                                let asked = id.clone();
                                let news = fresh(first, move || service_events(asked.clone(), page));
                                (move || table(&id, news.get())).into_any()
                            }
                            Err(error) => view! { <LoadError error /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        }
        .into_any()
    })
}

fn table(id: &ServiceId, page: Page<ServiceEvent>) -> AnyView {
    let head = vec![
        Column::new(tr!(life.when)),
        Column::new(tr!(life.event)),
        Column::new(tr!(service.replica)),
        Column::new(tr!(life.detail)),
    ];
    let to = |number: u32| paths::events(id, number);
    let first = (page.number - 1) * page.size + 1;
    let last = (page.number - 1) * page.size + page.items.len() as u32;
    let (number, pages, total) = (page.number, page.last(), page.total);
    view! {
        <DataTable caption=tr!(life.events) head>
            {page.items.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
        <Pagination
            label=tr!(layout.pages)
            previous_label=tr!(layout.previous)
            next_label=tr!(layout.next)
            previous=(number > 1).then(|| to(number - 1))
            next=(number < pages).then(|| to(number + 1))
            pages=Vec::new()
            summary=tr!(layout.range, first = first, last = last, total = total)
        />
    }
    .into_any()
}

fn row(shown: ServiceEvent) -> AnyView {
    let tone = if shown.kind.severity() == Severity::Warning { Tone::Warn } else { Tone::Neutral };
    let times = (shown.count > 1).then(|| format!(" × {}", shown.count));
    let replica = shown.replica.map_or_else(|| "–".to_owned(), |replica| replica.to_string());
    let detail = shown.detail.map(|text| view! { <pre class="code-text wrap">{text}</pre> });
    view! {
        <tr>
            <th scope="row"><When at=shown.at /></th>
            <td><Badge tone label=event(shown.kind) /> {times}</td>
            <td class="mono" data-label=tr!(service.replica)>{replica}</td>
            <td class="wrap">{detail}</td>
        </tr>
    }
    .into_any()
}
