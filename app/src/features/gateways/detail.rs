//! What all pages of one gateway have in common: header and tabs.

use super::api::read_gateway;
use crate::layout::{self, DetailHeader, Fresh, gateway_badge};
use crate::paths;
use domain::gateway::GatewayKind;
use domain::status::{AlbStatus, GatewayStatus, LinkStatus, PortalStatus};
use domain::view::{AlbView, GatewayDetail};
use leptos::prelude::*;
use ui::{Crumb, Slot, TabItem};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Internet,
    Vpc,
    Nodes,
    Domains,
    Settings,
    Structure,
    Alb,
}

pub(super) fn of_address(page: impl Fn(Fresh<GatewayDetail>) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    layout::of_address(read_gateway, page)
}

#[component]
pub(super) fn Header(gateway: Fresh<GatewayDetail>, tab: Tab, #[prop(optional, into)] actions: Slot) -> impl IntoView {
    let summary = gateway.with_untracked(|gateway| gateway.summary.clone());
    let status = move || gateway.with(|gateway| gateway.summary.status);
    let moving = Signal::derive(move || {
        let portal = gateway.with(|gateway| gateway.internet.status);
        let linking = gateway.with(|gateway| gateway.vpcs.iter().any(|link| link.status == LinkStatus::Creating));
        let provisioning = |alb: &AlbView| alb.status == AlbStatus::Provisioning;
        status() == GatewayStatus::Creating
            || linking
            || gateway.with(|gateway| gateway.alb.as_ref().is_some_and(provisioning))
            || matches!(portal, PortalStatus::Activating | PortalStatus::Deactivating)
    });
    let mut tabs = vec![TabItem::new(tr!(gateway.overview), paths::gateway(&summary.id), tab == Tab::Overview)];
    tabs.push(TabItem::new(tr!(gateway.internet), paths::gateway_internet(&summary.id), tab == Tab::Internet));
    tabs.push(TabItem::new(tr!(gateway.vpc), paths::gateway_vpcs(&summary.id), tab == Tab::Vpc));
    tabs.push(TabItem::new(tr!(gateway.domains), paths::gateway_domains(&summary.id), tab == Tab::Domains));
    tabs.push(if summary.kind == GatewayKind::Alb {
        TabItem::new(tr!(alb.tab), paths::gateway_alb(&summary.id), tab == Tab::Alb)
    } else {
        TabItem::new(tr!(nodes.tab), paths::gateway_nodes(&summary.id), tab == Tab::Nodes)
    });
    tabs.push(TabItem::new(tr!(structure.tab), paths::gateway_structure(&summary.id), tab == Tab::Structure));
    tabs.push(TabItem::new(tr!(settings.tab), paths::gateway_settings(&summary.id), tab == Tab::Settings));
    view! {
        <DetailHeader
            name=summary.name.to_string()
            id=summary.id.to_string()
            list=Crumb::link(tr!(gateways.title), paths::GATEWAYS)
            status=(move || gateway_badge(status())).into_any()
            moving
            actions
            tabs_label=tr!(gateway.tabs)
            tabs
        />
    }
    .into_any()
}
