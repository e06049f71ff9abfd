use crate::{Icon, IconName, href};
use leptos::prelude::*;

/// A link in running text or a cell. `external` ones open a new tab and show it with an arrow.
#[component]
pub fn TextLink(#[prop(into)] href: String, #[prop(optional)] external: bool, children: Children) -> impl IntoView {
    let href = href::safe(href);
    if external {
        view! {
            <a class="link" href=href target="_blank" rel="noopener noreferrer">
                {children()}
                <Icon name=IconName::External class="icon icon-inline" />
            </a>
        }
        .into_any()
    } else {
        view! {
            <a class="link" href=href>
                {children()}
            </a>
        }
        .into_any()
    }
}

/// First thing the Tab key reaches: jumps over the navigation to `#main`.
#[component]
pub fn SkipLink(#[prop(into)] label: String) -> impl IntoView {
    // `rel=external` keeps the router's hands off a jump inside the page.
    view! {
        <a class="skip-link" href="#main" rel="external">
            {label}
        </a>
    }
}
