use crate::{Icon, IconName, MaybeText};
use leptos::prelude::*;

/// A square button with a drawing only; `label` is its accessible name and its tooltip.
#[component]
pub fn IconButton(
    icon: IconName,
    #[prop(into)] label: String,
    #[prop(default = "submit")] button_type: &'static str,
    #[prop(optional, into)] name: MaybeText,
    #[prop(optional, into)] value: MaybeText,
    #[prop(optional, into)] form: MaybeText,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// For a button that removes or deletes.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    view! {
        <button
            class=if danger { "icon-btn icon-btn-danger" } else { "icon-btn" }
            type=button_type
            name=name.0
            value=value.0
            form=form.0
            disabled=move || disabled.get()
            aria-label=label.clone()
            title=label
        >
            <Icon name=icon />
        </button>
    }
    .into_any()
}
