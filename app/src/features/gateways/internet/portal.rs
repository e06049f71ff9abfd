//! The Access Portal switch, with what was observed of it.

use super::super::api::SetPortal;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, conditions_list, portal_badge};
use domain::role::Permission;
use domain::status::PortalStatus;
use domain::view::GatewayDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{FormError, Hidden, Section, Switch, Tone};

#[component]
pub fn Portal(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let action = ServerAction::<SetPortal>::new();
    let form = form_state(action);
    bump_after(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.to_string());
    let enabled = Signal::derive(move || gateway.with(|gateway| gateway.internet.enabled));
    let status = move || gateway.with(|gateway| gateway.internet.status);
    let allowed = use_viewer().may(Permission::ManageGateways);
    let pending = form.pending;
    let reasons = move || {
        let (tone, title) = match status() {
            PortalStatus::Failed | PortalStatus::Unknown => (Tone::Bad, tr!(portal.failed)),
            PortalStatus::Activated => (Tone::Warn, tr!(portal.partly)),
            _ => return None,
        };
        gateway.with(|gateway| conditions_list(tone, title, &gateway.internet.conditions))
    };
    view! {
        <Section title=tr!(portal.title) description=tr!(portal.description)>
            <FormError message=form.general() />
            <div class="switch-row">
                <ActionForm action>
                    <Hidden name="id" value=Signal::stored(id) />
                    <Hidden name="revision" value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string())) />
                    <Hidden name="on" value=Signal::derive(move || (!enabled.get()).to_string()) />
                    <Switch
                        on=enabled
                        label=tr!(portal.title)
                        disabled=Signal::derive(move || !allowed || pending.get())
                        describedby="portal-status"
                    />
                </ActionForm>
                <span id="portal-status" role="status">{move || portal_badge(status())}</span>
            </div>
            {reasons}
        </Section>
    }
    .into_any()
}
