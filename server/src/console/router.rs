//! All routes of the console on one screen.

use super::drafts::Drafts;
use super::{assets, billing, debugging, drafts, events, output, preferences, request, security, session};
use app::paths;
use app::shell::{App, shell};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use control::Control;
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async};
use std::sync::Arc;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;

#[derive(Clone)]
pub struct Shared {
    pub control: Control,
    pub drafts: Drafts,
    pub stopped: watch::Receiver<bool>,
    /// Cookies are marked `Secure`.
    pub secure: bool,
    /// Connections are encrypted by this process.
    pub encrypted: bool,
    pub origin: String,
    /// The local authority's certificate, PEM.
    pub root: Arc<str>,
}

#[derive(Clone, FromRef)]
struct AppState {
    leptos: LeptosOptions,
    shared: Shared,
}

/// A static file; where there is none, people get a page that says so, and programs a line.
async fn file_or_page(leptos: LeptosOptions, request: Request) -> Response {
    let file = assets::serve(request.method().clone(), request.uri().clone(), request.headers().clone()).await;
    let html = request
        .headers()
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if file.status() == StatusCode::NOT_FOUND && html {
        return render_app_async(move || shell(leptos.clone()))(request).await;
    }
    file
}

/// Public by its nature, and wanted by clients that have no account.
async fn local_ca(State(shared): State<Shared>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/x-pem-file"),
        (CONTENT_DISPOSITION, "attachment; filename=\"inference-gateway-ca.pem\""),
    ];
    (headers, shared.root.to_string())
}

pub fn router(shared: Shared) -> Router {
    let leptos = LeptosOptions::builder().output_name("console").site_pkg_dir("pkg").site_root("target/site").build();
    let routes = generate_route_list(App);
    let state = AppState { leptos: leptos.clone(), shared: shared.clone() };
    // From the inside out: the request's context needs the session, which needs nothing but a safe request.
    let pages = Router::new()
        .leptos_routes_with_context(&state, routes, || {}, {
            let leptos = leptos.clone();
            move || shell(leptos.clone())
        })
        .layer(from_fn_with_state(shared.clone(), drafts::remember))
        .route("/preferences", post(preferences::set))
        .route("/events", get(events::stream))
        .route(paths::COST_CSV, get(billing::csv))
        .route(paths::OUTPUT, get(output::text))
        .route(paths::DEBUG_ROUTE, post(debugging::send).layer(DefaultBodyLimit::max(debugging::LARGEST_DRAFT)))
        .layer(from_fn_with_state(shared.clone(), request::attach))
        .layer(from_fn_with_state(shared.clone(), session::resolve))
        .layer(from_fn(security::same_origin))
        .layer(from_fn_with_state(shared.clone(), security::not_in_clear));
    Router::new()
        .merge(pages)
        .route(paths::LOCAL_CA, get(local_ca))
        .route("/health", get(|| async { "ok\n" }))
        .fallback(move |request: Request| file_or_page(leptos.clone(), request))
        .layer(from_fn(security::headers))
        .layer(CatchPanicLayer::new())
        .with_state(state)
}
