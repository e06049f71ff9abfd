//! What stands in the wizard's form.

use super::super::api::PreviewService;
use super::config::config;
use super::environment::environment;
use super::features::features;
use super::fields::Fields;
use super::network::Network;
use super::sections::{basics, resources};
use super::summary::summary;
use super::sync::Sync;
use crate::context::FormState;
use crate::paths;
use domain::service::form::FIELDS;
use domain::view::{DeployStart, Preview};
use leptos::prelude::*;
use server_fn::ServerFn;
use ui::{Button, ButtonKind, EmptyState, FormActions, FormError, IconName, LinkButton, StepItem, StepState, Steps};

pub(super) fn rail() -> AnyView {
    let step = |label: String, anchor: &str| StepItem {
        href: Some(anchor.to_owned()),
        ..StepItem::new(label, StepState::Upcoming)
    };
    let items = vec![
        step(tr!(deploy.basics), "#basics"),
        step(tr!(deploy.environment), "#environment"),
        step(tr!(deploy.resources), "#resources"),
        step(tr!(deploy.network), "#network"),
        step(tr!(wizard.features), "#features"),
        step(tr!(wizard.config), "#config"),
        step(tr!(wizard.summary), "#summary"),
    ];
    view! { <Steps label=tr!(deploy.steps) items /> }.into_any()
}

pub(super) fn no_gateway() -> AnyView {
    let create =
        view! { <LinkButton href=paths::NEW_GATEWAY kind=ButtonKind::Primary>{tr!(gateways.create)}</LinkButton> };
    view! {
        <EmptyState icon=IconName::Gateway title=tr!(deploy.no_gateway_title) body=tr!(deploy.no_gateway_body) actions=create />
    }
    .into_any()
}

pub(super) fn body(form: &FormState, start: DeployStart, back: String) -> (Sync, AnyView) {
    let DeployStart { of, choices, preview } = start;
    // Where no script runs, the preview comes as the answer of a page before.
    let answer: Option<Preview> = form.answer().and_then(|text| serde_json::from_str(&text).ok());
    let form = if answer.is_some() { form.without_draft() } else { form.clone() };
    if let Some(answer) = &answer {
        form.refuse(Some(answer.errors.clone()).filter(|errors| !errors.is_empty()));
    }
    let shown = answer.unwrap_or(preview);
    let (base, document) = (form.value("base", &shown.document), form.value("document", &shown.document));
    let sync = Sync::new(shown, base, document);
    let (name, is_update) = (of.as_ref().map(|of| of.name.clone()), of.is_some());
    let gateways = choices.gateways.clone();
    let others =
        form.others(|field| field == "document" || field == "runtime" || FIELDS.iter().any(|each| each.name == field));
    let built = form.clone();
    let sections = move || {
        let (by_json, shown) = sync.shown.get();
        let form = if by_json { built.without_draft() } else { built.clone() };
        let fields = Fields { form, shown };
        let choices = choices.clone();
        untrack(|| {
            view! {
                {basics(&fields, name.clone())}
                {environment(&fields)}
                {resources(&fields)}
                <Network fields=fields.clone() choices />
                {features(&fields)}
            }
            .into_any()
        })
    };
    let submit = if is_update { tr!(wizard.update) } else { tr!(deploy.submit) };
    let content = view! {
        <FormError message=form.general() />
        <FormError message=others />
        {sections}
        {config(&form, sync)}
        {summary(sync, gateways, is_update)}
        <FormActions>
            <Button label=submit kind=ButtonKind::Primary pending=form.pending />
            <button class="btn btn-secondary no-script" type="submit" formaction=PreviewService::PATH>
                {tr!(wizard.review)}
            </button>
            <LinkButton href=back>{tr!(layout.cancel)}</LinkButton>
        </FormActions>
    };
    (sync, content.into_any())
}
