//! The users of the workspace.

use super::api::{UserView, list_users};
use super::invite::Invite;
use crate::layout::{LoadError, When};
use domain::role::Role;
use leptos::prelude::*;
use ui::{Column, DataTable, PageHeader, PageTitle};

#[component]
pub fn Users() -> impl IntoView {
    let users = Resource::new_blocking(|| (), |()| list_users());
    let title = tr!(users.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle=tr!(users.subtitle) />
        <Suspense>
            {move || Suspend::new(async move {
                match users.await {
                    Ok(users) => {
                        view! {
                            {table(users)}
                            <Invite />
                        }
                        .into_any()
                    }
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

pub(super) fn role_text(role: Role) -> String {
    match role {
        Role::Administrator => tr!(users.administrator),
        Role::Viewer => tr!(users.viewer),
    }
}

fn table(users: Vec<UserView>) -> AnyView {
    let head = vec![Column::new(tr!(sign_in.name)), Column::new(tr!(users.role)), Column::new(tr!(gateways.created))];
    let row = |user: UserView| {
        view! {
            <tr>
                <th scope="row">{user.name}</th>
                <td>{role_text(user.role)}</td>
                <td data-label=tr!(gateways.created)>
                    <When at=user.created_at />
                </td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(users.title) head>
            {users.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
    }
    .into_any()
}
