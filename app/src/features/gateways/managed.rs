//! The purchase page of a fully managed gateway. Leads to the order, which is confirmed on a page of its own.

use super::capacity::{Capacity, spec_cards};
use super::kind::crumbs;
use crate::features::billing::per_node;
use crate::paths;
use crate::texts::use_texts;
use domain::FieldErrors;
use domain::gateway::ManagedDraft;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use ui::{
    Button, ButtonKind, Card, FormActions, LinkButton, NumberField, PageHeader, PageTitle, RadioCard, RadioCards,
    TextField,
};

/// What was typed, as it stands in the address.
pub(super) fn draft_of(map: &ParamsMap) -> ManagedDraft {
    let value = |name: &str| map.get(name).unwrap_or_default();
    ManagedDraft { name: value("name"), spec: value("spec"), nodes: value("nodes"), charge: value("charge") }
}

#[component]
pub fn NewManaged() -> impl IntoView {
    let title = tr!(new_managed.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle=tr!(new_managed.subtitle)
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
            actions=view! { <LinkButton href=paths::PLAN_MANAGED>{tr!(plan.action)}</LinkButton> }
        />
        <PurchaseForm draft=first_draft() errors=FieldErrors::default() />
        <Capacity />
    }
    .into_any()
}

/// Coming back from the confirmation keeps what was chosen.
fn first_draft() -> ManagedDraft {
    let typed = use_query_map().with_untracked(draft_of);
    let or = |value: String, default: &str| if value.is_empty() { default.to_owned() } else { value };
    ManagedDraft {
        name: typed.name,
        spec: or(typed.spec, "2c4g"),
        nodes: or(typed.nodes, "2"),
        charge: or(typed.charge, "PostPaid"),
    }
}

/// A GET form: the order page shows what is ordered, and is where errors show as well.
#[component]
pub fn PurchaseForm(draft: ManagedDraft, errors: FieldErrors) -> impl IntoView {
    let texts = use_texts();
    let error = move |name: &str| Signal::stored(errors.get(name).map(|invalid| texts.invalid(invalid)));
    let charges = vec![
        RadioCard::new("PostPaid", tr!(new_managed.post_paid), tr!(new_managed.post_paid_body)),
        RadioCard::new("PrePaid", tr!(new_managed.pre_paid), tr!(new_managed.pre_paid_body)),
    ];
    view! {
        <Card>
            <form method="get" action=paths::CONFIRM_MANAGED>
                <div class="stack">
                    <TextField
                        name="name"
                        label=tr!(gateways.name)
                        hint=tr!(new_gateway.name_hint)
                        value=draft.name
                        error=error("name")
                        required=true
                        maxlength=paths::LONGEST_VALUE
                    />
                    <RadioCards name="spec" legend=tr!(new_managed.spec_label) options=spec_cards() value=draft.spec error=error("spec") />
                    {per_node()}
                    <NumberField
                        name="nodes"
                        label=tr!(new_managed.nodes)
                        hint=tr!(new_managed.nodes_hint)
                        value=draft.nodes
                        error=error("nodes")
                        min=1
                        max=100
                        required=true
                    />
                    <RadioCards
                        name="charge"
                        legend=tr!(new_managed.charge)
                        options=charges
                        value=draft.charge
                        error=error("charge")
                    />
                    <FormActions>
                        <Button label=tr!(new_managed.buy) kind=ButtonKind::Primary />
                        <LinkButton href=paths::NEW_GATEWAY>{tr!(layout.cancel)}</LinkButton>
                    </FormActions>
                </div>
            </form>
        </Card>
    }
    .into_any()
}
