//! From a template: a few values, then the wizard filled with what they make.

use super::super::api::service_templates;
use super::super::choose::crumbs;
use crate::error::ApiError;
use crate::layout::LoadError;
use crate::paths;
use domain::view::{ParameterView, TemplateView};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use ui::{Button, ButtonKind, FormActions, LinkButton, PageHeader, PageTitle, RadioCard, RadioCards};

#[component]
pub fn FromTemplate() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("template").unwrap_or_default());
    let templates = Resource::new_blocking(|| (), |()| service_templates());
    view! {
        <Suspense>
            {move || {
                let id = id.clone();
                Suspend::new(async move {
                    match templates.await {
                        Ok(all) => match all.into_iter().find(|template| template.id == id) {
                            Some(template) => untrack(|| page(template)),
                            None => view! { <LoadError error=ApiError::NotFound /> }.into_any(),
                        },
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

/// An address, not an action: nothing is changed yet, and it can be kept as a bookmark.
fn page(template: TemplateView) -> AnyView {
    let TemplateView { id, program, ways, parameters } = template;
    let first = ways.first().cloned().unwrap_or_default();
    let card = |way: String| match way.as_str() {
        "container" => RadioCard::new(way, tr!(wizard.container), tr!(wizard.container_hint)),
        "external" => RadioCard::new(way, tr!(wizard.external), tr!(wizard.external_hint)),
        _ => RadioCard::new(way, tr!(wizard.process), tr!(wizard.process_hint)),
    };
    let cards: Vec<RadioCard> = ways.into_iter().map(card).collect();
    let fields: Vec<AnyView> = parameters.into_iter().map(field).collect();
    view! {
        <PageTitle text=program.clone() />
        <PageHeader
            title=program.clone()
            subtitle=tr!(wizard.template_hint)
            breadcrumbs=crumbs(program)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <form action=paths::NEW_CUSTOM_SERVICE method="get" class="narrow">
            <input type="hidden" name="template" value=id />
            <div class="stack">
                <RadioCards name="way" legend=tr!(wizard.runtime) options=cards value=first />
                {fields}
                <FormActions>
                    <Button label=tr!(wizard.next) kind=ButtonKind::Primary />
                    <LinkButton href=paths::NEW_SERVICE>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </div>
        </form>
    }
    .into_any()
}

fn field(parameter: ParameterView) -> AnyView {
    let ParameterView { name, default, example, required, label_container } = parameter;
    // Names are the programs' own words.
    let hint = label_container.then(|| tr!(wizard.container_only));
    view! {
        <div class="field">
            <label class="field-label" for=format!("t-{name}")>
                {name.replace('_', " ")}
            </label>
            <input
                class="input mono"
                id=format!("t-{name}")
                name=name
                value=default
                placeholder=example
                required=required
            />
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
        </div>
    }
    .into_any()
}
