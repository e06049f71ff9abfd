//! The document around all pages, and which page is where.

use crate::context::{provide_draft, provide_live, provide_viewer};
use crate::features::{account, accounts, billing, certificates, entry, gateways, groups, hosts, networks, services};
use crate::i18n::I18nContextProvider;
use crate::layout::{Frame, NotFound};
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Outlet, ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// Holds `light`, `dark` or `system`.
pub const THEME_COOKIE: &str = "theme";

/// The chosen theme; empty where the system decides.
#[cfg(feature = "ssr")]
pub fn theme() -> String {
    let parts = use_context::<http::request::Parts>();
    let cookies = parts.as_ref().and_then(|parts| parts.headers.get(http::header::COOKIE)?.to_str().ok());
    let chosen = cookies.unwrap_or_default().split(';').find_map(|pair| pair.trim().strip_prefix("theme="));
    chosen.filter(|theme| matches!(*theme, "light" | "dark")).unwrap_or_default().to_owned()
}

#[cfg(not(feature = "ssr"))]
fn theme() -> String {
    String::new()
}

/// Scripts only from here or with this answer's nonce, styles only from here, nothing else from anywhere.
#[cfg(feature = "ssr")]
fn content_security_policy() {
    use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
    let nonce = leptos::nonce::use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let (Some(options), Ok(policy)) = (use_context::<leptos_axum::ResponseOptions>(), HeaderValue::from_str(&policy))
    {
        options.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    content_security_policy();
    let theme = Some(theme()).filter(|theme| !theme.is_empty());
    view! {
        <!DOCTYPE html>
        <html data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href="/pkg/console.css" />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "ssr")]
    outlive_list_of_routes();
    provide_viewer();
    provide_draft();
    provide_live();
    // Tests and styles tell by it that the page answers to clicks.
    Effect::new(|_| {
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-hydrated", "true");
        }
    });
    view! {
        <I18nContextProvider>
            <Named />
            <Router>
                <Routes fallback=NotFound>
                    <Route path=path!("/sign-in") view=entry::SignIn ssr=SsrMode::Async />
                    <Route path=path!("/welcome") view=entry::Welcome ssr=SsrMode::Async />
                    <Route path=path!("/join/:token") view=entry::Join ssr=SsrMode::Async />
                    <ParentRoute path=path!("") view=Framed ssr=SsrMode::Async>
                        <Route path=path!("/") view=|| view! { <Redirect path="/gateways" /> } ssr=SsrMode::Async />
                        <Route path=path!("/gateways") view=gateways::List ssr=SsrMode::Async />
                        <Route path=path!("/gateways/new") view=gateways::ChooseKind ssr=SsrMode::Async />
                        <Route path=path!("/gateways/new/alb") view=gateways::NewAlb ssr=SsrMode::Async />
                        <Route path=path!("/gateways/new/managed") view=gateways::NewManaged ssr=SsrMode::Async />
                        <Route path=path!("/gateways/new/managed/confirm") view=gateways::ConfirmManaged ssr=SsrMode::Async />
                        <Route path=path!("/gateways/new/managed/plan") view=gateways::PlanManaged ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id") view=gateways::Overview ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/internet") view=gateways::Internet ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/internet/enable") view=gateways::EnablePublic ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/alb") view=gateways::Instance ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/vpc") view=gateways::Vpcs ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/vpc/add") view=gateways::AddVpc ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/vpc/:vpc") view=gateways::Link ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/nodes") view=gateways::Nodes ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/resize") view=gateways::Resize ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/domains") view=gateways::Domains ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/domains/new") view=gateways::CreateDomain ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/structure") view=gateways::Structure ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/settings") view=gateways::Settings ssr=SsrMode::Async />
                        <Route path=path!("/gateways/:id/delete") view=gateways::Delete ssr=SsrMode::Async />
                        <Route path=path!("/services") view=services::List ssr=SsrMode::Async />
                        <Route path=path!("/services/new") view=services::ChooseDeployment ssr=SsrMode::Async />
                        <Route path=path!("/services/new/custom") view=services::CustomDeployment ssr=SsrMode::Async />
                        <Route path=path!("/services/new/json") view=services::JsonDeployment ssr=SsrMode::Async />
                        <Route path=path!("/services/new/template/:template") view=services::FromTemplate ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/update") view=services::UpdateService ssr=SsrMode::Async />
                        <Route path=path!("/services/:id") view=services::Overview ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/invocation") view=services::InvocationMethod ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/debugging") view=services::Debugging ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/scaling") view=services::Scaling ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/group") view=services::InGroup ssr=SsrMode::Async />
                        <Route path=path!("/groups") view=groups::Groups ssr=SsrMode::Async />
                        <Route path=path!("/groups/:id") view=groups::GroupPage ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/versions") view=services::Versions ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/events") view=services::Events ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/logs") view=services::Logs ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/monitoring") view=services::Monitoring ssr=SsrMode::Async />
                        <Route path=path!("/services/:id/delete") view=services::Delete ssr=SsrMode::Async />
                        <Route path=path!("/certificates") view=certificates::List ssr=SsrMode::Async />
                        <Route path=path!("/certificates/new") view=certificates::Upload ssr=SsrMode::Async />
                        <Route path=path!("/certificates/acme") view=certificates::Order ssr=SsrMode::Async />
                        <Route path=path!("/certificates/acme/:id") view=certificates::Account ssr=SsrMode::Async />
                        <Route path=path!("/certificates/:id") view=certificates::Detail ssr=SsrMode::Async />
                        <Route path=path!("/billing") view=billing::Cost ssr=SsrMode::Async />
                        <Route path=path!("/billing/orders") view=billing::Orders ssr=SsrMode::Async />
                        <Route path=path!("/billing/prices") view=billing::PricesPage ssr=SsrMode::Async />
                        <Route path=path!("/networks") view=networks::Networks ssr=SsrMode::Async />
                        <Route path=path!("/networks/:id") view=networks::VpcPage ssr=SsrMode::Async />
                        <Route path=path!("/networks/:id/vswitches/:vswitch") view=networks::EditVSwitch ssr=SsrMode::Async />
                        <Route path=path!("/hosts") view=hosts::Hosts ssr=SsrMode::Async />
                        <Route path=path!("/hosts/:id") view=hosts::HostPage ssr=SsrMode::Async />
                        <Route path=path!("/accounts") view=accounts::Accounts ssr=SsrMode::Async />
                        <Route path=path!("/account") view=account::Account ssr=SsrMode::Async />
                        <Route path=path!("/users") view=account::Users ssr=SsrMode::Async />
                    </ParentRoute>
                </Routes>
            </Router>
        </I18nContextProvider>
    }
}

/// The server renders the app once to learn its routes and drops it at once, while an effect of the texts' context
/// still waits on another thread and would panic at what is gone. So what belongs to that one rendering stays.
#[cfg(feature = "ssr")]
fn outlive_list_of_routes() {
    if leptos_router::RouteList::is_generating() {
        std::mem::forget(Owner::current());
    }
}

#[component]
fn Named() -> impl IntoView {
    view! { <ui::TitleSuffix product=tr!(layout.product) /> }
}

#[component]
fn Framed() -> impl IntoView {
    view! {
        <Frame>
            <Outlet />
        </Frame>
    }
}
