//! What a replica printed, as a file.

use super::router::Shared;
use super::session::Resolved;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use control::ControlError;
use control::services::MOST_OUTPUT;
use domain::id::{ReplicaId, ServiceId};

/// The newest of it, at most so much: a host is not kept busy for what nobody reads.
const MOST_BYTES: usize = 8 * 1024 * 1024;

pub async fn text(
    State(shared): State<Shared>,
    Extension(Resolved(principal)): Extension<Resolved>,
    Path((service, replica)): Path<(String, String)>,
) -> Response {
    let Some(principal) = principal else { return StatusCode::UNAUTHORIZED.into_response() };
    let (Ok(service), Ok(replica)) = (service.parse::<ServiceId>(), replica.parse::<ReplicaId>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut parts: Vec<String> = Vec::new();
    let mut before = None;
    while parts.iter().map(String::len).sum::<usize>() < MOST_BYTES {
        let read = shared.control.read_output(&principal, &service, &replica, None, before, MOST_OUTPUT).await;
        let part = match read {
            Ok(part) => part,
            Err(error) if parts.is_empty() => return refused(&error),
            // What came until now is better than nothing.
            Err(_) => break,
        };
        let is_all = part.from <= part.oldest || part.text.is_empty() || before.is_some_and(|at| part.from >= at);
        before = Some(part.from);
        parts.push(part.text);
        if is_all {
            break;
        }
    }
    parts.reverse();
    let name = format!("attachment; filename=\"{replica}.txt\"");
    ([(CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], parts.concat())
        .into_response()
}

fn refused(error: &ControlError) -> Response {
    let status = match error {
        ControlError::NotFound { .. } => StatusCode::NOT_FOUND,
        ControlError::Forbidden { .. } => StatusCode::FORBIDDEN,
        ControlError::ReplicaRefused { .. } => StatusCode::CONFLICT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, format!("{error}\n")).into_response()
}
