use crate::{Icon, IconName, Slot, href};
use leptos::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// Where the reader is, what it is called, how it is, and the main thing to do. The `<h1 id="page-title">` takes
/// the focus after a change of page.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional, into)] subtitle: Slot,
    #[prop(optional, into)] badge: Slot,
    #[prop(optional, into)] actions: Slot,
    #[prop(optional)] breadcrumbs: Vec<Crumb>,
    /// Names the breadcrumb landmark; needed when there are `breadcrumbs`.
    #[prop(optional, into)]
    breadcrumbs_label: String,
) -> impl IntoView {
    view! {
        <header class="page-header">
            {(!breadcrumbs.is_empty()).then(|| crumbs(breadcrumbs, breadcrumbs_label))}
            <div class="page-header-row">
                <div class="page-header-text">
                    <div class="page-header-title">
                        <h1 id="page-title" tabindex="-1">
                            {title}
                        </h1>
                        {badge.0}
                    </div>
                    {subtitle.0.map(|text| view! { <div class="page-subtitle">{text}</div> })}
                </div>
                {actions.0.map(|actions| view! { <div class="page-actions">{actions}</div> })}
            </div>
        </header>
    }
    .into_any()
}

fn crumbs(items: Vec<Crumb>, label: String) -> impl IntoView {
    let last = items.len().saturating_sub(1);
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, crumb)| {
            let body = match crumb.href {
                Some(to) => view! {
                    <a class="crumb" href=href::safe(to)>
                        {crumb.label}
                    </a>
                }
                .into_any(),
                None => {
                    let here = (index == last).then_some("page");
                    view! { <span aria-current=here>{crumb.label}</span> }.into_any()
                }
            };
            view! {
                <li>
                    {(index > 0).then(|| view! { <Icon name=IconName::ChevronRight class="icon icon-small" /> })}
                    {body}
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="crumbs" aria-label=label>
            <ol>{items}</ol>
        </nav>
    }
}
