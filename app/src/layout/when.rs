//! A moment, in the reader's zone.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use ui::TimeStamp;

#[component]
pub fn When(at: DateTime<Utc>) -> impl IntoView {
    let iso = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let utc_text = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    view! { <TimeStamp iso utc_text /> }
}
