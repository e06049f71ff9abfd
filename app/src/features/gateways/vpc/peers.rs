//! VPCs whose clients reach the gateway through this one.

use super::api::{SetPeers, linkable_vpcs};
use super::link::{At, hidden, link_of};
use crate::context::form_state;
use crate::layout::{LoadError, bump_after};
use domain::id::VpcId;
use domain::view::VpcView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, CheckField, FieldSet, FormActions, FormError, Section};

#[component]
pub fn Peers(at: At) -> impl IntoView {
    let (gateway, vpc) = at;
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let choices = Resource::new_blocking(|| (), move |()| linkable_vpcs(id.clone()));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match choices.await {
                    Ok(all) => {
                        let own = vpc.get_value();
                        let others: Vec<_> = all.into_iter().filter(|each| each.vpc.id != own).collect();
                        (!others.is_empty()).then(|| form(at, others)).into_any()
                    }
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn form(at: At, others: Vec<VpcView>) -> AnyView {
    let action = ServerAction::<SetPeers>::new();
    bump_after(action);
    let form = form_state(action);
    let now: Vec<VpcId> = untrack(|| link_of(at)).into_iter().flat_map(|link| link.peers).map(|peer| peer.id).collect();
    let chosen: Vec<VpcId> = match form.chosen("peers[]") {
        Some(sent) => sent.iter().filter_map(|id| id.parse().ok()).collect(),
        None => now,
    };
    let one = |each: VpcView| {
        let blocks = each.vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let checked = chosen.contains(&each.vpc.id);
        let label = format!("{} ({})", each.vpc.name, each.vpc.region);
        let id = each.vpc.id.to_string();
        view! { <CheckField name="peers[]" value=id.clone() id_suffix=id label hint=blocks checked /> }.into_any()
    };
    let boxes = others.into_iter().map(one).collect::<Vec<_>>();
    view! {
        <Section title=tr!(vpc.peers) description=tr!(vpc.peers_note) id="peers">
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    {hidden(at, action.version().into())}
                    <FieldSet name="peers" legend=tr!(vpc.peers) error=form.field("peers")>
                        {boxes}
                    </FieldSet>
                    <FormActions>
                        <Button label=tr!(layout.save) pending=form.pending />
                    </FormActions>
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}
