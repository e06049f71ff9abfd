//! Confirming the order of a fully managed gateway.

use super::api::BuyManaged;
use super::kind::crumbs;
use super::managed::{PurchaseForm, draft_of};
use crate::context::form_state;
use crate::features::billing::NodePrice;
use crate::layout::thousands;
use crate::paths::{self, encode};
use domain::gateway::{ChargeType, GatewayKind, ManagedDraft};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Callout, Card, DescriptionItem, DescriptionList, FormActions, FormError, Hidden, LinkButton,
    PageHeader, PageTitle, TextField, Tone,
};

#[component]
pub fn ConfirmManaged() -> impl IntoView {
    let title = tr!(confirm.title);
    let draft = use_query_map().with_untracked(draft_of);
    let action = ServerAction::<BuyManaged>::new();
    let form = form_state(action);
    // A name that is taken is only found out now: the form comes back with it.
    let taken = form.field("name");
    let is_taken = Memo::new(move |_| taken.with(Option::is_some));
    let body = match draft.validate() {
        Err(errors) => view! { <PurchaseForm draft errors /> }.into_any(),
        Ok((name, kind)) => {
            let back = back(&draft);
            let order = order(name.to_string(), &kind);
            let size = match kind {
                GatewayKind::FullyManaged { spec, nodes, .. } => Some((spec, nodes)),
                GatewayKind::Alb => None,
            };
            let typed = form.value("name", &draft.name);
            let name = move || {
                if !is_taken.get() {
                    return view! { <Hidden name="name" value=Signal::stored(typed.clone()) /> }.into_any();
                }
                view! {
                    <TextField
                        name="name"
                        label=tr!(confirm.other_name)
                        hint=tr!(new_gateway.name_hint)
                        value=typed.clone()
                        error=taken
                        required=true
                    />
                }
                .into_any()
            };
            view! {
                <Card>
                    {order}
                    <NodePrice size=Signal::stored(size) />
                    <Callout tone=Tone::Neutral>{tr!(confirm.price)}</Callout>
                    <FormError message=form.general() />
                    <ActionForm action>
                        <div class="stack">
                            {name} <Hidden name="spec" value=Signal::stored(draft.spec) />
                            <Hidden name="nodes" value=Signal::stored(draft.nodes) />
                            <Hidden name="charge" value=Signal::stored(draft.charge) />
                            <FormActions>
                                <Button label=tr!(confirm.submit) kind=ButtonKind::Primary pending=form.pending />
                                <LinkButton href=back>{tr!(confirm.back)}</LinkButton>
                            </FormActions>
                        </div>
                    </ActionForm>
                </Card>
            }
            .into_any()
        }
    };
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle=tr!(confirm.subtitle)
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        {body}
    }
    .into_any()
}

fn back(draft: &ManagedDraft) -> String {
    let (name, spec) = (encode(&draft.name), encode(&draft.spec));
    let (nodes, charge) = (encode(&draft.nodes), encode(&draft.charge));
    format!("{}?name={name}&spec={spec}&nodes={nodes}&charge={charge}", paths::NEW_MANAGED)
}

fn order(name: String, kind: &GatewayKind) -> AnyView {
    let GatewayKind::FullyManaged { spec, nodes, charge } = *kind else { return ().into_any() };
    let capacity = spec.capacity();
    let charge = match charge {
        ChargeType::PostPaid => tr!(new_managed.post_paid),
        ChargeType::PrePaid => tr!(new_managed.pre_paid),
    };
    view! {
        <DescriptionList>
            <DescriptionItem term=tr!(gateways.name)>{name}</DescriptionItem>
            <DescriptionItem term=tr!(new_managed.spec_label)>
                {spec.as_str()} " · " {tr!(new_managed.spec, cores = capacity.cores, memory = capacity.memory_gib)}
            </DescriptionItem>
            <DescriptionItem term=tr!(new_managed.nodes)>{nodes}</DescriptionItem>
            <DescriptionItem term=tr!(new_managed.charge)>{charge}</DescriptionItem>
            <DescriptionItem term=tr!(capacity.connections_total)>
                {thousands(capacity.connections_security * u64::from(nodes))}
            </DescriptionItem>
        </DescriptionList>
    }
    .into_any()
}
