use crate::{Icon, IconName};
use leptos::prelude::*;

/// The ids and ARIA wiring every field shares. Ids come from the field's name, so both sides render the same.
#[derive(Clone)]
pub(super) struct Wiring {
    pub id: String,
    hint_id: Option<String>,
    error_id: String,
    error: Signal<Option<String>>,
}

impl Wiring {
    pub fn new(prefix: &str, name: &str, has_hint: bool, error: Signal<Option<String>>) -> Self {
        let id = format!("{prefix}{name}");
        Self { hint_id: has_hint.then(|| format!("{id}-hint")), error_id: format!("{id}-error"), id, error }
    }

    pub fn described_by(&self) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
        let Self { hint_id, error_id, error, .. } = self.clone();
        move || match (&hint_id, error.with(Option::is_some)) {
            (Some(hint), true) => Some(format!("{error_id} {hint}")),
            (None, true) => Some(error_id.clone()),
            (hint, false) => hint.clone(),
        }
    }

    pub fn invalid(&self) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync + 'static {
        let error = self.error;
        move || error.with(Option::is_some).then_some("true")
    }

    pub fn hint(&self, text: Option<String>) -> impl IntoView + use<> {
        let id = self.hint_id.clone();
        text.map(|text| {
            view! {
                <p class="field-hint" id=id>
                    {text}
                </p>
            }
        })
    }

    pub fn error(&self) -> impl IntoView + use<> {
        let Self { error_id, error, .. } = self.clone();
        move || {
            error.get().map(|text| {
                view! {
                    <p class="field-error" id=error_id.clone()>
                        <Icon name=IconName::Error />
                        <span>{text}</span>
                    </p>
                }
            })
        }
    }
}

/// Label above, control, error, hint below.
pub(super) fn frame(
    wiring: &Wiring,
    label: String,
    optional_text: Option<String>,
    hint: Option<String>,
    control: AnyView,
) -> AnyView {
    view! {
        <div class="field">
            <label class="field-label" for=wiring.id.clone()>
                {label}
                {optional_text.map(|text| view! { <span class="field-optional">{text}</span> })}
            </label>
            {control}
            {wiring.error()}
            {wiring.hint(hint)}
        </div>
    }
    .into_any()
}
