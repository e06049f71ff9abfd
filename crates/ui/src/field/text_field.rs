use super::frame::{Wiring, frame};
use crate::MaybeText;
use leptos::prelude::*;

/// One-line input. `kind` is the HTML type: `text`, `password`, `search`, `number`, `email`, `url`.
#[component]
pub fn TextField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(optional)] required: bool,
    /// Small words behind the label, such as "optional".
    #[prop(optional, into)]
    optional_text: MaybeText,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional)] minlength: Option<u32>,
    #[prop(optional, into)] min: MaybeText,
    #[prop(optional, into)] max: MaybeText,
    #[prop(optional, into)] step: MaybeText,
    #[prop(optional, into)] pattern: MaybeText,
    #[prop(optional, into)] placeholder: MaybeText,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] mono: bool,
    #[prop(default = "f-")] id_prefix: &'static str,
    /// Distinguishes fields that share a name.
    #[prop(optional, into)]
    id_suffix: MaybeText,
) -> impl IntoView {
    let own = id_suffix.0.map_or_else(|| name.to_owned(), |suffix| format!("{name}-{suffix}"));
    let wiring = Wiring::new(id_prefix, &own, hint.0.is_some(), error);
    // Names, keys and addresses are not prose: no red underline, no capital first letter.
    let verbatim = mono || kind == "password";
    let control = view! {
        <input
            class=if mono { "input mono" } else { "input" }
            id=wiring.id.clone()
            name=name
            type=kind
            value=value
            required=required
            autocomplete=autocomplete
            maxlength=maxlength.map(|n| n.to_string())
            minlength=minlength.map(|n| n.to_string())
            min=min.0
            max=max.0
            step=step.0
            pattern=pattern.0
            placeholder=placeholder.0
            autofocus=autofocus
            readonly=readonly
            disabled=move || disabled.get()
            spellcheck=verbatim.then_some("false")
            autocapitalize=verbatim.then_some("none")
            aria-invalid=wiring.invalid()
            aria-describedby=wiring.described_by()
        />
    };
    frame(&wiring, label, optional_text.0, hint.0, control.into_any())
}
