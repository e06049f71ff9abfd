//! One service in the list.

use super::super::api::SetRunning;
use super::super::life::api::RestartService;
use super::filters::with;
use crate::context::use_viewer;
use crate::layout::{When, reason_text, service_badge};
use crate::paths;
use domain::id::ServiceId;
use domain::label::{Labels, pair};
use domain::role::Permission;
use domain::view::{ServiceQuery, ServiceRow};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{CopyButton, Hidden, IconName, Menu, MenuItem, TextLink};

/// What the menus of all rows do.
#[derive(Clone, Copy)]
pub(super) struct Changes {
    pub run: ServerAction<SetRunning>,
    pub again: ServerAction<RestartService>,
}

/// The Service Type column holds the Invocation Method link, as the document has it.
pub(super) fn row(
    service: ServiceRow,
    changes: Changes,
    rate: impl Fn(&ServiceId) -> u64 + Send + Sync + 'static,
) -> AnyView {
    let menu = menu(&service, changes);
    let ServiceRow { summary, labels: own, owner, group, endpoint, reason, .. } = service;
    let of = summary.id.clone();
    let owner = (!owner.is_empty()).then(|| view! { <div class="muted">{tr!(service_list.owner, name = owner)}</div> });
    let group = group.map(|name| {
        let href = with(&ServiceQuery { group: name.to_string(), ..ServiceQuery::default() }, |_| {});
        view! { <div class="muted">{tr!(service_list.group)} " " <TextLink href>{name.to_string()}</TextLink></div> }
    });
    let endpoint = endpoint.map(|url| {
        view! {
            <div class="endpoint">
                <code class="wrap">{url.clone()}</code>
                <CopyButton text=url label=tr!(layout.copy) done=tr!(layout.copied) />
            </div>
        }
    });
    let badge = service_badge(summary.status);
    let status = match reason {
        Some(reason) => {
            let detail = reason.detail.clone().map(|detail| view! { " " <code class="wrap">{detail}</code> });
            view! {
                <button type="button" class="tip">
                    {badge}
                    <span class="tip-text">{reason_text(&reason)} {detail}</span>
                </button>
            }
            .into_any()
        }
        None => badge,
    };
    view! {
        <tr>
            <th scope="row">
                <TextLink href=paths::service(&summary.id)>{summary.name.to_string()}</TextLink>
                <div class="muted mono">{summary.id.to_string()}</div>
                {labels(&own)}
            </th>
            <td>{status}</td>
            <td class="num" data-label=tr!(services.replicas)>{format!("{} / {}", summary.ready, summary.wanted)}</td>
            <td>
                {tr!(services.standard)} " · "
                <TextLink href=paths::invocation(&summary.id)>{tr!(services.invocation)}</TextLink>
                {group}
            </td>
            <td class="wrap" data-label=tr!(services.gateway)>
                <TextLink href=paths::gateway(&summary.gateway_id)>{summary.gateway_name.to_string()}</TextLink>
                {endpoint}
            </td>
            <td class="num" data-label=tr!(service_list.traffic)>{move || per_second(rate(&of))}</td>
            <td class="created" data-label=tr!(gateways.created)>
                <When at=summary.created_at />
                {owner}
            </td>
            <td class="actions">{menu}</td>
        </tr>
    }
    .into_any()
}

/// Thousandths, with as many places as say something.
fn per_second(rate: u64) -> String {
    match rate {
        0 => "0".into(),
        1..10_000 => format!("{}.{}", rate / 1000, rate % 1000 / 100),
        _ => (rate / 1000).to_string(),
    }
}

/// Each leads to the services that have it.
fn labels(labels: &Labels) -> Option<AnyView> {
    let one = |(key, value): (&str, &str)| {
        let text = pair(key, value);
        let href = with(&ServiceQuery { label: text.clone(), ..ServiceQuery::default() }, |_| {});
        view! {
            <li>
                <a class="label-chip" href=href>
                    {text}
                </a>
            </li>
        }
        .into_any()
    };
    (!labels.is_empty()).then(|| {
        let all = labels.iter().map(one).collect::<Vec<_>>();
        view! { <ul class="label-chips" aria-label=tr!(settings.labels)>{all}</ul> }.into_any()
    })
}

fn menu(service: &ServiceRow, Changes { run, again }: Changes) -> AnyView {
    let id = &service.summary.id;
    let may = use_viewer().may(Permission::DeployServices);
    let label = tr!(service_list.actions, name = service.summary.name.to_string());
    let (hidden, revision) = (Signal::stored(id.to_string()), Signal::stored(service.revision.to_string()));
    let on = Signal::stored((!service.running).to_string());
    let (switch, icon) =
        if service.running { (tr!(service.stop), IconName::Close) } else { (tr!(service.start), IconName::Check) };
    let invocation = paths::invocation(id);
    let debugging = paths::debugging(id);
    let (scale, delete) = (paths::scale_service(id), paths::delete_service(id));
    let changes = may.then(|| {
        view! {
            <MenuItem label=tr!(service_list.update) href=paths::update_service(id) />
            <MenuItem label=tr!(service.scale) href=scale />
            <ActionForm action=run>
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=revision />
                <Hidden name="on" value=on />
                <Hidden name="from_list" value=Signal::stored("true".to_owned()) />
                <MenuItem label=switch icon />
            </ActionForm>
            <ActionForm action=again>
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=revision />
                <Hidden name="from_list" value=Signal::stored("true".to_owned()) />
                <MenuItem label=tr!(life.restart) />
            </ActionForm>
            <MenuItem label=tr!(life.clone) href=paths::clone_service(id) />
            <MenuItem label=tr!(service.delete) href=delete icon=IconName::Trash danger=true />
        }
    });
    view! {
        <Menu label icon=IconName::More icon_only=true>
            <MenuItem label=tr!(services.invocation) href=invocation />
            <MenuItem label=tr!(debugging.title) href=debugging />
            {changes}
        </Menu>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::per_second;

    #[test]
    fn places_that_say_something() {
        assert_eq!([0, 99, 100, 1_550, 10_000, 12_345_678].map(per_second), ["0", "0.0", "0.1", "1.5", "10", "12345"]);
    }
}
