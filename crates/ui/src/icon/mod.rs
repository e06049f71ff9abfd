mod drawing;
mod name;

pub use name::IconName;

use leptos::prelude::*;

/// Decorative line drawing in the colour of the text around it; the words beside it carry the meaning.
#[component]
pub fn Icon(name: IconName, #[prop(optional)] class: &'static str) -> impl IntoView {
    let class = match (class, name) {
        ("", IconName::Spinner) => "icon icon-spin",
        ("", _) => "icon",
        (class, _) => class,
    };
    view! {
        <svg
            class=class
            viewBox="0 0 16 16"
            width="16"
            height="16"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            focusable="false"
        >
            <path d=drawing::path(name)></path>
        </svg>
    }
    .into_any()
}
