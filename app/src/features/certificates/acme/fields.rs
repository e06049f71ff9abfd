//! The fields of an order, the first one or a change.

use super::super::form::named;
use crate::context::FormState;
use leptos::prelude::*;
use ui::{SelectField, SelectOption, TextArea};

pub(super) fn fields(form: &FormState, name: &str, names: &str, challenge: &str) -> AnyView {
    let challenges = vec![
        SelectOption::new("http_01", tr!(acme.http_01)),
        SelectOption::new("tls_alpn_01", tr!(acme.tls_alpn_01)),
        SelectOption::new("dns_01", tr!(acme.dns_01)),
    ];
    view! {
        {named(form, name)}
        <TextArea
            name="names"
            label=tr!(acme.names)
            hint=tr!(acme.names_hint)
            value=form.value("names", names)
            error=form.field("names")
            rows=4
            required=true
            mono=true
        />
        <SelectField
            name="challenge"
            label=tr!(acme.challenge)
            hint=tr!(acme.challenge_hint)
            options=challenges
            value=form.value("challenge", challenge)
            error=form.field("challenge")
        />
    }
    .into_any()
}
