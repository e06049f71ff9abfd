//! Forms without JavaScript: a POST that fails shows its page again, with what was typed and what is wrong; one that
//! answers something shows it there.
//!
//! The browser is sent back to the page with the key of a draft; the draft stays in memory for some minutes. Secrets
//! and over-size bodies are not kept.

use super::multipart;
use super::router::Shared;
use app::context::{Draft, RequestContext};
use app::error::ApiError;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, LOCATION, REFERER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use domain::id::SessionId;
use http_body_util::BodyExt;
use identity::entropy;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Larger bodies than any form's of this console are not read.
const LARGEST_BODY: usize = 1024 * 1024;
/// Larger ones than this are not kept.
const LARGEST_DRAFT: usize = 64 * 1024;
/// Of somebody who has signed in, a service's document counts for itself.
const DOCUMENTS: [&str; 2] = ["document", "base"];
/// All of them together.
const ALL: usize = 32 * 1024 * 1024;
/// How long a form may take to arrive.
const READ: Duration = Duration::from_secs(60);
const MOST: usize = 200;
const LIVES: Duration = Duration::from_secs(600);
const PARAMETER: &str = "draft";
/// Fields that hold secrets.
const SECRET: [&str; 9] =
    ["password", "registry_password", "repeated", "old", "new", "token", "key", "hmac_key", multipart::FILES];
/// What a secret looks like in a field that need not hold one.
const PRIVATE: &str = "PRIVATE KEY-----";

#[derive(Clone, Default)]
pub struct Drafts(Arc<Mutex<VecDeque<Kept>>>);

struct Kept {
    key: String,
    /// Only for whom it was made.
    session: Option<SessionId>,
    at: Instant,
    draft: Draft,
}

impl Drafts {
    pub fn find(&self, key: &str, session: Option<&SessionId>) -> Option<Draft> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|kept| kept.key == key && kept.at.elapsed() < LIVES)?;
        if kept[at].session.as_ref() != session {
            return None;
        }
        let draft = kept[at].draft.clone();
        // An answer may be a secret: it is shown once.
        if draft.answer.is_some() {
            kept.remove(at);
        }
        Some(draft)
    }

    fn keep(&self, session: Option<SessionId>, draft: Draft) -> String {
        let key = entropy::token().reveal().to_owned();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = |draft: &Draft| {
            let fields = draft.fields.iter().map(|(name, value)| name.len() + value.len());
            fields.sum::<usize>() + draft.answer.as_ref().map_or(0, String::len)
        };
        let mut all: usize = length(&draft) + kept.iter().map(|kept| length(&kept.draft)).sum::<usize>();
        while let Some(oldest) = kept.front()
            && (kept.len() >= MOST || all > ALL || oldest.at.elapsed() >= LIVES)
        {
            all -= length(&oldest.draft);
            kept.pop_front();
        }
        kept.push_back(Kept { key: key.clone(), session, at: Instant::now(), draft });
        key
    }
}

/// The draft's key in a query.
pub fn key(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix(PARAMETER)?.strip_prefix('='))
}

pub async fn remember(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => Ok(multipart::as_fields(&mut parts.headers, body).await),
        Err(TooLarge) => Err(TooLarge),
    };
    let plain = wants_html(&parts.headers);
    let context = parts.extensions.get::<RequestContext>().cloned().filter(|_| plain);
    let (context, body) = match (context, body) {
        (Some(context), body) => (context, body),
        (None, Ok(body)) => return next.run(Request::from_parts(parts, Body::from(body))).await,
        (None, Err(TooLarge)) => return (StatusCode::PAYLOAD_TOO_LARGE, Json(ApiError::TooLarge)).into_response(),
    };
    let path = parts.uri.path().to_owned();
    let back = parts.headers.get(REFERER).and_then(|referer| referer.to_str().ok()).map(page);
    let (body, mut response) = match body {
        Ok(body) => (body.clone(), next.run(Request::from_parts(parts, Body::from(body))).await),
        Err(TooLarge) => {
            context.outcome.put(Err(ApiError::TooLarge));
            (Bytes::new(), StatusCode::PAYLOAD_TOO_LARGE.into_response())
        }
    };
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Without a noted error there still is one where the arguments could not be read.
    let unread = || location.contains("__err=").then_some(Err(ApiError::BadRequest));
    let Some(outcome) = context.outcome.take().or_else(unread) else { return response };
    let session = context.principal.map(|who| who.session_id);
    let fields = fields(&body, session.is_some());
    let key = shared.drafts.keep(session, Draft { path, error: outcome.clone().err(), answer: outcome.ok(), fields });
    let back = back.unwrap_or_else(|| "/".into());
    let separator = if back.contains('?') { '&' } else { '?' };
    if let Ok(location) = HeaderValue::from_str(&format!("{back}{separator}{PARAMETER}={key}")) {
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(LOCATION, location);
        *response.body_mut() = Body::empty();
    }
    response
}

