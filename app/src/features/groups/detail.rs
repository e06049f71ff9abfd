//! One group: its endpoints, who is in it and what falls to each.

use super::api::{SetWeights, read_group};
use super::token::Tokens;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, of_address, seen_revision, service_badge};
use crate::paths;
use domain::id::GroupId;
use domain::role::Permission;
use domain::service::Weights;
use domain::view::{EndpointView, GroupDetail, GroupMember};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, Card, Column, CopyText, Crumb, DataTable, DescriptionItem, DescriptionList, FormError, Hidden, PageHeader,
    PageTitle, Section, SelectField, SelectOption, TextLink, Toolbar,
};

pub(super) type Shown = Fresh<GroupDetail>;

#[component]
pub fn GroupPage() -> impl IntoView {
    of_address(|id: GroupId| read_group(id), page)
}

fn page(group: Shown) -> AnyView {
    let name = group.with_untracked(|group| group.summary.name.to_string());
    let crumbs = vec![
        Crumb::link(tr!(services.title), paths::SERVICES),
        Crumb::link(tr!(groups.title), paths::GROUPS),
        Crumb::here(name.clone()),
    ];
    view! {
        <PageTitle text=name.clone() />
        <PageHeader title=name breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
        {move || group.with(endpoints)}
        <Section title=tr!(services.title) description=tr!(groups.members_hint)>
            {move || group.with(|group| members(&group.members))} <WeightsForm group />
        </Section>
        <Tokens group />
    }
    .into_any()
}

fn endpoints(group: &GroupDetail) -> AnyView {
    let urls = |endpoints: &[EndpointView]| {
        if endpoints.is_empty() {
            return view! { <span class="muted">"–"</span> }.into_any();
        }
        let one = |endpoint: &EndpointView| {
            view! {
                <div>
                    <CopyText text=endpoint.url.clone() label=tr!(layout.copy) done=tr!(layout.copied) />
                </div>
            }
        };
        let all: Vec<_> = endpoints.iter().map(one).collect();
        view! { <div class="stack">{all}</div> }.into_any()
    };
    let (internet, vpc) = (urls(&group.internet), urls(&group.vpc));
    let (gateway, at) = (group.summary.gateway_name.clone(), paths::gateway(&group.summary.gateway_id));
    view! {
        <Card title=tr!(services.invocation) flush=true>
            <DescriptionList>
                <DescriptionItem term=tr!(services.gateway)>
                    <TextLink href=at>{gateway}</TextLink>
                </DescriptionItem>
                <DescriptionItem term=tr!(invocation.internet)>{internet}</DescriptionItem>
                <DescriptionItem term=tr!(invocation.vpc)>{vpc}</DescriptionItem>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn members(members: &[GroupMember]) -> AnyView {
    let head = vec![
        Column::new(tr!(services.name)),
        Column::new(tr!(services.status)),
        Column::numeric(tr!(services.replicas)),
        Column::numeric(tr!(groups.weight)),
        Column::numeric(tr!(groups.share)),
        Column::new(tr!(groups.header)),
    ];
    let rows: Vec<AnyView> = members.iter().map(member).collect();
    view! {
        <DataTable caption=tr!(services.title) head>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn member(member: &GroupMember) -> AnyView {
    let service = &member.service;
    let header = member.place.header.as_ref().map_or_else(|| "–".to_owned(), |header| header.text());
    let weight = if member.place.standalone { tr!(groups.standalone_short) } else { member.place.weight.to_string() };
    let share = member.share_percent.map_or_else(|| "–".to_owned(), |share| format!("{share} %"));
    let (link, name) = (paths::service_group(&service.id), service.name.to_string());
    view! {
        <tr>
            <th scope="row">
                <TextLink href=link>{name}</TextLink>
            </th>
            <td>{service_badge(service.status)}</td>
            <td class="num" data-label=tr!(services.replicas)>{format!("{} / {}", service.ready, service.wanted)}</td>
            <td class="num" data-label=tr!(groups.weight)>{weight}</td>
            <td class="num" data-label=tr!(groups.share)>{share}</td>
            <td class="mono" data-label=tr!(groups.header)>{header}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn WeightsForm(group: Shown) -> impl IntoView {
    let action = ServerAction::<SetWeights>::new();
    bump_after(action);
    let form = form_state(action);
    let id = Signal::stored(group.with_untracked(|group| group.summary.id.to_string()));
    let newest = Signal::derive(move || group.with(|group| group.revision));
    let revision = seen_revision(newest, action.version().into());
    let now = match group.with_untracked(|group| group.summary.weights) {
        Weights::Automatic => "automatic",
        Weights::Fixed => "fixed",
    };
    let options =
        vec![SelectOption::new("automatic", tr!(groups.automatic)), SelectOption::new("fixed", tr!(groups.fixed))];
    use_viewer()
        .may(Permission::DeployServices)
        .then(|| {
            view! {
                <FormError message=form.general() />
                <ActionForm action>
                    <Hidden name="id" value=id />
                    <Hidden name="revision" value=revision />
                    <Toolbar>
                        <SelectField name="weights" label=tr!(groups.weights) value=form.value("weights", now) options />
                        <Button label=tr!(layout.save) pending=form.pending />
                    </Toolbar>
                </ActionForm>
            }
        })
        .into_any()
}
