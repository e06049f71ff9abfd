//! Search and filters of the list, all of it in the address.

use crate::paths::{self, encode};
use domain::status::GatewayStatus;
use domain::view::{GatewayQuery, GatewaySort};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use ui::{Button, IconName, SelectField, SelectOption, TextField, Toolbar};

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn parse<T: serde::de::DeserializeOwned>(text: String) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text)).ok()
}

/// What the address asks for; what it does not say, or says wrongly, is the default.
pub(super) fn query_of(map: &ParamsMap) -> GatewayQuery {
    GatewayQuery {
        search: map.get("q").unwrap_or_default(),
        kind: map.get("kind").filter(|kind| !kind.is_empty()),
        status: map.get("status").and_then(parse),
        label: map.get("label").unwrap_or_default(),
        sort: map.get("sort").and_then(parse).unwrap_or_default(),
        descending: map.get("order").is_some_and(|order| order == "desc"),
        page: map.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
    }
}

/// The address of this list with a change.
pub(super) fn with(query: &GatewayQuery, change: impl FnOnce(&mut GatewayQuery)) -> String {
    let mut query = query.clone();
    change(&mut query);
    let mut pairs = Vec::new();
    let mut pair = |name: &str, value: &str| pairs.push(format!("{name}={}", encode(value)));
    if !query.search.is_empty() {
        pair("q", &query.search);
    }
    if let Some(kind) = &query.kind {
        pair("kind", kind);
    }
    if let Some(status) = query.status {
        pair("status", &word(status));
    }
    if !query.label.is_empty() {
        pair("label", &query.label);
    }
    if query.sort != GatewaySort::default() || query.descending {
        pair("sort", &word(query.sort));
    }
    if query.descending {
        pair("order", "desc");
    }
    if query.page > 1 {
        pair("page", &query.page.to_string());
    }
    if pairs.is_empty() { paths::GATEWAYS.into() } else { format!("{}?{}", paths::GATEWAYS, pairs.join("&")) }
}

#[component]
pub fn Filters(query: GatewayQuery) -> impl IntoView {
    let status = |status: GatewayStatus| SelectOption::new(word(status), crate::layout::gateway_text(status));
    let statuses = vec![
        SelectOption::new("", tr!(gateways.any_status)),
        status(GatewayStatus::Running),
        status(GatewayStatus::Creating),
        status(GatewayStatus::Degraded),
        status(GatewayStatus::Failed),
        status(GatewayStatus::Unknown),
    ];
    let kinds = vec![
        SelectOption::new("", tr!(gateways.any_kind)),
        SelectOption::new("alb", tr!(gateways.alb)),
        SelectOption::new("fully_managed", tr!(gateways.managed)),
    ];
    // Sorting stays when the filter changes; the page starts again.
    let order = query.descending.then(|| view! { <input type="hidden" name="order" value="desc" /> });
    view! {
        <form method="get" action=paths::GATEWAYS role="search">
            <Toolbar>
                <TextField name="q" kind="search" label=tr!(gateways.search) value=query.search.clone() maxlength=paths::LONGEST_VALUE />
                <SelectField name="kind" label=tr!(gateways.kind) value=query.kind.clone().unwrap_or_default() options=kinds />
                <SelectField
                    name="status"
                    label=tr!(gateways.status)
                    value=query.status.map(word).unwrap_or_default()
                    options=statuses
                />
                <TextField name="label" label=tr!(gateways.label) value=query.label.clone() maxlength=127 />
                <input type="hidden" name="sort" value=word(query.sort) />
                {order}
                <Button label=tr!(gateways.apply) icon=IconName::Search />
            </Toolbar>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_all() {
        let query = GatewayQuery {
            search: "a&b=推".into(),
            kind: Some("alb".into()),
            status: Some(GatewayStatus::Running),
            label: "team=vision".into(),
            sort: GatewaySort::Name,
            descending: true,
            page: 3,
        };
        let address = with(&query, |_| {});
        assert_eq!(
            address,
            "/gateways?q=a%26b%3D%E6%8E%A8&kind=alb&status=running&label=team%3Dvision&sort=name&order=desc&page=3"
        );
        assert_eq!(with(&GatewayQuery::default(), |_| {}), "/gateways");
    }
}
