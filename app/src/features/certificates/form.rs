//! The fields of an upload, the first one or a replacement.

use super::files::FILES;
use crate::context::FormState;
use leptos::prelude::*;
use ui::{FileField, FormError, TextArea, TextField};

/// What every form of a certificate begins with.
pub(super) fn named(form: &FormState, name: &str) -> AnyView {
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
    }
    .into_any()
}

/// Key, files and password are never put back into their fields.
pub(super) fn fields(form: &FormState, name: &str) -> AnyView {
    view! {
        {named(form, name)}
        <FileField
            name=FILES
            id="files"
            label=tr!(certificate_files.files)
            hint=tr!(certificate_files.files_hint)
            error=form.field("files")
            accept=".p12,.pfx,.pem,.crt,.cer,.key"
            multiple=true
        />
        <TextField
            name="password"
            label=tr!(certificate_files.password)
            hint=tr!(certificate_files.password_hint)
            error=form.field("password")
            kind="password"
            autocomplete="off"
            maxlength=500
        />
        <TextArea
            name="chain"
            label=tr!(certificates.chain)
            hint=tr!(certificate_files.chain_hint)
            value=form.value("chain", "")
            error=form.field("chain")
            rows=8
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
