//! A page that does not exist.

use super::EntryPage;
use crate::paths;
use leptos::prelude::*;
use ui::{ButtonKind, EmptyState, IconName, LinkButton, PageTitle};

#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>() {
        options.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <PageTitle text=tr!(not_found.title) />
        <EntryPage>
            <h1 class="sr-only">{tr!(not_found.title)}</h1>
            <EmptyState
                icon=IconName::Search
                title=tr!(not_found.title)
                body=tr!(not_found.body)
                actions=view! { <LinkButton href=paths::GATEWAYS kind=ButtonKind::Primary>{tr!(gateways.title)}</LinkButton> }
            />
        </EntryPage>
    }
    .into_any()
}
