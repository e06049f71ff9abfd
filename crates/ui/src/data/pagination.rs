use crate::{Icon, IconName, MaybeText, href};
use leptos::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLink {
    pub number: u32,
    pub href: String,
    pub current: bool,
}

/// Links to neighbouring pages of a list. `pages` stays empty where only neighbours are known (keyset paging).
#[component]
pub fn Pagination(
    #[prop(into)] label: String,
    #[prop(into)] previous_label: String,
    #[prop(into)] next_label: String,
    #[prop(optional_no_strip)] previous: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
    #[prop(optional)] pages: Vec<PageLink>,
    #[prop(optional, into)] summary: MaybeText,
) -> impl IntoView {
    let pages = pages
        .into_iter()
        .map(|page| {
            view! {
                <li>
                    <a class="page-link" href=href::safe(page.href) aria-current=page.current.then_some("page")>
                        {page.number}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="pagination" aria-label=label>
            <p class="pagination-summary">{summary.0}</p>
            <ul>
                <li>{step(previous, previous_label, true)}</li>
                {pages}
                <li>{step(next, next_label, false)}</li>
            </ul>
        </nav>
    }
    .into_any()
}

fn step(to: Option<String>, label: String, back: bool) -> AnyView {
    let icon = if back { IconName::ChevronLeft } else { IconName::ChevronRight };
    let body = view! {
        {back.then(|| view! { <Icon name=icon /> })}
        <span>{label}</span>
        {(!back).then(|| view! { <Icon name=icon /> })}
    };
    match to {
        Some(to) => view! {
            <a class="page-link page-step" href=href::safe(to) rel=if back { "prev" } else { "next" }>
                {body}
            </a>
        }
        .into_any(),
        None => view! {
            <span class="page-link page-step" aria-disabled="true">
                {body}
            </span>
        }
        .into_any(),
    }
}
