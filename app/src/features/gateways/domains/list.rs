//! The gateway's domains.

use super::super::detail::{Header, Tab, of_address};
use super::api::{CheckDomain, DeleteDomain, EditDomain};
use super::record::record;
use super::tls::Https;
use crate::context::{form_state, use_viewer};
use crate::features::certificates::api::list_certificates;
use crate::features::certificates::names;
use crate::layout::{Fresh, bump_after};
use crate::paths;
use domain::custom_domain::DomainSide;
use domain::role::Permission;
use domain::view::{CertificateView, DomainView, GatewayDetail};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Badge, Button, ButtonKind, Column, DataTable, FormError, Hidden, IconButton, IconName, LinkButton, Section,
    SelectField, SelectOption, Tone,
};

#[component]
pub fn Domains() -> impl IntoView {
    of_address(|gateway| {
        view! {
            <Header gateway tab=Tab::Domains />
            <List gateway />
            <Https gateway />
        }
        .into_any()
    })
}

type Actions = (ServerAction<EditDomain>, ServerAction<DeleteDomain>, ServerAction<CheckDomain>);

#[component]
fn List(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let actions: Actions = (ServerAction::new(), ServerAction::new(), ServerAction::new());
    bump_after(actions.0);
    bump_after(actions.1);
    bump_after(actions.2);
    let (editing, deleting, checking) = (form_state(actions.0), form_state(actions.1), form_state(actions.2));
    let (general, wrong) = (editing.general(), editing.field("certificate"));
    let allowed = use_viewer().may(Permission::ManageGateways);
    let choices = Resource::new_blocking(|| (), |()| list_certificates());
    // Checks come and go by themselves; that must not build the rows again below somebody's hands.
    let rows = Memo::new(move |_| {
        let mut domains = gateway.with(|gateway| gateway.domains.clone());
        domains.iter_mut().for_each(|each| each.check = None);
        domains
    });
    let table = move |all: Vec<CertificateView>| {
        let all = StoredValue::new(all);
        move || {
            let domains = rows.get();
            if domains.is_empty() {
                return view! { <p class="muted">{tr!(domains.empty)}</p> }.into_any();
            }
            let head = vec![
                Column::new(tr!(domains.host)),
                Column::new(tr!(domains.side)),
                Column::new(tr!(domains.certificate)),
                Column::new(tr!(domains.record)),
                Column::hidden(tr!(layout.actions)),
            ];
            let all = all.get_value();
            let rows: Vec<_> =
                domains.into_iter().map(|each| row(each, gateway, options(&all), actions, allowed)).collect();
            view! {
                <DataTable caption=tr!(domains.title) head>
                    {rows}
                </DataTable>
            }
            .into_any()
        }
    };
    let href = gateway.with_untracked(|gateway| paths::create_domain(&gateway.summary.id));
    let create = allowed.then(|| {
        view! {
            <LinkButton href kind=ButtonKind::Primary icon=IconName::Plus>
                {tr!(domains.create)}
            </LinkButton>
        }
        .into_any()
    });
    view! {
        <Section title=tr!(domains.title) description=tr!(domains.description) actions=create>
            <FormError message=general />
            <FormError message=wrong />
            <FormError message=deleting.general() />
            <FormError message=checking.general() />
            <Suspense>
                {move || Suspend::new(async move { table(choices.await.unwrap_or_default()) })}
            </Suspense>
        </Section>
    }
    .into_any()
}

/// The certificates to choose from, none among them.
pub(super) fn options(all: &[CertificateView]) -> Vec<SelectOption> {
    let one = |each: &CertificateView| {
        let option = SelectOption::new(each.id.to_string(), format!("{} ({})", each.name, names(each)));
        SelectOption { disabled: each.facts.is_none(), ..option }
    };
    std::iter::once(SelectOption::new("", tr!(domains.no_certificate))).chain(all.iter().map(one)).collect()
}

fn row(
    each: DomainView,
    gateway: Fresh<GatewayDetail>,
    certificates: Vec<SelectOption>,
    (edit, delete, check): Actions,
    allowed: bool,
) -> AnyView {
    let record = record(&each, gateway, check);
    let domain = each.domain;
    let (of, id) = (
        Signal::stored(gateway.with_untracked(|gateway| gateway.summary.id.to_string())),
        Signal::stored(domain.id.to_string()),
    );
    let revision = Signal::stored(domain.revision.to_string());
    let side = if domain.side == DomainSide::Public { tr!(domains.public) } else { tr!(domains.private) };
    let chosen = domain.certificate_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = each.certificate_name.clone().unwrap_or_else(|| tr!(domains.no_certificate));
    let days = each.days_left.filter(|days| *days < 30).map(|days| {
        let label = if days < 0 { tr!(certificates.expired) } else { tr!(certificates.days, days = days) };
        view! { " " <Badge tone=Tone::Warn label /> }
    });
    let change = allowed.then(|| {
        view! {
            <ActionForm action=edit>
                <Hidden name="gateway" value=of />
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <details class="disclose">
                    <summary>{tr!(domains.change)}</summary>
                    <SelectField
                        name="certificate"
                        label=tr!(domains.certificate)
                        options=certificates
                        value=chosen
                        id_prefix="d-"
                        id_suffix=domain.id.to_string()
                    />
                    <Button label=tr!(layout.save) />
                </details>
            </ActionForm>
        }
    });
    let label = format!("{} {}", tr!(layout.delete), domain.host);
    let remove = allowed.then(|| {
        view! {
            <ActionForm action=delete>
                <Hidden name="gateway" value=of />
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <IconButton icon=IconName::Trash label />
            </ActionForm>
        }
    });
    view! {
        <tr>
            <th scope="row">{domain.host.clone()}</th>
            <td data-label=tr!(domains.side)>{side}</td>
            <td class="wrap" data-label=tr!(domains.certificate)>{name} {days} {change}</td>
            <td class="wrap" data-label=tr!(domains.record)>{record}</td>
            <td class="actions">{remove}</td>
        </tr>
    }
    .into_any()
}
