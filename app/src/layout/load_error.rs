//! What stands in place of data that could not be read. Never an empty list or a blank form.

use crate::error::ApiError;
use crate::paths;
use crate::texts::use_texts;
use leptos::prelude::*;
use ui::{Callout, LinkButton, PageHeader, PageTitle, Tone};

#[component]
pub fn LoadError(error: ApiError) -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>() {
        let status = http::StatusCode::from_u16(error.http_status());
        options.set_status(status.unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR));
    }
    let title = if error == ApiError::NotFound { tr!(error.gone) } else { tr!(error.title) };
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title />
        <div role="alert">
            <Callout tone=Tone::Bad>{use_texts().error(&error)}</Callout>
        </div>
        <p class="load-error-back">
            <LinkButton href=paths::GATEWAYS>{tr!(gateways.title)}</LinkButton>
        </p>
    }
    .into_any()
}
