//! Starting, stopping, scaling, deleting.

use super::api::{Scale, SetRunning};
use super::life::api::RestartService;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, seen_revision};
use crate::paths;
use domain::role::Permission;
use domain::view::ServiceDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, FormError, Hidden, IconName, LinkButton, Menu, MenuItem, NumberField, Toolbar};

/// What may be done with a service, for the places where the page shows it; nothing for who only looks on.
#[derive(Default)]
pub struct Actions {
    pub header: Option<AnyView>,
    pub scale: Option<AnyView>,
}

pub fn actions(service: Fresh<ServiceDetail>) -> Actions {
    if !use_viewer().may(Permission::DeployServices) {
        return Actions::default();
    }
    let run = ServerAction::<SetRunning>::new();
    let restart = ServerAction::<RestartService>::new();
    bump_after(restart);
    let scale = ServerAction::<Scale>::new();
    bump_after(run);
    bump_after(scale);
    let newest = Signal::derive(move || service.with(|service| service.revision));
    let answers = Signal::derive(move || run.version().get() + scale.version().get());
    let seen = seen_revision(newest, answers);
    let is_elsewhere = service.with_untracked(ServiceDetail::is_elsewhere);
    let scale = (!is_elsewhere).then(|| scale_form(service, scale, seen));
    Actions { header: Some(header(service, run, restart)), scale }
}

fn header(
    service: Fresh<ServiceDetail>,
    action: ServerAction<SetRunning>,
    again: ServerAction<RestartService>,
) -> AnyView {
    let (form, restart) = (form_state(action), form_state(again));
    let id = service.with_untracked(|service| service.summary.id.clone());
    let (hidden, delete) = (Signal::stored(id.to_string()), paths::delete_service(&id));
    let update = paths::update_service(&id);
    let revision = Signal::derive(move || service.with(|service| service.revision.to_string()));
    let running = move || service.with(|service| service.running);
    view! {
        <FormError message=form.general() />
        <FormError message=restart.general() />
        <LinkButton href=update>{tr!(wizard.update)}</LinkButton>
        <ActionForm action=again>
            <Hidden name="id" value=hidden />
            <Hidden name="revision" value=revision />
            <Button label=tr!(life.restart) pending=restart.pending />
        </ActionForm>
        <ActionForm action>
            <Hidden name="id" value=hidden />
            <Hidden name="revision" value=revision />
            <Hidden name="on" value=Signal::derive(move || (!running()).to_string()) />
            <Button pending=form.pending>
                {move || if running() { tr!(service.stop) } else { tr!(service.start) }}
            </Button>
        </ActionForm>
        <Menu label=tr!(layout.more) icon=IconName::More icon_only=true>
            <MenuItem label=tr!(service.delete) href=delete icon=IconName::Trash danger=true />
        </Menu>
    }
    .into_any()
}

fn scale_form(service: Fresh<ServiceDetail>, action: ServerAction<Scale>, revision: Signal<String>) -> AnyView {
    let form = form_state(action);
    let id = service.with_untracked(|service| service.summary.id.to_string());
    let replicas = service.with_untracked(|service| service.replicas_wanted.to_string());
    view! {
        <FormError message=form.general() />
        <ActionForm action>
            <Hidden name="id" value=Signal::stored(id) />
            <Hidden name="revision" value=revision />
            <Toolbar>
                <NumberField
                    name="replicas"
                    label=tr!(service.wanted)
                    value=form.value("replicas", &replicas)
                    error=form.field("replicas")
                    required=true
                />
                <Button label=tr!(service.scale) pending=form.pending />
            </Toolbar>
        </ActionForm>
    }
    .into_any()
}
