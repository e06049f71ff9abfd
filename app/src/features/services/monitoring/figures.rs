//! The same as a table, for who wants the figures themselves.

use crate::layout::{Fresh, When};
use domain::view::ServiceMonitoring;
use leptos::prelude::*;
use ui::{Column, DataTable};

/// Outside of what follows the news, so that it stays open.
pub fn figures(
    measured: Fresh<ServiceMonitoring>,
    caption: String,
    columns: fn(&ServiceMonitoring) -> Vec<String>,
    row: fn(&ServiceMonitoring, usize) -> Option<Vec<String>>,
) -> AnyView {
    let title = Signal::stored(caption.clone());
    let table = move || {
        measured.with(|measured| {
            let numeric = columns(measured).into_iter().map(Column::numeric);
            let head = std::iter::once(Column::new(tr!(monitoring.from))).chain(numeric).collect::<Vec<_>>();
            let rows = rows(measured, row);
            view! { <DataTable caption=title.get_untracked() head compare=true>{rows}</DataTable> }
        })
    };
    view! {
        <details class="disclose">
            <summary>{caption}</summary>
            {table}
        </details>
    }
    .into_any()
}

/// The newest first. What is not known is one row, however long.
fn rows(measured: &ServiceMonitoring, row: fn(&ServiceMonitoring, usize) -> Option<Vec<String>>) -> Vec<AnyView> {
    let mut rows = Vec::new();
    let mut unknown = false;
    for point in 0..measured.points.len() {
        let at = measured.at(point);
        match row(measured, point) {
            Some(cells) => {
                unknown = false;
                let cells = cells.into_iter().map(|cell| view! { <td class="num">{cell}</td> }).collect::<Vec<_>>();
                rows.push(view! { <tr><th scope="row"><When at /></th>{cells}</tr> }.into_any());
            }
            None if !unknown => {
                unknown = true;
                let said = tr!(monitoring.unknown);
                rows.push(view! { <tr><th scope="row"><When at /></th><td class="muted">{said}</td></tr> }.into_any());
            }
            None => {}
        }
    }
    rows.reverse();
    rows
}

pub fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".into())
}
