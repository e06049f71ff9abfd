//! Inviting somebody into an account.

use super::api::InviteToAccount;
use crate::context::form_state;
use crate::features::account::{made, roles};
use crate::layout::Fresh;
use domain::role::Role;
use domain::view::AccountView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, FormError, IconName, RadioCards, Section, SelectField, SelectOption};

#[component]
pub fn Invite(accounts: Fresh<Vec<AccountView>>) -> impl IntoView {
    let action = ServerAction::<InviteToAccount>::new();
    let form = form_state(action);
    let answer = form.answer();
    let link = move || match action.value().get().or_else(|| answer.clone().map(Ok)) {
        Some(Ok(link)) => Some(made(link)),
        _ => None,
    };
    let chosen = form.value("account", "");
    // Other news leave the choice alone.
    let names = Memo::new(move |_| {
        let name = |each: &AccountView| (each.account.id.to_string(), each.account.name.clone());
        accounts.with(|accounts| accounts.iter().map(name).collect::<Vec<_>>())
    });
    let (role, wrong) = (form.value("role", Role::Administrator.as_str()), form.field("role"));
    view! {
        <Section title=tr!(users.invite) description=tr!(accounts.invite_hint)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    {move || {
                        let options = names.get().into_iter().map(|(id, name)| SelectOption::new(id, name)).collect();
                        view! {
                            <SelectField name="account" label=tr!(accounts.account) options value=chosen.clone() />
                        }
                    }}
                    <RadioCards name="role" legend=tr!(users.role) options=roles() value=role error=wrong />
                    <Button label=tr!(users.make_link) kind=ButtonKind::Primary icon=IconName::Plus pending=form.pending />
                </div>
            </ActionForm>
            {link}
        </Section>
    }
    .into_any()
}
