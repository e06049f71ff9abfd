//! Static files: from inside the program where they were built into it, else from the site folder on disk.

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Component, Path};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Names do not change with contents, so browsers ask each time; an unchanged file answers 304.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let accepts = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encodings = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(name, _)| accepts.contains(name));
    for (encoding, suffix) in encodings.chain([("", "")]) {
        if let Some(contents) = find(&format!("{path}{suffix}")) {
            return answer(path, encoding, contents, &headers);
        }
    }
    (StatusCode::NOT_FOUND, "There is nothing here. The console starts at /.\n").into_response()
}

fn find(path: &str) -> Option<Cow<'static, [u8]>> {
    if let Ok(at) = ASSETS.binary_search_by(|(name, _)| (*name).cmp(path)) {
        return Some(Cow::Borrowed(ASSETS[at].1));
    }
    if !ASSETS.is_empty() {
        return None;
    }
    let root = std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".into());
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let file = Path::new(&root).join(path);
    if plain && !path.is_empty() { std::fs::read(file).ok().map(Cow::Owned) } else { None }
}

fn answer(path: &str, encoding: &'static str, contents: Cow<'static, [u8]>, asked: &HeaderMap) -> Response {
    let mut hasher = DefaultHasher::new();
    (encoding, &contents).hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if !encoding.is_empty() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let unchanged = asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if unchanged {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, contents.into_owned()).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
