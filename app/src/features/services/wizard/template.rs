//! From a template: a few values, then the wizard filled with what they make.

use super::super::api::service_templates;
use super::super::choose::crumbs;
use crate::error::ApiError;
use crate::layout::LoadError;
use crate::paths;
use crate::texts::use_texts;
use domain::FieldErrors;
use domain::view::{ParameterView, TemplateView};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::collections::BTreeMap;
use ui::{Button, ButtonKind, FormActions, FormError, LinkButton, PageHeader, PageTitle, RadioCard, RadioCards};

#[component]
pub fn FromTemplate() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("template").unwrap_or_default());
    of_template(id, Before::default())
}

/// What was typed, and what is wrong with it.
#[derive(Clone, Default)]
pub(super) struct Before {
    pub values: BTreeMap<String, String>,
    pub errors: FieldErrors,
    /// On a page that has a header.
    pub inside: bool,
}

pub(super) fn of_template(id: String, before: Before) -> AnyView {
    let templates = Resource::new_blocking(|| (), |()| service_templates());
    view! {
        <Suspense>
            {move || {
                let (id, before) = (id.clone(), before.clone());
                Suspend::new(async move {
                    match templates.await {
                        Ok(all) => match all.into_iter().find(|template| template.id == id) {
                            Some(template) => untrack(|| page(template, &before)),
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
fn page(template: TemplateView, before: &Before) -> AnyView {
    let TemplateView { id, program, ways, parameters } = template;
    let chosen =
        before.values.get("way").filter(|way| ways.contains(way)).or(ways.first()).cloned().unwrap_or_default();
    let is_shown = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    let texts = use_texts();
    let others = before.errors.0.iter().filter(|each| !is_shown(&each.field));
    let others = others.map(|each| format!("{}: {}", each.field, texts.invalid(&each.error))).collect::<Vec<_>>();
    let others = Signal::stored((!others.is_empty()).then(|| others.join("\n")));
    let card = |way: String| match way.as_str() {
        "container" => RadioCard::new(way, tr!(wizard.container), tr!(wizard.container_hint)),
        "external" => RadioCard::new(way, tr!(wizard.external), tr!(wizard.external_hint)),
        _ => RadioCard::new(way, tr!(wizard.process), tr!(wizard.process_hint)),
    };
    let cards: Vec<RadioCard> = ways.into_iter().map(card).collect();
    let fields: Vec<AnyView> = parameters.into_iter().map(|parameter| field(parameter, before)).collect();
    let header = (!before.inside).then(|| {
        view! {
            <PageTitle text=program.clone() />
            <PageHeader
                title=program.clone()
                subtitle=tr!(wizard.template_hint)
                breadcrumbs=crumbs(program)
                breadcrumbs_label=tr!(layout.breadcrumbs)
            />
        }
    });
    view! {
        {header}
        <form action=paths::NEW_CUSTOM_SERVICE method="get" class="narrow">
            <input type="hidden" name="template" value=id />
            <div class="stack">
                <FormError message=others />
                <RadioCards name="way" legend=tr!(wizard.runtime) options=cards value=chosen />
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

fn field(parameter: ParameterView, before: &Before) -> AnyView {
    let ParameterView { name, default, example, required, label_container } = parameter;
    let value = before.values.get(&name).cloned().unwrap_or(default);
    let wrong = before.errors.get(&name).map(|error| use_texts().invalid(error));
    let (error, invalid) = (format!("t-{name}-error"), wrong.is_some());
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
                value=value
                aria-invalid=invalid.then_some("true")
                aria-describedby=invalid.then(|| error.clone())
                placeholder=example
                required=required
            />
            {wrong.map(|wrong| view! { <p class="field-error" id=error>{wrong}</p> })}
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
        </div>
    }
    .into_any()
}
