use super::frame::Wiring;
use crate::MaybeText;
use leptos::prelude::*;

/// A check box. Sends `value` ("true" unless told otherwise) when checked and nothing when not, so the server
/// function's argument needs `#[server(default)]`.
#[component]
pub fn CheckField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional)] checked: bool,
    #[prop(default = "true".into(), into)] value: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(default = "f-")] id_prefix: &'static str,
    /// Distinguishes boxes that share a name.
    #[prop(optional, into)]
    id_suffix: MaybeText,
) -> impl IntoView {
    let own = id_suffix.0.map_or_else(|| name.to_owned(), |suffix| format!("{name}-{suffix}"));
    let wiring = Wiring::new(id_prefix, &own, hint.0.is_some(), error);
    view! {
        <div class="field check">
            <input
                class="check-box"
                type="checkbox"
                id=wiring.id.clone()
                name=name
                value=value
                checked=checked
                required=required
                disabled=move || disabled.get()
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            />
            <label class="check-label" for=wiring.id.clone()>
                {label}
            </label>
            {wiring.error()}
            {wiring.hint(hint.0)}
        </div>
    }
    .into_any()
}
