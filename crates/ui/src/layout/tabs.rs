use crate::href;
use leptos::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TabItem {
    pub label: String,
    pub href: String,
    pub current: bool,
    pub count: Option<u32>,
}

impl TabItem {
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None }
    }
}

/// Pages of one thing. Every tab is an address, so these are links in a landmark, not ARIA tabs.
#[component]
pub fn Tabs(#[prop(into)] label: String, items: Vec<TabItem>) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|item| {
            view! {
                <li>
                    <a class="tab" href=href::safe(item.href) aria-current=item.current.then_some("page")>
                        {item.label}
                        {item.count.map(|count| view! { <span class="tab-count">{count}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{items}</ul>
        </nav>
    }
    .into_any()
}
