//! Invocation Method: endpoints, tokens and ready-made calls.

mod notes;
mod shared;
mod snippets;

use super::detail::{Header, Tab, of_address};
use super::tokens::{Revealed, Tokens};
use crate::features::gateways::{endpoint, endpoint_inside};
use crate::layout::Fresh;
use crate::paths;
use domain::view::ServiceDetail;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use notes::NotAllowed;
use shared::SharedGateway;
use snippets::Snippets;
use ui::{DescriptionList, LinkButton, Section, TabItem, Tabs};

#[component]
pub fn InvocationMethod() -> impl IntoView {
    of_address(|service| {
        let query = use_query_map();
        let shared = Memo::new(move |_| query.with(|query| query.get("via").is_some_and(|via| via == "shared")));
        let id = service.with_untracked(|service| service.summary.id.clone());
        let ways = move || {
            let here = paths::invocation(&id);
            let items = vec![
                TabItem::new(tr!(calling.dedicated), here.clone(), !shared.get()),
                TabItem::new(tr!(calling.shared), format!("{here}?via=shared"), shared.get()),
            ];
            view! { <Tabs label=tr!(services.invocation) items /> }
        };
        let revealed = Revealed::default();
        let panel = move || match shared.get() {
            true => view! { <SharedGateway service /> }.into_any(),
            false => view! { <DedicatedGateway service revealed /> }.into_any(),
        };
        view! {
            <Header service tab=Tab::Invocation />
            {ways}
            {panel}
        }
        .into_any()
    })
}

#[component]
fn DedicatedGateway(service: Fresh<ServiceDetail>, revealed: Revealed) -> impl IntoView {
    view! {
        <Internet service />
        <Vpc service />
        <Tokens service revealed />
        <Snippets service revealed />
    }
    .into_any()
}

#[component]
fn Internet(service: Fresh<ServiceDetail>) -> impl IntoView {
    let gateway = service.with_untracked(|service| service.summary.gateway_id.clone());
    let doors = Memo::new(move |_| service.with(|service| service.invocation.internet.clone()));
    let list = move || {
        let doors = doors.get();
        if doors.is_empty() {
            return view! {
                <p class="muted">{tr!(invocation.internet_closed)}</p>
                <LinkButton href=paths::gateway_internet(&gateway)>{tr!(invocation.open_portal)}</LinkButton>
            }
            .into_any();
        }
        view! {
            <DescriptionList>{doors.iter().map(endpoint).collect::<Vec<_>>()}</DescriptionList>
            <NotAllowed service />
        }
        .into_any()
    };
    view! { <Section title=tr!(invocation.internet)>{list}</Section> }.into_any()
}

#[component]
fn Vpc(service: Fresh<ServiceDetail>) -> impl IntoView {
    let doors = Memo::new(move |_| service.with(|service| service.invocation.vpc.clone()));
    let list = move || {
        let doors = doors.get();
        if doors.is_empty() {
            return view! { <p class="muted">{tr!(invocation.vpc_closed)}</p> }.into_any();
        }
        view! { <DescriptionList>{doors.iter().map(endpoint_inside).collect::<Vec<_>>()}</DescriptionList> }.into_any()
    };
    view! { <Section title=tr!(invocation.vpc)>{list}</Section> }.into_any()
}
