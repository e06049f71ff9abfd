//! The replicas of a service: where they are, how they are, and what can be done with each.

use super::api::Act;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When, bump_after, replica_badge};
use crate::paths;
use domain::role::Permission;
use domain::view::{ReplicaView, ServiceDetail};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Column, DataTable, FormError, Hidden, IconName, Menu, MenuItem, Section, TextLink};

#[component]
pub fn Instances(service: Fresh<ServiceDetail>, scale: Option<AnyView>) -> impl IntoView {
    let action = ServerAction::<Act>::new();
    bump_after(action);
    let form = form_state(action);
    let may = use_viewer().may(Permission::DeployServices);
    let replicas = Memo::new(move |_| service.with(|service| service.replicas.clone()));
    let table = move || {
        let replicas = replicas.get();
        if replicas.is_empty() {
            return view! { <p class="muted">{tr!(service.no_replicas)}</p> }.into_any();
        }
        let head = vec![
            Column::new(tr!(service.replica)),
            Column::new(tr!(services.status)),
            Column::numeric(tr!(life.version)),
            Column::numeric(tr!(service.restarts)),
            Column::numeric(tr!(life.in_flight)),
            Column::numeric(tr!(life.cpu)),
            Column::numeric(tr!(life.memory)),
            Column::hidden(tr!(life.actions)),
        ];
        let rows: Vec<AnyView> = replicas.into_iter().map(|view| replica(view, may, action)).collect();
        view! {
            <DataTable caption=tr!(service.replicas) head>
                {rows}
            </DataTable>
        }
        .into_any()
    };
    view! { <Section title=tr!(service.replicas) id="replicas"><FormError message=form.general() /> {table} {scale}</Section> }
        .into_any()
}

fn replica(view: ReplicaView, may: bool, action: ServerAction<Act>) -> AnyView {
    let replica = view.report;
    let cpu = view.cpu_percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    let memory = view.memory_bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{} MiB", bytes / 1_048_576));
    let in_flight = view.in_flight.map_or_else(|| "–".to_owned(), |count| count.to_string());
    let lines = (!replica.last_lines.is_empty())
        .then(|| view! { <pre class="code-text wrap">{replica.last_lines.join("\n")}</pre> });
    let isolated = replica.isolated.then(|| view! { <div class="muted">{tr!(life.isolated)}</div> });
    let old = view.is_old_news.then(|| view! { <div class="muted">{tr!(life.old_news)}</div> });
    let started = replica.started_at.unwrap_or(replica.since);
    let logs = paths::logs(&replica.service_id, Some(&replica.replica_id));
    let (service, id) = (replica.service_id.to_string(), replica.replica_id.to_string());
    let toggle = if replica.isolated { ("admit", tr!(life.admit)) } else { ("isolate", tr!(life.isolate)) };
    let shown = id.clone();
    let menu = may.then(move || {
        view! {
            <ActionForm action>
                <Hidden name="service" value=Signal::stored(service) />
                <Hidden name="replica" value=Signal::stored(id) />
                <Menu label=tr!(layout.more) icon=IconName::More icon_only=true>
                    <MenuItem label=toggle.1 name="action" value=toggle.0 />
                    <MenuItem label=tr!(life.restart) name="action" value="restart" />
                    <MenuItem label=tr!(life.delete) name="action" value="delete" danger=true />
                </Menu>
            </ActionForm>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <TextLink href=logs>{shown}</TextLink>
                <div class="muted">{view.host} " " <span class="mono">{replica.address.to_string()}</span></div>
            </th>
            <td>
                {replica_badge(replica.state)} <div class="muted">{tr!(life.started)} " " <When at=started /></div>
                <div class="muted wrap">{replica.detail}</div> {lines} {isolated} {old}
            </td>
            <td class="num" data-label=tr!(life.version)>{replica.version}</td>
            <td class="num" data-label=tr!(service.restarts)>{replica.restarts}</td>
            <td class="num" data-label=tr!(life.in_flight)>{in_flight}</td>
            <td class="num" data-label=tr!(life.cpu)>{cpu}</td>
            <td class="num" data-label=tr!(life.memory)>{memory}</td>
            <td class="actions">{menu}</td>
        </tr>
    }
    .into_any()
}
