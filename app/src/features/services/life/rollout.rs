//! Where the newest rollout stands, and what can be done about it.

use super::api::{RollBack, StepRollout};
use super::words::{because, phase};
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When, bump_after};
use domain::role::Permission;
use domain::service::rollout::Phase;
use domain::view::{RolloutView, ServiceDetail};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, Callout, FormError, Hidden, Toolbar};

#[component]
pub fn RolloutBanner(service: Fresh<ServiceDetail>) -> impl IntoView {
    let (step, back) = (ServerAction::<StepRollout>::new(), ServerAction::<RollBack>::new());
    bump_after(step);
    bump_after(back);
    let may = use_viewer().may(Permission::DeployServices);
    let (step_form, back_form) = (form_state(step), form_state(back));
    let (step_pending, back_pending) = (step_form.pending, back_form.pending);
    let id = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    // What is shown is what is decided about: the buttons and the revision are of the same news.
    let revision = Signal::derive(move || service.with(|service| service.revision.to_string()));
    let rollout = Memo::new(move |_| service.with(|service| service.rollout.clone()));
    let buttons = move |shown: &RolloutView| {
        let is_open = matches!(shown.phase, Phase::Running | Phase::Paused | Phase::Failed);
        let (value, label) = match shown.phase {
            Phase::Running => ("pause", tr!(life.pause)),
            Phase::Failed => ("resume", tr!(life.try_again)),
            _ => ("resume", tr!(life.resume)),
        };
        let (from, version) = (shown.from, Signal::stored(shown.from.to_string()));
        (may && is_open).then(|| {
            view! {
                <Toolbar>
                    <ActionForm action=step>
                        <Hidden name="id" value=id />
                        <Hidden name="revision" value=revision />
                        <Button label name="step" value pending=step_pending />
                    </ActionForm>
                    <ActionForm action=back>
                        <Hidden name="id" value=id />
                        <Hidden name="revision" value=revision />
                        <Hidden name="version" value=version />
                        <Button label=tr!(life.roll_back_to, version = from) pending=back_pending />
                    </ActionForm>
                </Toolbar>
            }
        })
    };
    view! {
        <FormError message=step_form.general() />
        <FormError message=back_form.general() />
        {move || {
            rollout
                .get()
                .map(|shown| {
                    let (tone, title) = phase(&shown);
                    let open = buttons(&shown);
                    let counts = tr!(life.counts, ready = shown.ready, wanted = shown.wanted, old = shown.old);
                    let batch = shown.batch.map(|(now, of)| tr!(life.batch, now = now, of = of));
                    let next = shown.next_batch_at;
                    view! {
                        <Callout tone title>
                            <p>{shown.because.map(because)}</p>
                            <p>
                                {counts} " " {batch} " "
                                {next.map(|at| view! { {tr!(life.next_batch)} " " <When at /> })}
                            </p>
                            <p class="muted"><When at=shown.since /></p>
                            {open}
                        </Callout>
                    }
                })
        }}
    }
    .into_any()
}
