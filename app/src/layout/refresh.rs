//! A way to see what has become of something that changes by itself, where no script does it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use ui::TextLink;

#[component]
pub fn Refresh() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    view! {
        <span class="no-js-only">
            <TextLink href=path>{tr!(layout.refresh)}</TextLink>
        </span>
    }
    .into_any()
}
