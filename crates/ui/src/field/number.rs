use super::frame::{Wiring, frame};
use crate::MaybeText;
use leptos::prelude::*;

/// A number with an optional unit behind it ("seconds", "Mbit/s").
#[component]
pub fn NumberField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: MaybeText,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] optional_text: MaybeText,
    #[prop(optional, into)] min: MaybeText,
    #[prop(optional, into)] max: MaybeText,
    #[prop(optional, into)] step: MaybeText,
    #[prop(optional, into)] unit: MaybeText,
    #[prop(optional, into)] placeholder: MaybeText,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(default = "f-")] id_prefix: &'static str,
) -> impl IntoView {
    let wiring = Wiring::new(id_prefix, name, hint.0.is_some(), error);
    // Without a step, browsers refuse decimals; "any" leaves that to the validation both sides share.
    let whole = step.0.is_none();
    let control = view! {
        <div class="input-row">
            <input
                class="input input-number"
                id=wiring.id.clone()
                name=name
                type="number"
                inputmode=if whole { "numeric" } else { "decimal" }
                value=value.0
                required=required
                min=min.0
                max=max.0
                step=step.0
                placeholder=placeholder.0
                autofocus=autofocus
                disabled=move || disabled.get()
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            />
            {unit.0.map(|unit| view! { <span class="input-unit">{unit}</span> })}
        </div>
    };
    frame(&wiring, label, optional_text.0, hint.0, control.into_any())
}
