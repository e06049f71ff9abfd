use super::frame::Wiring;
use crate::{Badge, MaybeText, Tone};
use leptos::prelude::*;

/// One choice. A choice that cannot be taken is `disabled` and says why in its `body`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RadioCard {
    pub value: String,
    pub title: String,
    pub body: String,
    pub badge: Option<String>,
    pub disabled: bool,
}

impl RadioCard {
    pub fn new(value: impl Into<String>, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { value: value.into(), title: title.into(), body: body.into(), ..Self::default() }
    }
}

/// A few choices that deserve an explanation each.
#[component]
pub fn RadioCards(
    name: &'static str,
    #[prop(into)] legend: String,
    options: Vec<RadioCard>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(optional)] required: bool,
    #[prop(default = "f-")] id_prefix: &'static str,
) -> impl IntoView {
    let wiring = Wiring::new(id_prefix, name, hint.0.is_some(), error);
    let cards = options
        .into_iter()
        .map(|card| {
            let id = format!("{}-{}", wiring.id, card.value);
            let body_id = format!("{id}-body");
            let checked = card.value == value;
            let described = (!card.body.is_empty()).then(|| body_id.clone());
            view! {
                <div class="radio-card">
                    <input
                        class="radio-dot"
                        type="radio"
                        id=id.clone()
                        name=name
                        value=card.value
                        checked=checked
                        required=required
                        disabled=card.disabled
                        aria-describedby=described.clone()
                    />
                    <label class="radio-title" for=id>
                        {card.title}
                        {card.badge.map(|label| view! { <Badge tone=Tone::Info label /> })}
                    </label>
                    {described
                        .map(|id| {
                            view! {
                                <p class="radio-body" id=id>
                                    {card.body}
                                </p>
                            }
                        })}
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset
            class="field"
            id=wiring.id.clone()
            role="radiogroup"
            tabindex="-1"
            aria-required=required.then_some("true")
            aria-invalid=wiring.invalid()
            aria-describedby=wiring.described_by()
        >
            <legend class="field-label">{legend}</legend>
            <div class="radio-cards">{cards}</div>
            {wiring.error()}
            {wiring.hint(hint.0)}
        </fieldset>
    }
    .into_any()
}
