//! A moment, in the reader's zone.

use chrono::{DateTime, Timelike, Utc};
use leptos::prelude::*;
use ui::TimeStamp;

#[component]
pub fn When(at: DateTime<Utc>) -> impl IntoView {
    let iso = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    // Not by a format string: its interpreter would be a part of what every browser downloads.
    let utc_text = format!("{} {} UTC", at.date_naive(), at.with_nanosecond(0).unwrap_or(at).time());
    view! { <TimeStamp iso utc_text /> }
}
