//! Interfaces of engines' hosts that are in no VPC yet.

use super::api::AdoptInterface;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after};
use domain::network::HostAddress;
use domain::view::NetworksView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, Column, DataTable, FormError, Hidden, Section};

#[component]
pub fn Elsewhere(networks: Fresh<NetworksView>, allowed: bool) -> impl IntoView {
    let adopt = ServerAction::<AdoptInterface>::new();
    bump_after(adopt);
    let form = form_state(adopt);
    let (general, wrong) = (form.general(), form.field("blocks"));
    let table = move || {
        let elsewhere = networks.with(|networks| networks.elsewhere.clone());
        (!elsewhere.is_empty()).then(|| {
            let head = vec![
                Column::new(tr!(networks.interface)),
                Column::new(tr!(networks.address)),
                Column::hidden(tr!(layout.actions)),
            ];
            view! {
                <Section title=tr!(networks.elsewhere) description=tr!(networks.elsewhere_note)>
                    <FormError message=general />
                    <FormError message=wrong />
                    <DataTable caption=tr!(networks.elsewhere) head>
                        {elsewhere.into_iter().map(|each| row(each, allowed, adopt)).collect::<Vec<_>>()}
                    </DataTable>
                </Section>
            }
        })
    };
    view! { {table} }.into_any()
}

fn row(each: HostAddress, allowed: bool, adopt: ServerAction<AdoptInterface>) -> AnyView {
    let (interface, address) = (Signal::stored(each.interface.clone()), Signal::stored(each.address.to_string()));
    let button = allowed.then(|| {
        view! {
            <ActionForm action=adopt>
                <Hidden name="interface" value=interface />
                <Hidden name="address" value=address />
                <Button label=tr!(networks.adopt) />
            </ActionForm>
        }
    });
    view! {
        <tr>
            <th scope="row">{each.interface}</th>
            <td data-label=tr!(networks.address)>
                <code>{format!("{}/{}", each.address, each.prefix)}</code>
            </td>
            <td class="actions">{button}</td>
        </tr>
    }
    .into_any()
}
