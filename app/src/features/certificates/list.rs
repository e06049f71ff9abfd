//! All certificates of the workspace, and uploading one.

use super::acme::badge;
use super::api::{UploadCertificate, list_certificates};
use super::files::send;
use super::form::fields;
use crate::context::{form_state, use_viewer};
use crate::layout::{LoadError, When, fresh};
use crate::paths;
use domain::role::Permission;
use domain::view::CertificateView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Badge, Button, ButtonKind, Card, Column, Crumb, DataTable, EmptyState, FormActions, IconName, LinkButton,
    PageHeader, PageTitle, TextLink, Tone,
};

#[component]
pub fn List() -> impl IntoView {
    let certificates = Resource::new_blocking(|| (), |()| list_certificates());
    let title = tr!(certificates.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle=tr!(certificates.subtitle) actions=upload_button() />
        <Transition>
            {move || Suspend::new(async move {
                match certificates.await {
                    Ok(first) => {
                        let all = fresh(first, list_certificates);
                        view! { {move || table(all.get())} }.into_any()
                    }
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn upload_button() -> Option<AnyView> {
    use_viewer().may(Permission::ManageGateways).then(|| {
        view! {
            <LinkButton href=paths::ORDER_CERTIFICATE icon=IconName::Certificate>
                {tr!(acme.from_acme)}
            </LinkButton>
            <LinkButton href=paths::NEW_CERTIFICATE kind=ButtonKind::Primary icon=IconName::Upload>
                {tr!(certificates.upload)}
            </LinkButton>
        }
        .into_any()
    })
}

/// How long it is still good for, in words and colour.
pub(super) fn life(days: i64) -> AnyView {
    let (tone, label) = match days {
        ..0 => (Tone::Bad, tr!(certificates.expired)),
        0..7 => (Tone::Bad, tr!(certificates.days, days = days)),
        7..30 => (Tone::Warn, tr!(certificates.days, days = days)),
        _ => (Tone::Good, tr!(certificates.days, days = days)),
    };
    view! { <Badge tone label /> }.into_any()
}

/// Those that it is for, or is ordered for.
pub fn names(each: &CertificateView) -> String {
    let ordered = || each.acme.as_ref().map(|acme| &acme.order.names);
    each.facts.as_ref().map(|facts| &facts.names).or_else(ordered).map(|names| names.join(", ")).unwrap_or_default()
}

fn table(all: Vec<CertificateView>) -> AnyView {
    if all.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Certificate
                title=tr!(certificates.empty_title)
                body=tr!(certificates.empty_body)
                actions=upload_button()
            />
        }
        .into_any();
    }
    let head = vec![
        Column::new(tr!(certificates.name)),
        Column::new(tr!(certificates.names)),
        Column::new(tr!(certificates.expires)),
        Column::new(tr!(certificates.used_by)),
    ];
    let row = |each: CertificateView| {
        let used = match each.used_by.len() {
            0 => tr!(certificates.nobody),
            _ => each.used_by.iter().map(|used| used.host.clone()).collect::<Vec<_>>().join(", "),
        };
        let state = badge(&each);
        let names = names(&each);
        let until = each.facts.map(|facts| view! { <When at=facts.not_after /> });
        view! {
            <tr>
                <th scope="row">
                    <TextLink href=paths::certificate(&each.id)>{each.name}</TextLink>
                    <div class="muted mono">{each.id.to_string()}</div>
                </th>
                <td class="wrap">{names}</td>
                <td data-label=tr!(certificates.expires)>
                    {until} " " {each.days_left.map(life)} " " {state}
                </td>
                <td class="wrap" data-label=tr!(certificates.used_by)>{used}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(certificates.title) head>
            {all.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
    }
    .into_any()
}

#[component]
pub fn Upload() -> impl IntoView {
    let action = ServerAction::<UploadCertificate>::new();
    let form = form_state(action);
    let sent = send(action, form.clone());
    let title = tr!(certificates.upload);
    let crumbs = vec![Crumb::link(tr!(certificates.title), paths::CERTIFICATES), Crumb::here(title.clone())];
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
        <Card>
            <div on:submit:capture=sent>
                <ActionForm action attr:enctype="multipart/form-data">
                    <div class="stack">
                        {fields(&form, "")}
                        <FormActions>
                            <Button label=tr!(certificates.upload) kind=ButtonKind::Primary pending=form.pending />
                            <LinkButton href=paths::CERTIFICATES>{tr!(layout.cancel)}</LinkButton>
                        </FormActions>
                    </div>
                </ActionForm>
            </div>
        </Card>
    }
    .into_any()
}
