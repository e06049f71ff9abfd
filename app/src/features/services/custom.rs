//! Custom Deployment: what runs, how many, and behind which gateway. One page, one form, so it works without
//! JavaScript; the rail leads through its sections.

use super::api::{Deploy, service_choices};
use super::choose::crumbs;
use super::custom_fields::{Basics, Environment, Resources};
use super::network_choice::NetworkChoice;
use crate::context::form_state;
use crate::layout::LoadError;
use crate::paths;
use domain::view::DeployChoices;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, EmptyState, FormActions, FormError, IconName, LinkButton, PageHeader, PageTitle, StepItem,
    StepState, Steps,
};

#[component]
pub fn CustomDeployment() -> impl IntoView {
    let choices = Resource::new_blocking(|| (), |()| service_choices());
    let title = tr!(deploy.custom);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle=tr!(deploy.subtitle)
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Suspense>
            {move || Suspend::new(async move {
                match choices.await {
                    Ok(choices) if choices.gateways.is_empty() => no_gateway(),
                    Ok(choices) => view! { <Wizard choices /> }.into_any(),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn no_gateway() -> AnyView {
    let create =
        view! { <LinkButton href=paths::NEW_GATEWAY kind=ButtonKind::Primary>{tr!(gateways.create)}</LinkButton> };
    view! {
        <EmptyState icon=IconName::Gateway title=tr!(deploy.no_gateway_title) body=tr!(deploy.no_gateway_body) actions=create />
    }
    .into_any()
}

#[component]
fn Wizard(choices: DeployChoices) -> impl IntoView {
    let action = ServerAction::<Deploy>::new();
    let form = form_state(action);
    let check = form.check(|deploy: Deploy| deploy.draft.validate());
    let step = |label: String, anchor: &str| StepItem {
        href: Some(anchor.to_owned()),
        ..StepItem::new(label, StepState::Upcoming)
    };
    let steps = vec![
        step(tr!(deploy.basics), "#basics"),
        step(tr!(deploy.environment), "#environment"),
        step(tr!(deploy.resources), "#resources"),
        step(tr!(deploy.network), "#network"),
    ];
    view! {
        <div class="wizard">
            <Steps label=tr!(deploy.steps) items=steps />
            <div on:submit:capture=check>
                <ActionForm action>
                    <FormError message=form.general() />
                    <Basics form=form.clone() />
                    <Environment form=form.clone() />
                    <Resources form=form.clone() />
                    <NetworkChoice form=form.clone() choices />
                    <FormActions>
                        <Button label=tr!(deploy.submit) kind=ButtonKind::Primary pending=form.pending />
                        <LinkButton href=paths::SERVICES>{tr!(layout.cancel)}</LinkButton>
                    </FormActions>
                </ActionForm>
            </div>
        </div>
    }
    .into_any()
}
