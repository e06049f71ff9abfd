//! Navigation, header and the page.

use super::{Message, Preferences};
use crate::context::{use_live, use_viewer};
use crate::features::entry::SignOutButton;
use crate::paths;
use domain::role::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use ui::{AppShell, Brand, IconName, Menu, MenuItem, NavGroup, NavItem, SkipLink};

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    focus_after_navigation();
    use_live().follow(use_location().pathname);
    view! {
        <SkipLink label=tr!(layout.skip) />
        <AppShell
            brand=view! { <Brand name=tr!(layout.product) href=paths::GATEWAYS /> }
            nav=view! { <Navigation /> }
            header=view! { <Tools /> }
            nav_label=tr!(layout.navigation)
            menu_label=tr!(layout.open_menu)
        >
            <Message />
            {children()}
        </AppShell>
    }
}

#[component]
fn Navigation() -> impl IntoView {
    let path = use_location().pathname;
    let under = move |prefix: &'static str| Signal::derive(move || path.get().starts_with(prefix));
    let viewer = use_viewer();
    view! {
        <NavGroup title=tr!(layout.inference)>
            <NavItem href=paths::SERVICES icon=IconName::Service label=tr!(services.title) current=under(paths::SERVICES) />
            <NavItem href=paths::GATEWAYS icon=IconName::Gateway label=tr!(gateways.title) current=under(paths::GATEWAYS) />
        </NavGroup>
        <NavGroup title=tr!(layout.administration)>
            <NavItem
                href=paths::CERTIFICATES
                icon=IconName::Certificate
                label=tr!(certificates.title)
                current=under(paths::CERTIFICATES)
            />
            <NavItem href=paths::NETWORKS icon=IconName::Network label=tr!(networks.title) current=under(paths::NETWORKS) />
            <NavItem href=paths::BILLING icon=IconName::Chart label=tr!(billing.title) current=under(paths::BILLING) />
            {viewer
                .may(Permission::ManageUsers)
                .then(|| {
                    view! {
                        <NavItem href=paths::USERS icon=IconName::Users label=tr!(users.title) current=under(paths::USERS) />
                    }
                })}
            {viewer
                .may(Permission::ManageAccounts)
                .then(|| {
                    view! {
                        <NavItem href=paths::HOSTS icon=IconName::Gateway label=tr!(hosts.title) current=under(paths::HOSTS) />
                        <NavItem
                            href=paths::ACCOUNTS
                            icon=IconName::User
                            label=tr!(accounts.title)
                            current=under(paths::ACCOUNTS)
                        />
                    }
                })}
        </NavGroup>
    }
    .into_any()
}

/// Where one is (region and workspace), how the console looks, and who one is.
#[component]
fn Tools() -> impl IntoView {
    let viewer = use_viewer();
    let Some(user) = viewer.user.clone() else { return ().into_any() };
    view! {
        <Menu label=format!("{}: {}", tr!(layout.region), viewer.region) icon=IconName::Globe kind=ui::ButtonKind::Ghost>
            <MenuItem label=viewer.region.clone() href=paths::GATEWAYS current=Signal::stored(true) />
        </Menu>
        <Menu label=format!("{}: {}", tr!(layout.workspace), user.workspace) icon=IconName::Network kind=ui::ButtonKind::Ghost>
            <MenuItem label=user.workspace.clone() href=paths::GATEWAYS current=Signal::stored(true) />
        </Menu>
        <Preferences />
        <Menu label=user.name.clone() icon=IconName::User kind=ui::ButtonKind::Ghost>
            <MenuItem label=tr!(account.title) href=paths::ACCOUNT icon=IconName::Key />
            <SignOutButton />
        </Menu>
    }
    .into_any()
}

/// The heading may come only with its data, or anew with them: tries for two seconds, and leaves a focus alone that
/// the reader has put elsewhere since.
fn focus_heading(tries: u32, done: bool) {
    use wasm_bindgen::JsCast;
    let free = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    let heading = document().get_element_by_id("page-title").filter(|_| free || !done);
    let heading = heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok());
    let focused = heading.is_some_and(|heading| heading.focus().is_ok());
    if tries > 0 {
        set_timeout(move || focus_heading(tries - 1, done || focused), std::time::Duration::from_millis(100));
    }
}

/// A screen reader must notice that there is another page; the browser does not move the focus by itself.
fn focus_after_navigation() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(|| focus_heading(20, false));
        }
        now
    });
}
