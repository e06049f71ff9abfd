//! Signing out, as an item of the user's menu.

use super::api;
use crate::layout::load_after;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{IconName, MenuItem};

#[component]
pub fn SignOutButton() -> impl IntoView {
    let action = ServerAction::<api::SignOut>::new();
    load_after(action);
    view! {
        <ActionForm action>
            <MenuItem label=tr!(layout.sign_out) icon=IconName::Logout />
        </ActionForm>
    }
    .into_any()
}
