//! What gateways cost: by month, the orders behind it, and the prices.

pub mod api;
mod cost;
mod lines;
mod orders;
mod price_form;
mod prices;
mod subscription;
mod words;

pub use cost::Cost;
pub use orders::Orders;
pub use prices::PricesPage;
pub use subscription::Subscription;
pub use words::{NodePrice, per_node};

use crate::paths;
use leptos::prelude::*;
use ui::{PageHeader, PageTitle, TabItem, Tabs};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Cost,
    Orders,
    Prices,
}

fn header(tab: Tab) -> AnyView {
    let tabs = vec![
        TabItem::new(tr!(billing.cost), paths::BILLING, tab == Tab::Cost),
        TabItem::new(tr!(billing.orders), paths::ORDERS, tab == Tab::Orders),
        TabItem::new(tr!(billing.prices), paths::PRICES, tab == Tab::Prices),
    ];
    let here = match tab {
        Tab::Cost => tr!(billing.cost),
        Tab::Orders => tr!(billing.orders),
        Tab::Prices => tr!(billing.prices),
    };
    let title = tr!(billing.title);
    view! {
        <PageTitle text=format!("{here} · {title}") />
        <PageHeader title subtitle=tr!(billing.subtitle) />
        <Tabs label=tr!(billing.title) items=tabs />
    }
    .into_any()
}
