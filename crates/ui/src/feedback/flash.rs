use super::callout::class;
use crate::{Icon, IconName, MaybeText, Tone};
use leptos::prelude::*;

/// What just happened ("Gateway created"). Stays until dismissed, which needs JavaScript and a `dismiss_label`;
/// the next page is without it anyway. Who decides by other means whether it is shown hears of it by `on_dismiss`.
#[component]
pub fn Flash(
    #[prop(into)] message: String,
    #[prop(default = Tone::Good)] tone: Tone,
    #[prop(optional, into)] dismiss_label: MaybeText,
    #[prop(optional)] on_dismiss: Option<Callback<()>>,
) -> impl IntoView {
    let open = RwSignal::new(true);
    let dismiss = dismiss_label.0.map(|label| {
        view! {
            <button
                class="icon-btn js-only flash-close"
                type="button"
                aria-label=label.clone()
                title=label
                on:click=move |_| {
                    open.set(false);
                    if let Some(hears) = on_dismiss {
                        hears.run(());
                    }
                }
            >
                <Icon name=IconName::Close />
            </button>
        }
    });
    view! {
        <div class="flash" role="status" hidden=move || !open.get()>
            <div class=class(tone)>
                <Icon name=tone.icon() />
                <div class="callout-body">{message}</div>
                {dismiss}
            </div>
        </div>
    }
    .into_any()
}
