use crate::{CopyButton, MaybeText};
use leptos::prelude::*;

/// A command or document to read and copy. Long lines wrap, so there is no scroll area that a keyboard cannot reach.
#[component]
pub fn CodeBlock(
    #[prop(into)] text: String,
    #[prop(optional, into)] copy_label: MaybeText,
    #[prop(optional, into)] copied_label: MaybeText,
) -> impl IntoView {
    let copy = copy_label.0.map(|label| {
        let done = copied_label.0.unwrap_or_default();
        view! { <CopyButton text=text.clone() label done /> }
    });
    view! {
        <div class="code">
            <pre class="code-text">
                <code>{text}</code>
            </pre>
            {copy}
        </div>
    }
    .into_any()
}
