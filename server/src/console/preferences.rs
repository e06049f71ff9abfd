//! Language and theme, remembered in cookies. Works as a plain form.

use app::paths::local;
use axum::Form;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

const YEAR: u32 = 365 * 24 * 3600;

#[derive(Deserialize)]
pub struct Preferences {
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    theme: Option<String>,
    #[serde(default)]
    back: String,
}

pub async fn set(Form(chosen): Form<Preferences>) -> (StatusCode, HeaderMap) {
    let mut headers = HeaderMap::new();
    let mut cookie = |name: &str, value: &str| {
        if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={YEAR}; SameSite=Lax")) {
            headers.append(SET_COOKIE, cookie);
        }
    };
    if let Some(language @ ("en" | "zh-CN")) = chosen.language.as_deref() {
        cookie(app::texts::COOKIE, language);
    }
    if let Some(theme @ ("light" | "dark" | "system")) = chosen.theme.as_deref() {
        cookie(app::shell::THEME_COOKIE, theme);
    }
    let back = HeaderValue::from_str(local(&chosen.back)).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(LOCATION, back);
    (StatusCode::SEE_OTHER, headers)
}
