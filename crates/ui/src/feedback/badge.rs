use crate::{Icon, IconName, MaybeText, Tone};
use leptos::prelude::*;

/// A short property of a thing: its type, a count, "default".
#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(into)] label: String,
    #[prop(optional)] icon: Option<IconName>,
) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => "badge badge-neutral",
        Tone::Info => "badge badge-info",
        Tone::Good => "badge badge-good",
        Tone::Warn => "badge badge-warn",
        Tone::Bad => "badge badge-bad",
    };
    view! {
        <span class=class>
            {icon.map(|name| view! { <Icon name /> })}
            {label}
        </span>
    }
    .into_any()
}

/// The observed state of a thing: shape, colour and word. `busy` turns the shape into a spinner, `title` tells the
/// reason on hover (say it on the page as well: a tooltip reaches neither touch nor keyboard).
#[component]
pub fn StatusBadge(
    tone: Tone,
    #[prop(into)] label: String,
    #[prop(optional)] busy: bool,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional, into)] title: MaybeText,
) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => "status status-neutral",
        Tone::Info => "status status-info",
        Tone::Good => "status status-good",
        Tone::Warn => "status status-warn",
        Tone::Bad => "status status-bad",
    };
    let name = if busy { IconName::Spinner } else { icon.unwrap_or(tone.icon()) };
    view! {
        <span class=class title=title.0>
            <Icon name />
            <span>{label}</span>
        </span>
    }
    .into_any()
}
