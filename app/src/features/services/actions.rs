//! Starting, stopping, scaling, deleting.

use super::api::{Scale, SetRunning};
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after};
use crate::paths;
use domain::role::Permission;
use domain::view::ServiceDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, Card, FormError, Hidden, IconName, LinkButton, NumberField, Toolbar};

#[component]
pub fn Actions(service: Fresh<ServiceDetail>) -> impl IntoView {
    if !use_viewer().may(Permission::DeployServices) {
        return ().into_any();
    }
    let run = ServerAction::<SetRunning>::new();
    let running_form = form_state(run);
    bump_after(run);
    let scale = ServerAction::<Scale>::new();
    let scale_form = form_state(scale);
    bump_after(scale);
    let id = service.with_untracked(|service| service.summary.id.clone());
    let (hidden, delete) = (Signal::stored(id.to_string()), paths::delete_service(&id));
    let replicas = service.with_untracked(|service| service.workload.replicas.to_string());
    let revision = Signal::derive(move || service.with(|service| service.revision.to_string()));
    let running = move || service.with(|service| service.running);
    let run_pending = running_form.pending;
    view! {
        <Card title=tr!(layout.actions)>
            <FormError message=running_form.general() />
            <FormError message=scale_form.general() />
            <ActionForm action=scale>
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=revision />
                <Toolbar>
                    <NumberField
                        name="replicas"
                        label=tr!(services.replicas)
                        value=scale_form.value("replicas", &replicas)
                        error=scale_form.field("replicas")
                        required=true
                    />
                    <Button label=tr!(service.scale) pending=scale_form.pending />
                </Toolbar>
            </ActionForm>
            <div class="actions-row">
                <ActionForm action=run>
                    <Hidden name="id" value=hidden />
                    <Hidden name="revision" value=revision />
                    <Hidden name="on" value=Signal::derive(move || (!running()).to_string()) />
                    <Button pending=run_pending>
                        {move || if running() { tr!(service.stop) } else { tr!(service.start) }}
                    </Button>
                </ActionForm>
                <LinkButton href=delete kind=ButtonKind::Danger icon=IconName::Trash>
                    {tr!(service.delete)}
                </LinkButton>
            </div>
        </Card>
    }
    .into_any()
}
