//! What was measured of a service: requests, how long they took, tokens, and what replicas use. Which time stands in
//! the address.

mod api;
mod drawn;
mod figures;
mod replicas;
mod tokens;
mod traffic;
mod units;

use super::detail::{Header, Tab, of_address};
use crate::error::ApiError;
use crate::layout::{LoadError, fresh, id_of_address, look_every};
use crate::paths;
use api::read_monitoring;
use domain::id::ServiceId;
use domain::view::MonitoringRange;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::time::Duration;
use ui::{TabItem, Tabs, TextLink};

/// As often as there is something new.
const LOOK: Duration = Duration::from_secs(10);

#[component]
pub fn Monitoring() -> impl IntoView {
    let map = use_query_map();
    // What nobody offered is the hour that is shown without a choice.
    let range = Memo::new(move |_| {
        let asked = map.with(|map| map.get("range"));
        asked.and_then(|text| MonitoringRange::parse(&text)).unwrap_or_default()
    });
    let id = id_of_address::<ServiceId>();
    let measured = Resource::new_blocking(
        move || (id.get(), range.get()),
        |(id, range)| async move {
            match id {
                Some(id) => read_monitoring(id, range).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    of_address(move |service| {
        let id = service.with_untracked(|service| service.summary.id.clone());
        view! {
            <Header service tab=Tab::Monitoring />
            {move || ranges(&id, range.get())}
            <Transition>
                {move || {
                    let (id, range) = (service.with_untracked(|service| service.summary.id.clone()), range.get());
                    let again = paths::monitoring(&id, range);
                    Suspend::new(async move {
                        match measured.await {
                            Ok(first) => {
                                look_every(LOOK);
                                let news = fresh(first, move || read_monitoring(id.clone(), range));
                                view! {
                                    <p class="no-js-only">
                                        <TextLink href=again>{tr!(layout.refresh)}</TextLink>
                                    </p>
                                    {traffic::section(news)}
                                    {tokens::section(news)}
                                    {replicas::section(news)}
                                }
                                .into_any()
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

fn ranges(id: &ServiceId, current: MonitoringRange) -> AnyView {
    let name = |range| match range {
        MonitoringRange::QuarterHour => tr!(monitoring.quarter),
        MonitoringRange::Hour => tr!(monitoring.hour),
        MonitoringRange::SixHours => tr!(monitoring.six_hours),
        MonitoringRange::Day => tr!(monitoring.day),
        MonitoringRange::Week => tr!(monitoring.week),
    };
    let items =
        MonitoringRange::ALL.map(|range| TabItem::new(name(range), paths::monitoring(id, range), range == current));
    view! { <Tabs label=tr!(monitoring.range) items=items.to_vec() /> }.into_any()
}
