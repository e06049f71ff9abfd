//! What all pages of one gateway have in common: header and tabs.

use super::api::read_gateway;
use crate::error::ApiError;
use crate::layout::{Fresh, LoadError, Refresh, fresh, gateway_badge};
use crate::paths;
use domain::gateway::GatewayKind;
use domain::id::GatewayId;
use domain::status::{GatewayStatus, PortalStatus};
use domain::view::GatewayDetail;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use ui::{CopyText, Crumb, PageHeader, PageTitle, Slot, TabItem, Tabs};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Internet,
}

/// Reads the gateway of the address and hands it to the page, which is built once and follows the news.
pub(super) fn of_address(page: impl Fn(Fresh<GatewayDetail>) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<GatewayId>().ok()));
    let gateway = Resource::new_blocking(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => read_gateway(id).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match gateway.await {
                    Ok(first) => {
                        let id = first.summary.id.clone();
                        page(fresh(first, move || read_gateway(id.clone())))
                    }
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
pub(super) fn Header(gateway: Fresh<GatewayDetail>, tab: Tab, #[prop(optional, into)] actions: Slot) -> impl IntoView {
    let first = gateway.get_untracked();
    let summary = first.summary;
    let name = summary.name.to_string();
    let status = move || gateway.with(|gateway| gateway.summary.status);
    let moving = move || {
        let portal = gateway.with(|gateway| gateway.internet.status);
        status() == GatewayStatus::Creating || matches!(portal, PortalStatus::Activating | PortalStatus::Deactivating)
    };
    let badge = view! {
        {move || gateway_badge(status())}
        {move || moving().then(|| view! { <Refresh /> })}
    };
    let mut tabs = vec![TabItem::new(tr!(gateway.overview), paths::gateway(&summary.id), tab == Tab::Overview)];
    // The doors of an ALB gateway are opened by linking networks, which is another page's work.
    if summary.kind != GatewayKind::Alb {
        tabs.push(TabItem::new(tr!(gateway.internet), paths::gateway_internet(&summary.id), tab == Tab::Internet));
    }
    view! {
        <PageTitle text=name.clone() />
        <PageHeader
            title=name.clone()
            badge
            actions
            subtitle=view! { <CopyText text=summary.id.to_string() label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=vec![Crumb::link(tr!(gateways.title), paths::GATEWAYS), Crumb::here(name)]
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Tabs label=tr!(gateway.tabs) items=tabs />
    }
    .into_any()
}
