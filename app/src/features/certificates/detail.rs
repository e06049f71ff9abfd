//! One certificate: what it says, who uses it, replacing and deleting it.

use super::acme::{badge, standing};
use super::api::{DeleteCertificate, ReplaceCertificate, read_certificate};
use super::files::send;
use super::form::fields;
use super::list::life;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When, bump_after, of_address, seen_revision};
use crate::paths;
use domain::certificate::CertificateWarning;
use domain::role::Permission;
use domain::view::{CertificateView, UsedBy};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, CopyText, Crumb, DescriptionItem, DescriptionList, FormActions, FormError, Hidden,
    PageHeader, PageTitle, Section, TextLink, Tone,
};

type Shown = Fresh<CertificateView>;

#[component]
pub fn Detail() -> impl IntoView {
    of_address(read_certificate, page)
}

fn page(shown: Shown) -> AnyView {
    let first = shown.get_untracked();
    let crumbs = vec![Crumb::link(tr!(certificates.title), paths::CERTIFICATES), Crumb::here(first.name.clone())];
    let allowed = use_viewer().may(Permission::ManageGateways);
    view! {
        <PageTitle text=first.name.clone() />
        <PageHeader
            title=first.name.clone()
            badge=(move || shown.with(|shown| (shown.days_left.map(life), badge(shown)))).into_any()
            subtitle=view! { <CopyText text=first.id.to_string() label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        {move || facts(shown.get())}
        {standing(shown, allowed)}
        {(allowed && first.acme.is_none()).then(|| view! { <Replace shown /> })}
        {allowed.then(|| view! { <Delete shown /> })}
    }
    .into_any()
}

fn warning(warning: CertificateWarning) -> AnyView {
    let text = match warning {
        CertificateWarning::IssuerUnknown { issuer } => tr!(certificates.issuer_unknown, issuer = issuer),
        _ => tr!(certificates.self_signed),
    };
    view! { <Callout tone=Tone::Warn>{text}</Callout> }.into_any()
}

fn facts(shown: CertificateView) -> AnyView {
    let Some(facts) = shown.facts else {
        return view! { <Callout tone=Tone::Info>{tr!(acme.not_issued)}</Callout> }.into_any();
    };
    let sealed = shown.is_sealed.then(|| view! { <Callout tone=Tone::Bad>{tr!(certificates.sealed)}</Callout> });
    let key = tr!(certificates.bits, kind = facts.key.to_string(), bits = facts.key_bits);
    let used = |used: UsedBy| {
        let page = if used.is_own { paths::gateway_internet } else { paths::gateway_domains };
        view! {
            <li>
                {used.host} " · "
                <TextLink href=page(&used.gateway_id)>{used.gateway_name.to_string()}</TextLink>
            </li>
        }
        .into_any()
    };
    let used_by = if shown.used_by.is_empty() {
        tr!(certificates.nobody).into_any()
    } else {
        view! { <ul class="bullets">{shown.used_by.into_iter().map(used).collect::<Vec<_>>()}</ul> }.into_any()
    };
    let warnings = facts.warnings().into_iter().map(warning).collect::<Vec<_>>();
    view! {
        <div class="stack-small">{sealed} {warnings}</div>
        <DescriptionList>
            <DescriptionItem term=tr!(certificates.names)>{facts.names.join(", ")}</DescriptionItem>
            <DescriptionItem term=tr!(certificates.subject)>{facts.subject}</DescriptionItem>
            <DescriptionItem term=tr!(certificates.issuer)>{facts.issuer}</DescriptionItem>
            <DescriptionItem term=tr!(certificates.valid_from)>
                <When at=facts.not_before />
            </DescriptionItem>
            <DescriptionItem term=tr!(certificates.expires)>
                <When at=facts.not_after />
            </DescriptionItem>
            <DescriptionItem term=tr!(certificates.key_kind)>{key}</DescriptionItem>
            <DescriptionItem term=tr!(certificates.fingerprint)>
                <code class="wrap-anywhere">{facts.fingerprint.to_string()}</code>
            </DescriptionItem>
            <DescriptionItem term=tr!(certificates.used_by)>{used_by}</DescriptionItem>
        </DescriptionList>
    }
    .into_any()
}

#[component]
fn Replace(shown: Shown) -> impl IntoView {
    let action = ServerAction::<ReplaceCertificate>::new();
    bump_after(action);
    let form = form_state(action);
    let sent = send(action, form.clone());
    let first = shown.get_untracked();
    let newest = Signal::derive(move || shown.with(|shown| shown.revision));
    let revision = seen_revision(newest, action.version().into());
    view! {
        <Section title=tr!(certificates.replace) description=tr!(certificates.replace_hint)>
            <div on:submit:capture=sent>
                <ActionForm action attr:enctype="multipart/form-data">
                    <div class="stack">
                        <Hidden name="id" value=Signal::stored(first.id.to_string()) />
                        <Hidden name="revision" value=revision />
                        {fields(&form, &first.name)}
                        <FormActions>
                            <Button label=tr!(certificates.replace) pending=form.pending />
                        </FormActions>
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}

#[component]
fn Delete(shown: Shown) -> impl IntoView {
    let action = ServerAction::<DeleteCertificate>::new();
    let form = form_state(action);
    let id = Signal::stored(shown.with_untracked(|shown| shown.id.to_string()));
    let revision = Signal::derive(move || shown.with(|shown| shown.revision.to_string()));
    view! {
        <Section title=tr!(certificates.delete) description=tr!(certificates.delete_hint)>
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <Button label=tr!(certificates.delete) kind=ButtonKind::Danger pending=form.pending />
            </ActionForm>
        </Section>
    }
    .into_any()
}
