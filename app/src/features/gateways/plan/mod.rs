//! The capacity planner: expected figures in the address, the size that the document's tables give for them.

mod answer;
mod tables;

use super::kind::crumbs;
use crate::paths;
use crate::texts::use_texts;
use domain::FieldErrors;
use domain::plan::{MOST, PlanDraft};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use ui::{Button, ButtonKind, Card, Crumb, FormActions, LinkButton, NumberField, PageHeader, PageTitle};

const FIELDS: [&str; 6] = ["http_short", "https_short", "http_persistent", "connections", "tls", "mbit"];

fn draft_of(map: &ParamsMap) -> PlanDraft {
    let value = |name: &str| map.get(name).unwrap_or_default();
    PlanDraft {
        http_short: value("http_short"),
        https_short: value("https_short"),
        http_persistent: value("http_persistent"),
        connections: value("connections"),
        tls: value("tls"),
        mbit: value("mbit"),
    }
}

#[component]
pub fn PlanManaged() -> impl IntoView {
    let title = tr!(plan.title);
    let mut crumbs = crumbs(title.clone());
    crumbs.insert(1, Crumb::link(tr!(new_managed.title), paths::NEW_MANAGED));
    let (draft, asked) =
        use_query_map().with_untracked(|map| (draft_of(map), FIELDS.iter().any(|field| map.get(field).is_some())));
    let (errors, demand) = match draft.validate() {
        Ok(demand) => (FieldErrors::default(), Some(demand)),
        Err(errors) => (errors, None),
    };
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title
            subtitle=tr!(plan.subtitle)
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Expected draft errors />
        {demand.filter(|_| asked).map(|demand| answer::answer(&demand))}
        {tables::tables()}
    }
    .into_any()
}

/// A GET form: an answer has an address that can be sent to others.
#[component]
fn Expected(draft: PlanDraft, errors: FieldErrors) -> impl IntoView {
    let texts = use_texts();
    let field =
        move |name: &'static str, label: String, value: String, hint: Option<String>, unit: Option<&'static str>| {
            let error = Signal::stored(errors.get(name).map(|invalid| texts.invalid(invalid)));
            view! { <NumberField name label value hint error unit min=0 max=MOST /> }.into_any()
        };
    let PlanDraft { http_short, https_short, http_persistent, connections, tls, mbit } = draft;
    view! {
        <Card>
            <form method="get" action=paths::PLAN_MANAGED>
                <div class="stack">
                    {field("http_short", tr!(plan.http_short), http_short, None, None)}
                    {field("https_short", tr!(plan.https_short), https_short, Some(tr!(plan.https_short_hint)), None)}
                    {field("http_persistent", tr!(plan.http_persistent), http_persistent, None, None)}
                    {field("connections", tr!(plan.connections), connections, None, None)}
                    {field("tls", tr!(plan.tls), tls, Some(tr!(plan.tls_hint)), None)}
                    {field("mbit", tr!(plan.mbit), mbit, None, Some("Mbit/s"))}
                    <FormActions>
                        <Button label=tr!(plan.calculate) kind=ButtonKind::Primary />
                        <LinkButton href=paths::NEW_MANAGED>{tr!(layout.back)}</LinkButton>
                    </FormActions>
                </div>
            </form>
        </Card>
    }
    .into_any()
}
