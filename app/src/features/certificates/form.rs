//! The fields of an upload, the first one or a replacement.

use crate::context::FormState;
use leptos::prelude::*;
use ui::{FormError, TextArea, TextField};

/// The key is never put back into its field.
pub(super) fn fields(form: &FormState, name: &str) -> AnyView {
    view! {
        <FormError message=form.general() />
        <TextField
            name="name"
            label=tr!(certificates.name)
            value=form.value("name", name)
            error=form.field("name")
            required=true
            maxlength=63
        />
        <TextArea
            name="chain"
            label=tr!(certificates.chain)
            hint=tr!(certificates.chain_hint)
            value=form.value("chain", "")
            error=form.field("chain")
            rows=8
            required=true
            mono=true
        />
        <TextArea
            name="key"
            label=tr!(certificates.key)
            hint=tr!(certificates.key_hint)
            value=String::new()
            error=form.field("key")
            rows=6
            mono=true
        />
    }
    .into_any()
}
