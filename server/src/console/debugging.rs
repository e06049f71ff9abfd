//! Online Debugging as the browser's script asks for it: what is heard goes on line by line.

use app::context::RequestContext;
use app::error::ApiError;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use control::ControlError;
use domain::debugging::{DebugDraft, Heard, MAX_BODY};
use domain::id::ServiceId;
use std::convert::Infallible;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of the JSON that a request for a service comes in: every byte of its body may be escaped.
pub const LARGEST_DRAFT: usize = 8 * MAX_BODY;

/// One JSON object a line. The request ends when the browser goes.
pub async fn send(
    Extension(request): Extension<RequestContext>,
    Path(id): Path<String>,
    Json(draft): Json<DebugDraft>,
) -> Response {
    let Some(principal) = request.principal else { return refused(ControlError::Unauthenticated) };
    let Ok(id) = id.parse::<ServiceId>() else { return refuse(&ApiError::NotFound) };
    match request.control.debug_service(&principal, &id, &draft).await {
        Ok(heard) => {
            let lines = ReceiverStream::new(heard).map(|heard| Ok::<_, Infallible>(line(&heard)));
            // No proxy on the way may keep parts back or remember them.
            let headers = [(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store, no-transform")];
            (headers, [("x-accel-buffering", "no")], Body::from_stream(lines)).into_response()
        }
        Err(error) => refused(error),
    }
}

fn line(heard: &Heard) -> Bytes {
    let mut line = serde_json::to_vec(heard).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

fn refused(error: ControlError) -> Response {
    refuse(&error.into())
}

fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}