struct TooLarge;

/// The rest of a body that is too large is read for a while, and forgotten: a browser that is still sending when its
/// connection is closed shows that instead of the answer.
async fn read(mut body: Body) -> Result<Bytes, TooLarge> {
    let mut kept = BytesMut::new();
    let mut fits = true;
    let all = async {
        while let Some(frame) = body.frame().await {
            // Half a form is none.
            let Ok(frame) = frame else { return false };
            let Ok(data) = frame.into_data() else { continue };
            fits = fits && kept.len() + data.len() <= LARGEST_BODY;
            if fits {
                kept.extend_from_slice(&data);
            }
        }
        true
    };
    let whole = tokio::time::timeout(READ, all).await.unwrap_or(false);
    if fits && whole { Ok(kept.freeze()) } else { Err(TooLarge) }
}

pub fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Path and query of the page that a form stood on, without the draft and the message of the time before. Never
/// another site: only the path is taken.
fn page(referer: &str) -> String {
    let Ok(uri) = referer.parse::<Uri>() else { return "/".into() };
    let stale = ["draft=", "flash=", "__path=", "__err="];
    let query: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !stale.iter().any(|name| pair.starts_with(name)))
        .collect();
    // Two slashes at the beginning would name another host.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn fields(body: &[u8], with_documents: bool) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    // `draft[name]` is the field `name` of the argument `draft`; `names[]` is one of several of its own name.
    let short = |name: String| match name.strip_suffix(']').and_then(|name| name.rsplit_once('[')) {
        Some((_, inner)) if !inner.is_empty() => inner.to_owned(),
        _ => name,
    };
    let kept: Vec<(String, String)> = pairs
        .into_iter()
        .map(|(name, value)| (short(name), value))
        .filter(|(name, value)| !SECRET.contains(&name.as_str()) && !value.contains(PRIVATE))
        .collect();
    let is_document = |name: &str, value: &str| {
        with_documents && DOCUMENTS.contains(&name) && value.len() <= domain::service::document::LONGEST
    };
    let others = kept.iter().filter(|(name, value)| !is_document(name, value));
    let length: usize = others.map(|(name, value)| name.len() + value.len()).sum();
    if length > LARGEST_DRAFT { Vec::new() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        let kept = fields(b"draft[name]=%3Cb%3E&password=hunter2&repeated=x&token=y", true);
        assert_eq!(kept, [("name".to_owned(), "<b>".to_owned())]);
        let kept = fields(b"name=a&files%5B%5D=c2VjcmV0&password=hunter2", true);
        assert_eq!(kept, [("name".to_owned(), "a".to_owned())]);
        let large = format!("name=a&chain={}", "x".repeat(LARGEST_DRAFT));
        assert!(fields(large.as_bytes(), true).is_empty(), "over-size forms are not kept");
        let document = format!("name=a&document={0}&base={0}", "x".repeat(200_000));
        assert_eq!(fields(document.as_bytes(), true).len(), 3);
        assert!(fields(document.as_bytes(), false).is_empty());
        let kept = fields(b"chosen%5B%5D=a&chosen%5B%5D=b", true);
        assert_eq!(kept, ["a", "b"].map(|value| ("chosen[]".to_owned(), value.to_owned())));
    }

    #[test]
    fn back_to_the_page_never_to_another_site() {
        assert_eq!(page("http://127.0.0.1:3000/gateways/new?kind=alb&draft=old&flash=x"), "/gateways/new?kind=alb");
        assert_eq!(page("https://evil.example//evil.example/x"), "/evil.example/x");
        assert_eq!(page("nonsense with blanks"), "/");
    }

    #[test]
    fn all_of_them_have_so_much_room() {
        let drafts = Drafts::default();
        let large = || Draft { fields: vec![("a".into(), "x".repeat(ALL / 32 - 1))], ..Draft::default() };
        let keys: Vec<String> = (0..40).map(|_| drafts.keep(None, large())).collect();
        let kept = keys.iter().filter(|key| drafts.find(key, None).is_some()).count();
        assert_eq!((kept, drafts.find(&keys[39], None).is_some()), (32, true));
    }

    #[test]
    fn a_draft_is_for_who_made_it() {
        let drafts = Drafts::default();
        let session = SessionId::from_random([1; 18]);
        let key = drafts.keep(Some(session.clone()), Draft::default());
        assert!(drafts.find(&key, Some(&session)).is_some());
        assert!(drafts.find(&key, None).is_none() && drafts.find("other", Some(&session)).is_none());
    }
}
