//! An account with an ACME server: its name, where the server may write to, and forgetting it.

use super::api::{DeleteAcmeAccount, EditAcmeAccount, read_acme_account};
use super::page::called;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When, bump_after, of_address, seen_revision};
use crate::paths;
use domain::role::Permission;
use domain::view::AcmeAccountView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Crumb, DescriptionItem, DescriptionList, FormActions, FormError, Hidden, LinkButton,
    PageHeader, PageTitle, Section, TextField,
};

type Shown = Fresh<AcmeAccountView>;

#[component]
pub fn Account() -> impl IntoView {
    of_address(read_acme_account, page)
}

fn page(shown: Shown) -> AnyView {
    let first = shown.get_untracked();
    let title = called(&first);
    let crumbs = vec![
        Crumb::link(tr!(certificates.title), paths::CERTIFICATES),
        Crumb::link(tr!(acme.title), paths::ORDER_CERTIFICATE),
        Crumb::here(title.clone()),
    ];
    let order = view! { <LinkButton href=paths::order_certificate(&first.directory)>{tr!(acme.order)}</LinkButton> };
    let forms = use_viewer().may(Permission::ManageGateways).then(|| view! { <Edit shown /> <Delete shown /> });
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title actions=order.into_any() breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
        {move || facts(shown.get())}
        {forms}
    }
    .into_any()
}

fn facts(shown: AcmeAccountView) -> AnyView {
    let or_nobody = |list: Vec<String>| if list.is_empty() { tr!(certificates.nobody) } else { list.join(", ") };
    view! {
        <DescriptionList>
            <DescriptionItem term=tr!(acme.directory)>
                <span class="wrap-anywhere">{shown.directory}</span>
            </DescriptionItem>
            <DescriptionItem term=tr!(acme.contact)>{or_nobody(shown.contact)}</DescriptionItem>
            <DescriptionItem term=tr!(certificates.used_by)>{or_nobody(shown.used_by)}</DescriptionItem>
            <DescriptionItem term=tr!(acme_account.since)>
                <When at=shown.created_at />
            </DescriptionItem>
        </DescriptionList>
    }
    .into_any()
}

#[component]
fn Edit(shown: Shown) -> impl IntoView {
    let action = ServerAction::<EditAcmeAccount>::new();
    bump_after(action);
    let form = form_state(action);
    let first = shown.get_untracked();
    let newest = Signal::derive(move || shown.with(|shown| shown.revision));
    let revision = seen_revision(newest, action.version().into());
    view! {
        <Section title=tr!(acme_account.edit) description=tr!(acme_account.edit_hint)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=Signal::stored(first.id.to_string()) />
                    <Hidden name="revision" value=revision />
                    <TextField
                        name="name"
                        label=tr!(certificates.name)
                        value=form.value("name", &first.name)
                        error=form.field("name")
                        maxlength=63
                    />
                    <TextField
                        name="contact"
                        label=tr!(acme.contact)
                        hint=tr!(acme.contact_hint)
                        value=form.value("contact", &first.contact.join(", "))
                        error=form.field("contact")
                        maxlength=500
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

#[component]
fn Delete(shown: Shown) -> impl IntoView {
    let action = ServerAction::<DeleteAcmeAccount>::new();
    let form = form_state(action);
    let id = Signal::stored(shown.with_untracked(|shown| shown.id.to_string()));
    let revision = Signal::derive(move || shown.with(|shown| shown.revision.to_string()));
    view! {
        <Section title=tr!(acme_account.delete) description=tr!(acme_account.delete_hint)>
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <Button label=tr!(acme_account.delete) kind=ButtonKind::Danger pending=form.pending />
            </ActionForm>
        </Section>
    }
    .into_any()
}
