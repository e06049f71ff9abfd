//! The frame of pages outside the console: for who is not in, or is nowhere.

use super::Preferences;
use leptos::prelude::*;
use ui::{Brand, CenteredPage};

#[component]
pub fn EntryPage(children: Children) -> impl IntoView {
    view! {
        <CenteredPage brand=view! { <Brand name=tr!(layout.product) /> } footer=view! { <Preferences /> }>
            {children()}
        </CenteredPage>
    }
    .into_any()
}
