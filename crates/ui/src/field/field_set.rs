use super::frame::Wiring;
use crate::MaybeText;
use leptos::prelude::*;

/// Several fields under one legend, with one sentence about all of them.
#[component]
pub fn FieldSet(
    name: &'static str,
    #[prop(into)] legend: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(default = "f-")] id_prefix: &'static str,
    children: Children,
) -> impl IntoView {
    let wiring = Wiring::new(id_prefix, name, hint.0.is_some(), error);
    view! {
        <fieldset
            class="field"
            id=wiring.id.clone()
            role="group"
            tabindex="-1"
            aria-invalid=wiring.invalid()
            aria-describedby=wiring.described_by()
        >
            <legend class="field-label">{legend}</legend>
            <div class="stack-small">{children()}</div>
            {wiring.error()}
            {wiring.hint(hint.0)}
        </fieldset>
    }
    .into_any()
}
