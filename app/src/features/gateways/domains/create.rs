//! Creating a domain name.

use super::super::detail::of_address;
use super::api::CreateDomain as Create;
use super::list::options;
use crate::context::form_state;
use crate::features::certificates::api::list_certificates;
use crate::layout::{Fresh, LoadError};
use crate::paths;
use domain::view::{CertificateView, GatewayDetail};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Card, Crumb, FormActions, FormError, Hidden, LinkButton, PageHeader, PageTitle, RadioCard,
    RadioCards, SelectField, TextField,
};

#[component]
pub fn CreateDomain() -> impl IntoView {
    of_address(|gateway| {
        let shown = gateway.get_untracked();
        let title = tr!(domains.create);
        let crumbs = vec![
            Crumb::link(tr!(gateways.title), paths::GATEWAYS),
            Crumb::link(shown.summary.name.to_string(), paths::gateway_domains(&shown.summary.id)),
            Crumb::here(title.clone()),
        ];
        let certificates = Resource::new_blocking(|| (), |()| list_certificates());
        view! {
            <PageTitle text=title.clone() />
            <PageHeader title breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
            <Suspense>
                {move || Suspend::new(async move {
                    match certificates.await {
                        Ok(all) => view! { <Form gateway all /> }.into_any(),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })}
            </Suspense>
        }
        .into_any()
    })
}

#[component]
fn Form(gateway: Fresh<GatewayDetail>, all: Vec<CertificateView>) -> impl IntoView {
    let action = ServerAction::<Create>::new();
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let off = gateway.with_untracked(|gateway| gateway.dns_off);
    let private = match off {
        true => format!("{} {}", tr!(domains.private_body), tr!(names_inside.server_off)),
        false => tr!(domains.private_body),
    };
    let sides = vec![
        RadioCard::new("public", tr!(domains.public), tr!(domains.public_body)),
        RadioCard::new("private", tr!(domains.private), private),
    ];
    view! {
        <Card>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=Signal::stored(id.to_string()) />
                    <TextField
                        name="host"
                        label=tr!(domains.host)
                        hint=tr!(domains.host_hint)
                        value=form.value("host", "")
                        error=form.field("host")
                        required=true
                        maxlength=255
                        autofocus=true
                    />
                    <RadioCards
                        name="side"
                        legend=tr!(domains.side)
                        options=sides
                        value=form.value("side", "public")
                        error=form.field("side")
                    />
                    <SelectField
                        name="certificate"
                        label=tr!(domains.certificate)
                        hint=tr!(domains.certificate_hint)
                        options=options(&all)
                        value=form.value("certificate", "")
                        error=form.field("certificate")
                    />
                    <FormActions>
                        <Button label=tr!(domains.create) kind=ButtonKind::Primary pending=form.pending />
                        <LinkButton href=paths::gateway_domains(&id)>{tr!(layout.cancel)}</LinkButton>
                    </FormActions>
                </div>
            </ActionForm>
        </Card>
    }
    .into_any()
}
