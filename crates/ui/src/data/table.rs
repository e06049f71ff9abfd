use crate::{Icon, IconName, href};
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// Where a click on the heading leads, and how the column is sorted now (`None`: it is not).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortLink {
    pub href: String,
    pub direction: Option<Direction>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub label: String,
    pub sort: Option<SortLink>,
    /// Aligned to the end; cells of the column carry `class="num"`.
    pub numeric: bool,
    /// The label is read out but not shown, as for a column of row menus.
    pub label_hidden: bool,
}

impl Column {
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    pub fn numeric(label: impl Into<String>) -> Self {
        Self { numeric: true, ..Self::new(label) }
    }

    pub fn hidden(label: impl Into<String>) -> Self {
        Self { label_hidden: true, ..Self::new(label) }
    }

    pub fn sorted(mut self, href: impl Into<String>, direction: Option<Direction>) -> Self {
        self.sort = Some(SortLink { href: href.into(), direction });
        self
    }
}

/// A real table in a region of its own that scrolls sideways when it must and that the keyboard reaches.
/// Children are the `<tr>`s; the first cell of a row is a `<th scope="row">`, cells with row menus have
/// `class="actions"`, cells with prose `class="wrap"`, secondary ones `class="muted"`.
///
/// On a phone a row is a block with its cells under each other; what does not explain itself says its column by
/// `data-label`. A table to `compare` figures in stays one, and scrolls.
#[component]
pub fn DataTable(
    #[prop(into)] caption: String,
    head: Vec<Column>,
    #[prop(optional)] caption_visible: bool,
    #[prop(optional)] compare: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-scroll" role="region" aria-label=caption.clone() tabindex="0">
            <table class=if compare { "table table-compare" } else { "table" }>
                <caption class=if caption_visible { "table-caption" } else { "sr-only" }>{caption.clone()}</caption>
                <thead>
                    <tr>{head.into_iter().map(heading).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn heading(column: Column) -> AnyView {
    let class = column.numeric.then_some("num");
    let direction = column.sort.as_ref().and_then(|s| s.direction);
    let (aria_sort, icon) = match direction {
        Some(Direction::Ascending) => (Some("ascending"), IconName::SortUp),
        Some(Direction::Descending) => (Some("descending"), IconName::SortDown),
        None => (None, IconName::Sort),
    };
    let body = match column.sort {
        Some(sort) => view! {
            <a class="sort" href=href::safe(sort.href)>
                {column.label}
                <Icon name=icon class="icon icon-small" />
            </a>
        }
        .into_any(),
        None if column.label_hidden => view! { <span class="sr-only">{column.label}</span> }.into_any(),
        None => column.label.into_any(),
    };
    view! {
        <th scope="col" class=class aria-sort=aria_sort>
            {body}
        </th>
    }
    .into_any()
}
