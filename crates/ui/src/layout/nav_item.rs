use crate::{Icon, IconName, MaybeText, href};
use leptos::prelude::*;

/// One line of the main navigation; place it in the `nav` of [`crate::AppShell`].
#[component]
pub fn NavItem(
    #[prop(into)] href: String,
    icon: IconName,
    #[prop(into)] label: String,
    #[prop(optional, into)] current: Signal<bool>,
) -> impl IntoView {
    view! {
        <a class="nav-item" href=href::safe(href) aria-current=move || current.get().then_some("page")>
            <Icon name=icon />
            <span>{label}</span>
        </a>
    }
    .into_any()
}

/// A few navigation lines with a small heading.
#[component]
pub fn NavGroup(#[prop(optional, into)] title: MaybeText, children: Children) -> impl IntoView {
    view! {
        <div class="nav-group">
            {title.0.map(|title| view! { <p class="nav-title">{title}</p> })}
            {children()}
        </div>
    }
    .into_any()
}
