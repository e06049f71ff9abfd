//! The wizard's pages. One page, one form, so it works without JavaScript; the rail leads through its sections.

use super::super::api::{Deploy, PreviewService, UpdateService as Update, start_deploy};
use super::super::choose::crumbs;
use super::body::{body, no_gateway, rail};
use super::template::{Before, of_template};
use crate::context::{FormState, form_state_or};
use crate::error::ApiError;
use crate::layout::LoadError;
use crate::paths;
use domain::id::ServiceId;
use domain::view::{DeployQuery, DeployStart};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use server_fn::ServerFn;
use ui::{Hidden, PageHeader, PageTitle};

#[component]
pub fn CustomDeployment() -> impl IntoView {
    let query = use_query_map().with_untracked(|query| DeployQuery {
        template: query.get("template").unwrap_or_default(),
        way: query.get("way").unwrap_or_default(),
        gateway: query.get("gateway").unwrap_or_default(),
        values: query.into_iter().map(|(name, value)| (name.to_string(), value.to_owned())).collect(),
        id: None,
    });
    let title = tr!(deploy.custom);
    page(title, tr!(deploy.subtitle), query, |start| {
        if start.choices.gateways.is_empty() {
            return no_gateway();
        }
        let action = ServerAction::<Deploy>::new();
        let form = form_state_or(action, PreviewService::PATH);
        framed(&form, start, paths::SERVICES.to_owned(), |content| {
            view! { <ActionForm action>{content}</ActionForm> }.into_any()
        })
    })
}

#[component]
pub fn UpdateService() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default().parse::<ServiceId>().ok());
    let Some(id) = id else {
        return view! { <LoadError error=ApiError::NotFound /> }.into_any();
    };
    let query = DeployQuery { id: Some(id.clone()), ..DeployQuery::default() };
    page(tr!(wizard.update), tr!(wizard.update_hint), query, move |start| {
        let action = ServerAction::<Update>::new();
        let form = form_state_or(action, PreviewService::PATH);
        let newest = start.of.as_ref().map(|of| of.revision.to_string()).unwrap_or_default();
        // What was typed was typed over the one that was seen, however often the page is made anew meanwhile.
        let revision = form.value("revision", &newest);
        let hidden = Signal::stored(id.to_string());
        framed(&form, start, paths::service(&id), |content| {
            view! {
                <ActionForm action>
                    <Hidden name="id" value=hidden />
                    <Hidden name="revision" value=Signal::stored(revision) />
                    {content}
                </ActionForm>
            }
            .into_any()
        })
    })
}

fn page(
    title: String,
    subtitle: String,
    query: DeployQuery,
    wizard: impl Fn(DeployStart) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView {
    let asked = query.clone();
    let start = Resource::new_blocking(move || query.clone(), start_deploy);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Suspense>
            {move || {
                let (wizard, asked) = (wizard.clone(), asked.clone());
                Suspend::new(async move {
                    match start.await {
                        Ok(start) => untrack(|| wizard(start)),
                        // Back to the template's own questions, with what was answered.
                        Err(ApiError::Invalid { fields }) if !asked.template.is_empty() => untrack(|| {
                            let mut values = asked.values;
                            values.insert("way".into(), asked.way);
                            of_template(asked.template, Before { values, errors: fields, inside: true })
                        }),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

fn framed(form: &FormState, start: DeployStart, back: String, around: impl FnOnce(AnyView) -> AnyView) -> AnyView {
    let (sync, content) = body(form, start, back);
    view! {
        <div class="wizard" on:change=move |event| sync.changed(&event)>
            {rail()} <div>{around(content)}</div>
        </div>
    }
    .into_any()
}
