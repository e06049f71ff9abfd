use crate::{Icon, IconName, Slot};
use leptos::prelude::*;

/// Why there is nothing here and what to do about it. Empty, filtered to nothing, not allowed and failed to load
/// are different sentences.
#[component]
pub fn EmptyState(
    icon: IconName,
    #[prop(into)] title: String,
    #[prop(optional, into)] body: Slot,
    #[prop(optional, into)] actions: Slot,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">
                <Icon name=icon />
            </span>
            <p class="empty-title">{title}</p>
            {body.0.map(|body| view! { <div class="empty-body">{body}</div> })}
            {actions.0.map(|actions| view! { <div class="empty-actions">{actions}</div> })}
        </div>
    }
    .into_any()
}
