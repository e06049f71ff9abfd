//! What all pages of one service have in common: header and tabs.

use super::api::read_service;
use super::tabs::tabs;
use crate::layout::{self, DetailHeader, Fresh, service_badge};
use crate::paths;
use domain::status::ServiceStatus;
use domain::view::ServiceDetail;
use leptos::prelude::*;
use ui::{Crumb, Slot};

pub(super) use super::tabs::Tab;

pub(super) fn of_address(page: impl Fn(Fresh<ServiceDetail>) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    layout::of_address(read_service, page)
}

#[component]
pub(super) fn Header(service: Fresh<ServiceDetail>, tab: Tab, #[prop(optional, into)] actions: Slot) -> impl IntoView {
    let summary = service.with_untracked(|service| service.summary.clone());
    let status = move || service.with(|service| service.summary.status);
    let moving = Signal::derive(move || {
        matches!(
            status(),
            ServiceStatus::Creating | ServiceStatus::Waiting | ServiceStatus::Updating | ServiceStatus::Stopping
        )
    });
    view! {
        <DetailHeader
            name=summary.name.to_string()
            id=summary.id.to_string()
            list=Crumb::link(tr!(services.title), paths::SERVICES)
            status=(move || service_badge(status())).into_any()
            moving
            actions
            tabs_label=tr!(service.tabs)
            tabs=tabs(&summary.id, tab)
        />
    }
    .into_any()
}
