use leptos::prelude::*;

/// A part of a page that is folded until somebody asks for it, or `open` says that it must be seen.
#[component]
pub fn Fold(
    #[prop(into)] title: String,
    #[prop(optional, into)] open: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclose fold" open=move || open.get()>
            <summary>{title}</summary>
            <div class="fold-body">{children()}</div>
        </details>
    }
    .into_any()
}
