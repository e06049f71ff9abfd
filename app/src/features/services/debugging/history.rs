//! What was sent before, in this browser only and without tokens.

use domain::debugging::DebugDraft;
use domain::id::ServiceId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const MOST: usize = 20;
/// Bytes of a body that is kept; larger ones are left out.
const LARGEST: usize = 16 * 1024;
/// Headers with secrets in them.
const SECRET: [&str; 6] = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub draft: DebugDraft,
    pub status: Option<u16>,
    pub ms: u64,
}

/// As it may be kept.
fn plain(draft: &DebugDraft) -> DebugDraft {
    let is_plain = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        !SECRET.contains(&name.as_str())
    };
    let headers = draft.headers.lines().filter(is_plain).collect::<Vec<_>>().join("\n");
    let body = if draft.body.len() <= LARGEST { draft.body.clone() } else { String::new() };
    DebugDraft { headers, body, token: String::new(), ..draft.clone() }
}

fn key(service: &ServiceId) -> String {
    format!("debugging/{service}")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Newest first. Whatever else somebody put there is no history.
pub fn read(service: &ServiceId) -> Vec<Past> {
    let text = storage().and_then(|storage| storage.get_item(&key(service)).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Returns all of it as it is then. A browser that keeps nothing is none the worse for it.
pub fn add(service: &ServiceId, draft: &DebugDraft, status: Option<u16>, ms: u64) -> Vec<Past> {
    let all = with(read(service), Past { draft: plain(draft), status, ms });
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&all)) {
        let _ = storage.set_item(&key(service), &text);
    }
    all
}

pub fn clear(service: &ServiceId) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(service));
    }
}

/// The same request is there once.
fn with(mut all: Vec<Past>, newest: Past) -> Vec<Past> {
    all.retain(|past| past.draft != newest.draft);
    all.insert(0, newest);
    all.truncate(MOST);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_kept() {
        let headers = "Accept: */*\nauthorization : Bearer hidden\nX-API-Key: hidden\nCookie: a=hidden";
        let draft = DebugDraft { headers: headers.into(), token: "tok-1".into(), ..DebugDraft::default() };
        let kept = plain(&draft);
        assert_eq!((kept.headers.as_str(), kept.token.as_str()), ("Accept: */*", ""));
        assert!(plain(&DebugDraft { body: "x".repeat(LARGEST + 1), ..draft }).body.is_empty());
    }

    #[test]
    fn the_last_twenty_each_once() {
        let past = |n: usize| Past {
            draft: DebugDraft { path: format!("/{}", n % 25), ..DebugDraft::default() },
            status: Some(200),
            ms: 1,
        };
        let all = (0..50).fold(Vec::new(), |all, n| with(all, past(n)));
        assert_eq!(all.len(), MOST);
        assert_eq!((all[0].draft.path.as_str(), all[19].draft.path.as_str()), ("/24", "/5"));
    }
}
