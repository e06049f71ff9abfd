use crate::MaybeText;
use leptos::prelude::*;

/// The product's sign: something on its way through an arch. `public/favicon.svg` is the same drawing.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <rect class="brand-tile" width="24" height="24" rx="6"></rect>
            <path class="brand-line" d="M6 18.5V12a6 6 0 0 1 12 0v6.5"></path>
            <circle class="brand-dot" cx="12" cy="13" r="2"></circle>
        </svg>
    }
}

/// Mark and name, linked to the start page when it has an `href`.
#[component]
pub fn Brand(#[prop(into)] name: String, #[prop(optional, into)] href: MaybeText) -> impl IntoView {
    let body = view! {
        <BrandMark />
        <span class="brand-name">{name}</span>
    };
    match href.0 {
        Some(to) => view! {
            <a class="brand" href=crate::href::safe(to)>
                {body}
            </a>
        }
        .into_any(),
        None => view! { <span class="brand">{body}</span> }.into_any(),
    }
}
