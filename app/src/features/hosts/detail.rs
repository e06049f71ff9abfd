//! One host: what it says of itself, its name and zone, and how it leaves.

use super::api::{DrainHost, EditHost, RemoveHost, read_host};
use super::badge;
use super::list::since;
use crate::context::form_state;
use crate::layout::{Fresh, Refresh, bump_after, of_address, seen_revision};
use crate::paths;
use domain::id::HostId;
use domain::network::HostAddress;
use domain::view::HostView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Card, CopyText, Crumb, DescriptionItem, DescriptionList, FormActions, FormError, Hidden,
    PageHeader, PageTitle, Section, SelectField, SelectOption, TextField,
};

/// The host, and the zones that there are.
type Shown = Fresh<(HostView, Vec<String>)>;

#[component]
pub fn HostPage() -> impl IntoView {
    of_address(|id: HostId| read_host(id), page)
}

fn page(shown: Shown) -> AnyView {
    let (host, _) = shown.get_untracked();
    let crumbs = vec![Crumb::link(tr!(hosts.title), paths::HOSTS), Crumb::here(host.name.clone())];
    view! {
        <PageTitle text=host.name.clone() />
        <PageHeader
            title=host.name.clone()
            subtitle=view! { <CopyText text=host.id.to_string() label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <p>
            <Refresh />
        </p>
        {move || shown.with(|(host, _)| facts(host))}
        <Edit shown />
        <Drain shown />
        {(!host.is_own).then(|| view! { <Remove shown /> })}
    }
    .into_any()
}

fn list(all: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = all.into_iter().filter(|each| !each.is_empty()).collect();
    if all.is_empty() { "–".into() } else { all.join(", ") }
}

fn facts(host: &HostView) -> AnyView {
    let version = |version: Option<u64>| version.map_or_else(|| "–".into(), |version| version.to_string());
    let loaded = host.configuration.map(|each| format!("{} / {}", version(each.loaded), each.newest));
    let address = |each: &HostAddress| format!("{}/{} ({})", each.address, each.prefix, each.interface);
    let words = vec![
        (tr!(networks.zone), host.zone.clone()),
        (tr!(hosts.software), list([host.software.clone()])),
        (tr!(nodes.version), list(loaded)),
        (tr!(hosts.nodes), host.nodes.to_string()),
        (tr!(hosts.replicas), host.replicas.to_string()),
        (tr!(hosts.requests), host.requests.to_string()),
        ("HTTP".into(), list(host.public.http.iter().map(ToString::to_string))),
        ("HTTPS".into(), list(host.public.https.iter().map(ToString::to_string))),
        ("DNS".into(), list(host.public.dns.iter().map(ToString::to_string))),
        (tr!(hosts.addresses), list(host.addresses.iter().map(address))),
    ];
    let item = |(term, text): (String, String)| view! { <DescriptionItem term>{text}</DescriptionItem> };
    let (status, since) = (badge(host.status), since(host));
    view! {
        <Card title=tr!(gateway.facts) flush=true>
            <DescriptionList>
                <DescriptionItem term=tr!(gateways.status)>{status} {since}</DescriptionItem>
                {words.into_iter().map(item).collect::<Vec<_>>()}
            </DescriptionList>
        </Card>
    }
    .into_any()
}

#[component]
fn Edit(shown: Shown) -> impl IntoView {
    let action = ServerAction::<EditHost>::new();
    bump_after(action);
    let form = form_state(action);
    let (host, zones) = shown.get_untracked();
    let id = Signal::stored(host.id.to_string());
    let newest = Signal::derive(move || shown.with(|(host, _)| host.revision));
    let revision = seen_revision(newest, action.version().into());
    let options: Vec<_> = zones.into_iter().map(|zone| SelectOption::new(zone.clone(), zone)).collect();
    view! {
        <Section title=tr!(hosts.settings) description=tr!(hosts.settings_note)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=id />
                    <Hidden name="revision" value=revision />
                    <TextField
                        name="name"
                        label=tr!(hosts.name)
                        value=form.value("name", &host.name)
                        error=form.field("name")
                        required=true
                        maxlength=63
                    />
                    <SelectField
                        name="zone"
                        label=tr!(networks.zone)
                        options
                        value=form.value("zone", &host.zone)
                        error=form.field("zone")
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
fn Drain(shown: Shown) -> impl IntoView {
    let action = ServerAction::<DrainHost>::new();
    bump_after(action);
    let form = form_state(action);
    let id = Signal::stored(shown.with_untracked(|(host, _)| host.id.to_string()));
    let revision = Signal::derive(move || shown.with(|(host, _)| host.revision.to_string()));
    let draining = Memo::new(move |_| shown.with(|(host, _)| host.draining));
    let on = Signal::derive(move || (!draining.get()).to_string());
    let button = move || {
        let label = if draining.get() { tr!(hosts.resume) } else { tr!(hosts.drain) };
        view! { <Button label kind=ButtonKind::Secondary pending=form.pending /> }
    };
    view! {
        <Section title=tr!(hosts.drain) description=tr!(hosts.drain_note)>
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <Hidden name="on" value=on />
                {button}
            </ActionForm>
        </Section>
    }
    .into_any()
}

#[component]
fn Remove(shown: Shown) -> impl IntoView {
    let action = ServerAction::<RemoveHost>::new();
    let form = form_state(action);
    let id = Signal::stored(shown.with_untracked(|(host, _)| host.id.to_string()));
    let revision = Signal::derive(move || shown.with(|(host, _)| host.revision.to_string()));
    view! {
        <Section title=tr!(hosts.remove) description=tr!(hosts.remove_note)>
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <Button label=tr!(hosts.remove) kind=ButtonKind::Danger pending=form.pending />
            </ActionForm>
        </Section>
    }
    .into_any()
}
