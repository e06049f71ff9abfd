//! Search and filters of the list, all of it in the address.

use super::super::api::service_choices;
use crate::layout::service_word;
use crate::paths::{self, encode};
use domain::status::ServiceStatus;
use domain::view::{ServiceQuery, ServiceSort};
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
pub(super) fn query_of(map: &ParamsMap) -> ServiceQuery {
    ServiceQuery {
        search: map.get("q").unwrap_or_default(),
        status: map.get("status").and_then(parse),
        gateway: map.get("gateway").and_then(|id| id.parse().ok()),
        group: map.get("group").unwrap_or_default(),
        label: map.get("label").unwrap_or_default(),
        sort: map.get("sort").and_then(parse).unwrap_or_default(),
        descending: map.get("order").is_some_and(|order| order == "desc"),
        page: map.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
    }
}

/// The address of this list with a change.
pub(super) fn with(query: &ServiceQuery, change: impl FnOnce(&mut ServiceQuery)) -> String {
    let mut query = query.clone();
    change(&mut query);
    let mut pairs = Vec::new();
    let mut pair = |name: &str, value: &str| {
        if !value.is_empty() {
            pairs.push(format!("{name}={}", encode(value)));
        }
    };
    pair("q", &query.search);
    pair("status", &query.status.map(word).unwrap_or_default());
    pair("gateway", query.gateway.as_ref().map_or("", |id| id.as_str()));
    pair("group", &query.group);
    pair("label", &query.label);
    if query.sort != ServiceSort::default() || query.descending {
        pair("sort", &word(query.sort));
    }
    pair("order", if query.descending { "desc" } else { "" });
    pair("page", &if query.page > 1 { query.page.to_string() } else { String::new() });
    if pairs.is_empty() { paths::SERVICES.into() } else { format!("{}?{}", paths::SERVICES, pairs.join("&")) }
}

const STATUSES: [ServiceStatus; 7] = [
    ServiceStatus::Running,
    ServiceStatus::Creating,
    ServiceStatus::Degraded,
    ServiceStatus::Failed,
    ServiceStatus::Stopping,
    ServiceStatus::Stopped,
    ServiceStatus::Unknown,
];

#[component]
pub(super) fn Filters(query: ServiceQuery) -> impl IntoView {
    let any = SelectOption::new("", tr!(gateways.any_status));
    let status = |status: ServiceStatus| SelectOption::new(word(status), service_word(status).1);
    let statuses: Vec<_> = std::iter::once(any).chain(STATUSES.into_iter().map(status)).collect();
    let chosen = query.gateway.as_ref().map(ToString::to_string).unwrap_or_default();
    let choices = Resource::new_blocking(|| (), |()| service_choices());
    let gateways = move || {
        let value = chosen.clone();
        Suspend::new(async move {
            let all = choices.await.map(|choices| choices.gateways).unwrap_or_default();
            let option = |gateway: domain::view::GatewayChoice| {
                SelectOption::new(gateway.id.to_string(), gateway.name.to_string())
            };
            let any = SelectOption::new("", tr!(service_list.any_gateway));
            let options = std::iter::once(any).chain(all.into_iter().map(option)).collect::<Vec<_>>();
            view! { <SelectField name="gateway" label=tr!(services.gateway) value options /> }.into_any()
        })
    };
    // Sorting stays when the filter changes; the page starts again.
    let order = query.descending.then(|| view! { <input type="hidden" name="order" value="desc" /> });
    let group =
        (!query.group.is_empty()).then(|| view! { <input type="hidden" name="group" value=query.group.clone() /> });
    view! {
        <form method="get" action=paths::SERVICES role="search">
            <Toolbar>
                <TextField name="q" kind="search" label=tr!(services.search) value=query.search.clone() maxlength=paths::LONGEST_VALUE />
                <SelectField
                    name="status"
                    label=tr!(services.status)
                    value=query.status.map(word).unwrap_or_default()
                    options=statuses
                />
                <Suspense>{gateways}</Suspense>
                <TextField name="label" label=tr!(gateways.label) value=query.label.clone() maxlength=127 />
                <input type="hidden" name="sort" value=word(query.sort) />
                {order}
                {group}
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
        let query = ServiceQuery {
            search: "a&b=推".into(),
            status: Some(ServiceStatus::Running),
            gateway: "gw-aaaaaaaaaaaaaaaaaa".parse().ok(),
            group: "g".into(),
            label: "team=vision".into(),
            sort: ServiceSort::Traffic,
            descending: true,
            page: 3,
        };
        assert!(query.gateway.is_some());
        assert_eq!(
            with(&query, |_| {}),
            "/services?q=a%26b%3D%E6%8E%A8&status=running&gateway=gw-aaaaaaaaaaaaaaaaaa&group=g&label=team%3Dvision\
             &sort=traffic&order=desc&page=3"
        );
        assert_eq!(with(&ServiceQuery::default(), |_| {}), "/services");
    }
}
