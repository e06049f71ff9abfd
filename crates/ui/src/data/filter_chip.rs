use crate::{Icon, IconName, href};
use leptos::prelude::*;

/// A filter in force; its link leads to the same page without it.
#[component]
pub fn FilterChip(
    #[prop(into)] label: String,
    #[prop(into)] remove_href: String,
    #[prop(into)] remove_label: String,
) -> impl IntoView {
    view! {
        <span class="chip">
            <span class="chip-label">{label}</span>
            <a class="chip-remove" href=href::safe(remove_href) aria-label=remove_label.clone() title=remove_label>
                <Icon name=IconName::Close class="icon icon-small" />
            </a>
        </span>
    }
    .into_any()
}
