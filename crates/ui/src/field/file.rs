use super::frame::{Wiring, frame};
use crate::MaybeText;
use leptos::prelude::*;

/// Files from the reader's disk. Without a script they travel only where the form is `multipart/form-data`. `name` is
/// that of the field in the form, which may end in `[]`; `id` is a plain word.
#[component]
pub fn FileField(
    name: &'static str,
    id: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    /// As HTML has it: `.pem,.pfx`.
    #[prop(optional)]
    accept: Option<&'static str>,
    #[prop(optional)] multiple: bool,
    #[prop(default = "f-")] id_prefix: &'static str,
) -> impl IntoView {
    let wiring = Wiring::new(id_prefix, id, hint.0.is_some(), error);
    let control = view! {
        <input
            class="input"
            id=wiring.id.clone()
            name=name
            type="file"
            accept=accept
            multiple=multiple
            aria-invalid=wiring.invalid()
            aria-describedby=wiring.described_by()
        />
    };
    frame(&wiring, label, None, hint.0, control.into_any())
}
