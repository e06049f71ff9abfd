//! All groups of the workspace.

use super::api::list_groups;
use crate::layout::LoadError;
use crate::paths;
use domain::service::Weights;
use domain::view::GroupSummary;
use leptos::prelude::*;
use ui::{Column, Crumb, DataTable, EmptyState, IconName, LinkButton, PageHeader, PageTitle, TextLink};

#[component]
pub fn Groups() -> impl IntoView {
    let groups = Resource::new_blocking(|| (), |()| list_groups());
    let crumbs = vec![Crumb::link(tr!(services.title), paths::SERVICES), Crumb::here(tr!(groups.title))];
    view! {
        <PageTitle text=tr!(groups.title) />
        <PageHeader
            title=tr!(groups.title)
            subtitle=tr!(groups.hint)
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Suspense>
            {move || Suspend::new(async move {
                match groups.await {
                    Ok(groups) => table(groups),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

pub(super) fn weights_text(weights: Weights) -> String {
    match weights {
        Weights::Automatic => tr!(groups.automatic),
        Weights::Fixed => tr!(groups.fixed),
    }
}

fn table(groups: Vec<GroupSummary>) -> AnyView {
    if groups.is_empty() {
        let back = view! { <LinkButton href=paths::SERVICES>{tr!(services.title)}</LinkButton> };
        return view! {
            <EmptyState icon=IconName::Service title=tr!(groups.empty_title) body=tr!(groups.empty_body) actions=back />
        }
        .into_any();
    }
    let head = vec![
        Column::new(tr!(groups.name)),
        Column::numeric(tr!(services.title)),
        Column::new(tr!(groups.weights)),
        Column::new(tr!(services.gateway)),
    ];
    view! {
        <DataTable caption=tr!(groups.title) head>
            {groups.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
    }
    .into_any()
}

fn row(group: GroupSummary) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                <TextLink href=paths::group(&group.id)>{group.name.to_string()}</TextLink>
            </th>
            <td class="num" data-label=tr!(services.title)>{group.services}</td>
            <td data-label=tr!(groups.weights)>{weights_text(group.weights)}</td>
            <td data-label=tr!(services.gateway)>
                <TextLink href=paths::gateway(&group.gateway_id)>{group.gateway_name}</TextLink>
            </td>
        </tr>
    }
    .into_any()
}
