//! What all pages of one service have in common: header and tabs.

use super::api::read_service;
use crate::error::ApiError;
use crate::layout::{Fresh, LoadError, Refresh, fresh, service_badge};
use crate::paths;
use domain::id::ServiceId;
use domain::status::ServiceStatus;
use domain::view::ServiceDetail;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use ui::{CopyText, Crumb, PageHeader, PageTitle, Slot, TabItem, Tabs};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Invocation,
}

pub(super) fn of_address(page: impl Fn(Fresh<ServiceDetail>) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<ServiceId>().ok()));
    let service = Resource::new_blocking(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => read_service(id).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match service.await {
                    Ok(first) => {
                        let id = first.summary.id.clone();
                        page(fresh(first, move || read_service(id.clone())))
                    }
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
pub(super) fn Header(service: Fresh<ServiceDetail>, tab: Tab, #[prop(optional, into)] actions: Slot) -> impl IntoView {
    let summary = service.with_untracked(|service| service.summary.clone());
    let name = summary.name.to_string();
    let status = move || service.with(|service| service.summary.status);
    let moving = move || matches!(status(), ServiceStatus::Creating | ServiceStatus::Stopping);
    let badge = view! {
        {move || service_badge(status())}
        {move || moving().then(|| view! { <Refresh /> })}
    };
    let tabs = vec![
        TabItem::new(tr!(gateway.overview), paths::service(&summary.id), tab == Tab::Overview),
        TabItem::new(tr!(services.invocation), paths::invocation(&summary.id), tab == Tab::Invocation),
    ];
    view! {
        <PageTitle text=name.clone() />
        <PageHeader
            title=name.clone()
            badge
            actions
            subtitle=view! { <CopyText text=summary.id.to_string() label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=vec![Crumb::link(tr!(services.title), paths::SERVICES), Crumb::here(name)]
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Tabs label=tr!(service.tabs) items=tabs />
    }
    .into_any()
}
