//! Service Configuration: the JSON that the form writes, and that writes the form.

use super::sync::Sync;
use crate::context::FormState;
use crate::texts::use_texts;
use domain::error::FieldError;
use leptos::prelude::*;
use ui::{Hidden, Section, TextArea};

pub(super) fn config(form: &FormState, sync: Sync) -> AnyView {
    let (sent, texts) = (form.field("document"), use_texts());
    let error = Signal::derive(move || {
        let unread = sync.unread.with(|errors| {
            // Each with its key: what keeps the text from being read is shown here, whatever it is about.
            let said = |each: &FieldError| match each.field.as_str() {
                "document" => texts.invalid(&each.error),
                key => format!("{key}: {}", texts.invalid(&each.error)),
            };
            Some(errors.as_ref()?.0.iter().map(said).collect::<Vec<_>>().join("\n"))
        });
        unread.or_else(|| sent.get())
    });
    let value = sync.document.get_untracked();
    view! {
        <Section title=tr!(wizard.config) description=tr!(wizard.config_hint) id="config">
            <Hidden name="base" value=Signal::derive(move || sync.base.get()) />
            <div on:input=move |event| sync.document.set(event_target_value(&event))>
                <TextArea
                    name="document"
                    label=tr!(wizard.json)
                    value
                    live=Signal::derive(move || Some(sync.document.get()))
                    error
                    rows=16
                    mono=true
                />
            </div>
        </Section>
    }
    .into_any()
}
