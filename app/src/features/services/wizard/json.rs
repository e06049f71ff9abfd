//! JSON Deployment: a document, as it is written for the cloud, deployed as it is.

use super::super::api::Deploy;
use super::super::choose::crumbs;
use crate::context::form_state;
use crate::paths;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, FormActions, FormError, LinkButton, PageHeader, PageTitle, TextArea};

const EXAMPLE: &str = r#"{
  "metadata": { "name": "demo", "instance": 1 },
  "process": { "command": "inference-gateway sample-model" }
}
"#;

#[component]
pub fn JsonDeployment() -> impl IntoView {
    let action = ServerAction::<Deploy>::new();
    let form = form_state(action);
    let title = tr!(wizard.json_deployment);
    let others = form.others(|field| field == "document");
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle=tr!(wizard.json_deployment_hint)
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <ActionForm action>
            <div class="stack">
                <FormError message=form.general() />
                <FormError message=others />
                <TextArea
                    name="document"
                    label=tr!(wizard.json)
                    hint=tr!(wizard.json_hint)
                    value=form.value("document", EXAMPLE)
                    error=form.field("document")
                    rows=24
                    required=true
                    mono=true
                />
                <FormActions>
                    <Button label=tr!(deploy.submit) kind=ButtonKind::Primary pending=form.pending />
                    <LinkButton href=paths::SERVICES>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </div>
        </ActionForm>
    }
    .into_any()
}
