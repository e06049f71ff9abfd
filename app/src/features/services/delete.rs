//! Deleting a service: asks for its name.

use super::api::DeleteService;
use super::detail::of_address;
use crate::context::form_state;
use crate::layout::Fresh;
use crate::paths;
use domain::view::ServiceDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, Card, Crumb, FormActions, FormError, Hidden, LinkButton, PageHeader, PageTitle,
    TextField, Tone,
};

#[component]
pub fn Delete() -> impl IntoView {
    of_address(|service| {
        let summary = service.with_untracked(|service| service.summary.clone());
        let name = summary.name.to_string();
        let title = tr!(delete_service.title, name = name.clone());
        let crumbs = vec![
            Crumb::link(tr!(services.title), paths::SERVICES),
            Crumb::link(name, paths::service(&summary.id)),
            Crumb::here(tr!(service.delete)),
        ];
        view! {
            <PageTitle text=title.clone() />
            <PageHeader title breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
            <Card>
                <ConfirmForm service />
            </Card>
        }
        .into_any()
    })
}

#[component]
fn ConfirmForm(service: Fresh<ServiceDetail>) -> impl IntoView {
    let action = ServerAction::<DeleteService>::new();
    let form = form_state(action);
    let summary = service.with_untracked(|service| service.summary.clone());
    let (hidden, back) = (Signal::stored(summary.id.to_string()), paths::service(&summary.id));
    let revision = Signal::derive(move || service.with(|service| service.revision.to_string()));
    view! {
        <ActionForm action>
            <div class="stack">
                <Callout tone=Tone::Bad>{tr!(delete_service.consequence)}</Callout>
                <FormError message=form.general() />
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=revision />
                <TextField
                    name="confirmation"
                    label=tr!(delete_service.confirm, name = summary.name.to_string())
                    value=form.value("confirmation", "")
                    error=form.field("confirmation")
                    required=true
                    autocomplete="off"
                />
                <FormActions>
                    <Button label=tr!(service.delete) kind=ButtonKind::Danger pending=form.pending />
                    <LinkButton href=back>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </div>
        </ActionForm>
    }
    .into_any()
}
