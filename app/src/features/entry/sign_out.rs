//! Signing out, as an item of the user's menu.

use super::api;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{IconName, MenuItem};

#[component]
pub fn SignOutButton() -> impl IntoView {
    let action = ServerAction::<api::SignOut>::new();
    // The page that comes next belongs to nobody: it is loaded, not navigated to.
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(()))) {
            let _ = window().location().set_href(crate::paths::SIGN_IN);
        }
    });
    view! {
        <ActionForm action>
            <MenuItem label=tr!(layout.sign_out) icon=IconName::Logout />
        </ActionForm>
    }
    .into_any()
}
