//! Deleting a gateway: refused with names while services are bound, else asks for its name.

use super::api::DeleteGateway;
use super::detail::of_address;
use super::overview::bound_link;
use crate::context::form_state;
use crate::layout::Fresh;
use crate::paths;
use domain::view::GatewayDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, Card, Crumb, FormActions, FormError, Hidden, LinkButton, PageHeader, PageTitle,
    TextField, Tone,
};

#[component]
pub fn Delete() -> impl IntoView {
    of_address(|gateway| {
        let shown = gateway.get_untracked();
        let name = shown.summary.name.to_string();
        let title = tr!(delete_gateway.title, name = name.clone());
        let crumbs = vec![
            Crumb::link(tr!(gateways.title), paths::GATEWAYS),
            Crumb::link(name, paths::gateway(&shown.summary.id)),
            Crumb::here(tr!(gateway.delete)),
        ];
        let body = if shown.bound.is_empty() { view! { <ConfirmForm gateway /> }.into_any() } else { bound(&shown) };
        view! {
            <PageTitle text=title.clone() />
            <PageHeader title breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
            <Card>{body}</Card>
        }
        .into_any()
    })
}

fn bound(gateway: &GatewayDetail) -> AnyView {
    let names = gateway.bound.iter().map(bound_link).collect::<Vec<_>>();
    let back = paths::gateway(&gateway.summary.id);
    view! {
        <Callout tone=Tone::Warn title=tr!(delete_gateway.bound_title)>
            {tr!(delete_gateway.bound_body)} <ul class="bullets">{names}</ul>
        </Callout>
        <LinkButton href=back>{tr!(layout.back)}</LinkButton>
    }
    .into_any()
}

#[component]
fn ConfirmForm(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let action = ServerAction::<DeleteGateway>::new();
    let form = form_state(action);
    let shown = gateway.get_untracked();
    let id = shown.summary.id;
    let (hidden, back) = (Signal::stored(id.to_string()), paths::gateway(&id));
    let revision = Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string()));
    view! {
        <ActionForm action>
            <div class="stack">
                <Callout tone=Tone::Bad>{tr!(delete_gateway.consequence)}</Callout>
                <FormError message=form.general() />
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=revision />
                <TextField
                    name="confirmation"
                    label=tr!(delete_gateway.confirm, name = shown.summary.name.to_string())
                    value=form.value("confirmation", "")
                    error=form.field("confirmation")
                    required=true
                    autocomplete="off"
                />
                <FormActions>
                    <Button label=tr!(gateway.delete) kind=ButtonKind::Danger pending=form.pending />
                    <LinkButton href=back>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </div>
        </ActionForm>
    }
    .into_any()
}
