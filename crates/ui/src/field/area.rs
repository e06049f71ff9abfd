use super::frame::{Wiring, frame};
use crate::{MaybeText, escape::for_textarea};
use leptos::{html, prelude::*};

/// Several lines of text. The only place that may use `<textarea>`: Leptos 0.8 does not escape its children in SSR.
#[component]
pub fn TextArea(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: MaybeText,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] optional_text: MaybeText,
    #[prop(default = 4)] rows: u32,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] placeholder: MaybeText,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] mono: bool,
    /// What it holds when something else than its reader writes into it.
    #[prop(optional, into)]
    live: Signal<Option<String>>,
    #[prop(default = "f-")] id_prefix: &'static str,
) -> impl IntoView {
    let wiring = Wiring::new(id_prefix, name, hint.0.is_some(), error);
    let text = for_textarea(&value).into_owned();
    let area = NodeRef::<html::Textarea>::new();
    // Not at first: somebody may have typed before the script came.
    Effect::new(move |before: Option<()>| {
        let (text, area) = (live.get(), area.get_untracked());
        if let (Some(()), Some(text), Some(area)) = (before, text, area)
            && area.value() != text
        {
            area.set_value(&text);
        }
    });
    let control = view! {
        <textarea
            class=if mono { "input mono" } else { "input" }
            id=wiring.id.clone()
            name=name
            node_ref=area
            rows=rows.to_string()
            required=required
            maxlength=maxlength.map(|n| n.to_string())
            placeholder=placeholder.0
            autofocus=autofocus
            readonly=readonly
            disabled=move || disabled.get()
            spellcheck=mono.then_some("false")
            autocapitalize=mono.then_some("none")
            aria-invalid=wiring.invalid()
            aria-describedby=wiring.described_by()
        >
            {text}
        </textarea>
    };
    frame(&wiring, label, optional_text.0, hint.0, control.into_any())
}
