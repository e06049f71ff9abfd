use super::frame::{Wiring, frame};
use crate::{Icon, IconName, MaybeText};
use leptos::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectOption {
    pub value: String,
    pub label: String,
    pub disabled: bool,
}

impl SelectOption {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), disabled: false }
    }
}

/// Native drop-down.
#[component]
pub fn SelectField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    options: Vec<SelectOption>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] optional_text: MaybeText,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(default = "f-")] id_prefix: &'static str,
    /// Distinguishes fields that share a name.
    #[prop(optional, into)]
    id_suffix: MaybeText,
) -> impl IntoView {
    let own = id_suffix.0.map_or_else(|| name.to_owned(), |suffix| format!("{name}-{suffix}"));
    let wiring = Wiring::new(id_prefix, &own, hint.0.is_some(), error);
    let options = options
        .into_iter()
        .map(|o| {
            let selected = o.value == value;
            view! {
                <option value=o.value selected=selected disabled=o.disabled>
                    {o.label}
                </option>
            }
        })
        .collect_view();
    let control = view! {
        <div class="select">
            <select
                class="input"
                id=wiring.id.clone()
                name=name
                required=required
                autofocus=autofocus
                disabled=move || disabled.get()
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            >
                {options}
            </select>
            <Icon name=IconName::ChevronDown class="icon select-arrow" />
        </div>
    };
    frame(&wiring, label, optional_text.0, hint.0, control.into_any())
}
