use crate::{Icon, MaybeText, Tone};
use leptos::prelude::*;

pub(super) const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "callout callout-neutral",
        Tone::Info => "callout callout-info",
        Tone::Good => "callout callout-good",
        Tone::Warn => "callout callout-warn",
        Tone::Bad => "callout callout-bad",
    }
}

/// A remark that belongs to the page, not to a moment: what a choice means, what is in the way.
#[component]
pub fn Callout(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: MaybeText,
    children: Children,
) -> impl IntoView {
    // A neutral remark needs a sign that it is one, not the bullet of a neutral state.
    let icon = if tone == Tone::Neutral { Tone::Info.icon() } else { tone.icon() };
    view! {
        <div class=class(tone) role="note">
            <Icon name=icon />
            <div class="callout-body">
                {title.0.map(|title| view! { <p class="callout-title">{title}</p> })}
                {children()}
            </div>
        </div>
    }
    .into_any()
}
