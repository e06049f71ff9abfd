use crate::{Icon, IconName};
use leptos::prelude::*;

/// Puts `text` on the clipboard and says `done`. Without JavaScript it is not shown: the text itself can be selected.
#[component]
pub fn CopyButton(
    #[prop(into)] text: String,
    #[prop(into)] label: String,
    #[prop(into)] done: String,
    /// Show the label beside the drawing instead of as a tooltip.
    #[prop(optional)]
    labelled: bool,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        crate::browser::copy(text.clone(), copied);
        #[cfg(not(feature = "hydrate"))]
        let _ = &text;
    };
    let icon = move || if copied.get() { IconName::Check } else { IconName::Copy };
    view! {
        <span class="copy js-only">
            <button
                class=if labelled { "btn btn-secondary" } else { "icon-btn" }
                type="button"
                aria-label=(!labelled).then(|| label.clone())
                title=(!labelled).then(|| label.clone())
                data-copied=move || copied.get().then_some("true")
                on:click=copy
            >
                {move || view! { <Icon name=icon() /> }}
                {labelled.then(|| view! { <span>{label.clone()}</span> })}
            </button>
            // Empty until the copy is made, so that a screen reader has a change to announce.
            <span class="copy-done" role="status">
                {move || copied.get().then(|| done.clone())}
            </span>
        </span>
    }
    .into_any()
}

/// A value people paste elsewhere (an id, an endpoint) with its copy button.
#[component]
pub fn CopyText(
    #[prop(into)] text: String,
    #[prop(into)] label: String,
    #[prop(into)] done: String,
    #[prop(default = true)] mono: bool,
) -> impl IntoView {
    view! {
        <span class="copy-text">
            {if mono {
                view! { <code class="copy-value">{text.clone()}</code> }.into_any()
            } else {
                view! { <span class="copy-value">{text.clone()}</span> }.into_any()
            }}
            <CopyButton text label done />
        </span>
    }
    .into_any()
}
