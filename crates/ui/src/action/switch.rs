use crate::MaybeText;
use leptos::prelude::*;

/// Turns a thing on or off at once. It is the submit button of the form around it, so it works without JavaScript;
/// the form says in a hidden field which way to turn. The visible words are the caller's, beside it.
#[component]
pub fn Switch(
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] label: String,
    #[prop(optional, into)] name: MaybeText,
    #[prop(optional, into)] value: MaybeText,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] describedby: MaybeText,
) -> impl IntoView {
    view! {
        <button
            class="switch"
            type="submit"
            role="switch"
            name=name.0
            value=value.0
            aria-checked=move || if on.get() { "true" } else { "false" }
            aria-label=label
            aria-describedby=describedby.0
            disabled=move || disabled.get()
        >
            <span class="switch-track" aria-hidden="true">
                <span class="switch-thumb"></span>
            </span>
        </button>
    }
    .into_any()
}
