//! The server function of Online Debugging: the whole answer at once, for browsers without a script.

use crate::error::ApiError;
use domain::debugging::{Answer, DebugDraft};
use domain::id::ServiceId;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    crate::context::{authorised, respond},
    domain::debugging::Heard,
};

/// Characters of an answer that are kept for the page that shows it.
#[cfg(feature = "ssr")]
const MOST_KEPT: usize = 64 * 1024;

#[server(prefix = "/api/_fn", endpoint = "service.debug")]
pub async fn debug_service(id: ServiceId, draft: DebugDraft) -> Result<Answer, ApiError> {
    let (request, principal) = authorised()?;
    let mut heard = request.control.debug_service(&principal, &id, &draft).await.map_err(respond)?;
    let mut answer = Answer::default();
    while let Some(one) = heard.recv().await {
        let text = matches!(one, Heard::Text { .. });
        if !(text && answer.text.len() > MOST_KEPT) {
            answer.hear(one);
            continue;
        }
        answer.cut = true;
    }
    request.outcome.put(Ok(serde_json::to_string(&answer).unwrap_or_default()));
    Ok(answer)
}
