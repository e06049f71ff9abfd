//! HTTPS for all names of the gateway: redirection, browsers' memory, clients' certificates.

use super::api::SetGatewayTls;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, seen_revision};
use domain::role::Permission;
use domain::view::GatewayDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, CheckField, FormActions, FormError, Hidden, Section, TextArea};

#[component]
pub fn Https(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    if !use_viewer().may(Permission::ManageGateways) {
        return ().into_any();
    }
    let action = ServerAction::<SetGatewayTls>::new();
    bump_after(action);
    let form = form_state(action);
    let shown = gateway.get_untracked();
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    // A box that was not checked is not among what was sent.
    let sent = |name: &str| form.chosen(name).map(|sent| !sent.is_empty());
    let redirect = sent("redirect_to_https").unwrap_or(shown.tls.redirect);
    let hsts = sent("hsts").unwrap_or(shown.tls.hsts_seconds.is_some());
    let authorities = shown.tls.client_authorities.clone().unwrap_or_default();
    view! {
        <Section title=tr!(domains.https) description=tr!(domains.https_note)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=Signal::stored(shown.summary.id.to_string()) />
                    <Hidden name="revision" value=revision />
                    <CheckField
                        name="redirect_to_https"
                        label=tr!(domains.redirect)
                        hint=tr!(domains.redirect_hint)
                        checked=redirect
                    />
                    <CheckField
                        name="hsts"
                        label=tr!(domains.hsts)
                        hint=tr!(domains.hsts_hint)
                        checked=hsts
                    />
                    <TextArea
                        name="authorities"
                        label=tr!(domains.authorities)
                        hint=tr!(domains.authorities_hint)
                        value=form.value("authorities", &authorities)
                        error=form.field("authorities")
                        rows=4
                        mono=true
                    />
                    <FormActions>
                        <Button label=tr!(layout.save) pending=form.pending />
                    </FormActions>
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}
