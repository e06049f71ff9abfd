//! For who comes before there are users.

use crate::layout::EntryPage;
use leptos::prelude::*;
use ui::{Callout, CodeBlock, PageTitle, Tone};

#[component]
pub fn Welcome() -> impl IntoView {
    view! {
        <PageTitle text=tr!(welcome.title) />
        <EntryPage>
            <h1 id="page-title" tabindex="-1">{tr!(welcome.title)}</h1>
            <Callout tone=Tone::Info>{tr!(welcome.body)}</Callout>
            <p class="muted">{tr!(welcome.lost)}</p>
            <CodeBlock
                text="inference-gateway user setup-link"
                copy_label=tr!(layout.copy)
                copied_label=tr!(layout.copied)
            />
        </EntryPage>
    }
    .into_any()
}
