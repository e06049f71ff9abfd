//! Tokens that nobody has used yet.

use super::api::WithdrawHost;
use crate::context::form_state;
use crate::layout::{Fresh, When, bump_after};
use domain::view::{HostsView, JoinTokenView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Column, DataTable, FormError, Hidden, IconButton, IconName, Section};

#[component]
pub fn Waiting(hosts: Fresh<HostsView>) -> impl IntoView {
    let action = ServerAction::<WithdrawHost>::new();
    bump_after(action);
    let form = form_state(action);
    let wrong = form.general();
    let rows = move || hosts.with(|hosts| hosts.waiting.clone());
    let table = move || {
        let waiting = rows();
        (!waiting.is_empty()).then(|| {
            let head = vec![
                Column::new(tr!(hosts.host)),
                Column::new(tr!(networks.zone)),
                Column::new(tr!(hosts.until)),
                Column::hidden(tr!(layout.actions)),
            ];
            view! {
                <Section title=tr!(hosts.waiting) description=tr!(hosts.waiting_note)>
                    <FormError message=wrong />
                    <DataTable caption=tr!(hosts.waiting) head>
                        {waiting.into_iter().map(|each| row(each, action)).collect::<Vec<_>>()}
                    </DataTable>
                </Section>
            }
        })
    };
    view! { {table} }.into_any()
}

fn row(waiting: JoinTokenView, action: ServerAction<WithdrawHost>) -> AnyView {
    let token = Signal::stored(waiting.digest.to_string());
    let label = tr!(hosts.withdraw, name = waiting.host.name.clone());
    view! {
        <tr>
            <th scope="row">{waiting.host.name}</th>
            <td data-label=tr!(networks.zone)>{waiting.host.zone}</td>
            <td data-label=tr!(hosts.until)>
                <When at=waiting.expires_at />
            </td>
            <td class="actions">
                <ActionForm action>
                    <Hidden name="token" value=token />
                    <IconButton icon=IconName::Trash label />
                </ActionForm>
            </td>
        </tr>
    }
    .into_any()
}
