//! What one replica printed: the newest of it, searched, and followed while the page is open.

use super::super::detail::{Header, Tab, of_address};
use super::api::read_output;
use crate::layout::{LoadError, fresh, look_every};
use crate::paths;
use domain::id::{ReplicaId, ServiceId};
use domain::view::OutputView;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::time::Duration;
use ui::{Button, IconName, SelectField, SelectOption, TextField, Toolbar};

const FOLLOW: Duration = Duration::from_secs(2);

#[component]
pub fn Logs() -> impl IntoView {
    let map = use_query_map();
    of_address(move |service| {
        let id = service.with_untracked(|service| service.summary.id.clone());
        let all = service.with_untracked(|service| {
            service.replicas.iter().map(|view| view.report.replica_id.clone()).collect::<Vec<_>>()
        });
        let first = all.first().cloned();
        // Without a choice the first; one that is gone is said to be so by who is asked.
        let chosen = Memo::new(move |_| {
            map.with(|map| map.get("replica")).and_then(|id| id.parse::<ReplicaId>().ok()).or_else(|| first.clone())
        });
        let search = Memo::new(move |_| map.with(|map| map.get("q")).unwrap_or_default());
        let asked = id.clone();
        let output = Resource::new_blocking(move || chosen.get(), move |replica| ask(asked.clone(), replica));
        view! {
            <Header service tab=Tab::Logs />
            {move || choice(&id, &all, chosen.get().as_ref(), &search.get())}
            <Transition>
                {move || {
                    let (id, replica) = (service.with_untracked(|service| service.summary.id.clone()), chosen.get());
                    Suspend::new(async move {
                        match output.await {
                            Ok(Some(first)) => {
                                look_every(FOLLOW);
                                let news = fresh(Some(first), move || ask(id.clone(), replica.clone()));
                                (move || text(&news.get().unwrap_or_default(), &search.get())).into_any()
                            }
                            Ok(None) => view! { <p class="muted">{tr!(service.no_replicas)}</p> }.into_any(),
                            Err(error) => view! { <LoadError error /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        }
        .into_any()
    })
}

async fn ask(service: ServiceId, replica: Option<ReplicaId>) -> Result<Option<OutputView>, crate::error::ApiError> {
    match replica {
        Some(replica) => read_output(service, replica, None, None).await.map(Some),
        None => Ok(None),
    }
}

fn choice(service: &ServiceId, all: &[ReplicaId], chosen: Option<&ReplicaId>, search: &str) -> AnyView {
    let options = all.iter().map(|id| SelectOption::new(id.to_string(), id.to_string())).collect::<Vec<_>>();
    let value = chosen.map(ToString::to_string).unwrap_or_default();
    let (action, search) = (paths::logs(service, None), search.to_owned());
    let download = chosen.map(|replica| {
        let href = paths::output(service, replica);
        // A file, not a page: the browser asks for it itself.
        view! { <a class="btn btn-secondary" href=href rel="external" download="">{tr!(life.download)}</a> }
    });
    view! {
        <form method="get" action=action role="search">
            <Toolbar>
                <SelectField name="replica" label=tr!(service.replica) options value />
                <TextField
                    name="q"
                    kind="search"
                    label=tr!(life.search)
                    value=search
                    maxlength=paths::LONGEST_VALUE
                />
                <Button label=tr!(gateways.apply) icon=IconName::Search />
                {download}
            </Toolbar>
        </form>
    }
    .into_any()
}

fn text(output: &OutputView, search: &str) -> AnyView {
    let needle = search.trim().to_lowercase();
    let lines = output.text.lines().filter(|line| needle.is_empty() || line.to_lowercase().contains(&needle));
    let found = lines.collect::<Vec<_>>().join("\n");
    if found.is_empty() {
        return view! { <p class="muted">{tr!(life.nothing_printed)}</p> }.into_any();
    }
    let earlier = (output.from > output.oldest).then(|| view! { <p class="muted">{tr!(life.newest_only)}</p> });
    view! {
        {earlier}
        <div class="code">
            <pre class="code-text"><code>{found}</code></pre>
        </div>
    }
    .into_any()
}
