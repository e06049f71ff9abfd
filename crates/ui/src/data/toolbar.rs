use leptos::prelude::*;

/// Search, filters and chips above a list.
#[component]
pub fn Toolbar(children: Children) -> impl IntoView {
    view! { <div class="toolbar">{children()}</div> }.into_any()
}
