//! The lines of a month.

use super::words::{quantity_text, what};
use crate::layout::When;
use crate::paths;
use domain::billing::Item;
use domain::view::{CostLine, CostView};
use leptos::prelude::*;
use ui::{Column, DataTable, EmptyState, IconName, TextLink};

/// More are in the export: a page is for people.
const SHOWN: usize = 500;

pub(super) fn table(cost: CostView, of_all: bool) -> AnyView {
    if cost.lines.is_empty() {
        return view! {
            <EmptyState icon=IconName::Chart title=tr!(billing.nothing_title) body=tr!(billing.nothing_body) />
        }
        .into_any();
    }
    let head = vec![
        Column::new(tr!(billing.gateway)),
        Column::new(tr!(billing.item)),
        Column::numeric(tr!(billing.quantity)),
        Column::numeric(tr!(billing.price)),
        Column::numeric(tr!(billing.amount)),
    ];
    let (month, currency) = (cost.month, cost.currency);
    let more = cost.lines.len().saturating_sub(SHOWN);
    let row = move |line: CostLine| {
        let id = line.line.gateway_id.clone();
        let (name, item, quantity) = (line.gateway_name.clone(), what(&line), quantity_text(&line.line));
        let (price, amount) = (format!("{} {currency}", line.line.price), format!("{} {currency}", line.line.amount));
        let (from, until) = (line.line.from, line.line.until);
        let name = if of_all {
            let href = paths::cost(Some(month), Some(&id));
            view! { <TextLink href>{name}</TextLink> }.into_any()
        } else {
            name.into_any()
        };
        // When it holds only for a part of the month.
        let dated = matches!(line.line.item, Item::Subscription | Item::SubscriptionChange).then(|| {
            view! {
                <div class="muted">
                    <When at=from /> " – " <When at=until />
                </div>
            }
        });
        view! {
            <tr>
                <th scope="row">{name} <div class="muted mono">{id.to_string()}</div></th>
                <td class="wrap" data-label=tr!(billing.item)>{item} {dated}</td>
                <td class="num" data-label=tr!(billing.quantity)>{quantity}</td>
                <td class="num" data-label=tr!(billing.price)>{price}</td>
                <td class="num" data-label=tr!(billing.amount)>{amount}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(billing.cost) head>
            {cost.lines.into_iter().take(SHOWN).map(row).collect::<Vec<_>>()}
        </DataTable>
        {(more > 0).then(|| view! { <p class="muted">{tr!(billing.more_lines, number = more)}</p> })}
    }
    .into_any()
}
