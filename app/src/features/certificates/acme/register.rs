//! An account with a server, which the workspace has once.

use super::api::RegisterAcme;
use super::page::host;
use crate::context::form_state;
use crate::paths;
use domain::view::AcmeServerView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, Card, CheckField, FormActions, FormError, Hidden, LinkButton, TextField, TextLink};

pub(super) fn register(directory: String, server: AcmeServerView) -> AnyView {
    let action = ServerAction::<RegisterAcme>::new();
    let form = form_state(action);
    let read = server.terms.map(|terms| {
        view! {
            <p>
                <TextLink href=terms external=true>{tr!(acme.read_terms)}</TextLink>
            </p>
        }
    });
    let terms = server.has_terms.then(|| {
        view! {
            {read}
            <CheckField
                name="terms_agreed"
                label=tr!(acme.agree)
                error=form.field("terms_agreed")
                required=true
            />
        }
    });
    let required = server.external_account_required;
    let hint = if required { tr!(acme.external_required) } else { tr!(acme.external_hint) };
    view! {
        <Card title=tr!(acme.register, host = host(&directory).to_owned())>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <FormError message=form.field("directory") />
                    <Hidden name="directory" value=Signal::stored(directory) />
                    <TextField
                        name="contact"
                        label=tr!(acme.contact)
                        hint=tr!(acme.contact_hint)
                        value=form.value("contact", "")
                        error=form.field("contact")
                        maxlength=500
                    />
                    <TextField
                        name="key_id"
                        label=tr!(acme.key_id)
                        hint
                        value=form.value("key_id", "")
                        error=form.field("key_id")
                        required
                        mono=true
                        maxlength=500
                    />
                    <TextField
                        name="hmac_key"
                        label=tr!(acme.hmac_key)
                        error=form.field("hmac_key")
                        kind="password"
                        autocomplete="off"
                        required
                        maxlength=500
                    />
                    {terms}
                    <FormActions>
                        <Button label=tr!(acme.register_button) kind=ButtonKind::Primary pending=form.pending />
                        <LinkButton href=paths::ORDER_CERTIFICATE>{tr!(layout.back)}</LinkButton>
                    </FormActions>
                </div>
            </ActionForm>
        </Card>
    }
    .into_any()
}
