//! Online Debugging: a request to the service, made from its page by the console.

pub mod api;
mod builder;
mod chat;
mod history;
mod reply;
mod result;
mod stream;
mod talk;
mod words;

use super::detail::{Header, Tab, of_address};
use crate::context::use_viewer;
use crate::layout::Fresh;
use crate::paths;
use builder::Builder;
use chat::Chat;
use domain::role::Permission;
use domain::view::{Door, ServiceDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Callout, LinkButton, TabItem, Tabs, Tone};

#[component]
pub fn Debugging() -> impl IntoView {
    of_address(|service| {
        let query = use_query_map();
        let chat = Memo::new(move |_| query.with(|query| query.get("view").is_some_and(|view| view == "chat")));
        let id = service.with_untracked(|service| service.summary.id.clone());
        let views = move || {
            let here = paths::debugging(&id);
            let items = vec![
                TabItem::new(tr!(debugging.request), here.clone(), !chat.get()),
                TabItem::new(tr!(debugging.chat), format!("{here}?view=chat"), chat.get()),
            ];
            view! { <Tabs label=tr!(debugging.title) items /> }
        };
        // The form stays as it is while replicas come and go.
        let is_open = Memo::new(move |_| service.with(has_door));
        let panel = move || match (is_open.get(), chat.get()) {
            (false, _) => closed(service),
            (true, true) => view! { <Chat service /> }.into_any(),
            (true, false) => view! { <Builder service /> }.into_any(),
        };
        let may = use_viewer().may(Permission::RevealTokens);
        let refused = (!may).then(|| view! { <Callout tone=Tone::Neutral>{tr!(debugging.not_allowed)}</Callout> });
        view! {
            <Header service tab=Tab::Debugging />
            {refused}
            {may.then(|| view! { {views} <p class="muted">{tr!(debugging.who)}</p> {panel} })}
        }
        .into_any()
    })
}

/// One that needs no DNS.
fn has_door(service: &ServiceDetail) -> bool {
    service.invocation.internet.iter().chain(&service.invocation.vpc).any(|endpoint| endpoint.door == Door::Port)
}

fn closed(service: Fresh<ServiceDetail>) -> AnyView {
    let gateway = service.with_untracked(|service| service.summary.gateway_id.clone());
    view! {
        <p class="muted">{tr!(debugging.closed)}</p>
        <LinkButton href=paths::gateway_internet(&gateway)>{tr!(invocation.open_portal)}</LinkButton>
    }
    .into_any()
}
