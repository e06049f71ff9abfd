//! Public access of an ALB gateway: on with VPC, vSwitches and who may enter; off at a click.

use super::super::api::SetPortal;
use super::super::detail::of_address;
use super::super::vpc::{boxes, first_choice, proposed};
use super::access::access_page;
use super::api::EnablePublic as Enable;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, conditions_list, portal_badge};
use crate::paths;
use domain::alb::{Access, EVERYONE};
use domain::role::Permission;
use domain::status::PortalStatus;
use domain::view::{GatewayDetail, VpcView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, EmptyState, FieldSet, FormActions, FormError, Hidden, IconName, LinkButton, Section,
    TextArea, Tone,
};

#[component]
pub fn EnablePublic() -> impl IntoView {
    of_address(|gateway| access_page(gateway, Access::Internet))
}

#[component]
pub(super) fn PublicForm(gateway: Fresh<GatewayDetail>, vpc: VpcView) -> impl IntoView {
    let action = ServerAction::<Enable>::new();
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let (hidden, which) = (Signal::stored(id.to_string()), Signal::stored(vpc.vpc.id.to_string()));
    let chosen = first_choice(&form, &proposed(&vpc));
    let (legend, boxes) = (tr!(vpc.vswitches_of, vpc = vpc.vpc.name.clone()), boxes(&vpc, &chosen));
    let (whole, wrong) = (form.field("vpc"), form.field("vswitches"));
    view! {
        <ActionForm action>
            <div class="stack">
                <FormError message=form.general() />
                <FormError message=whole />
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string())) />
                <Hidden name="vpc" value=which />
                <FieldSet name="vswitches" legend hint=tr!(vpc.vswitches_hint) error=wrong>
                    {boxes}
                </FieldSet>
                <Callout tone=Tone::Warn>{tr!(alb.public_warning)}</Callout>
                <TextArea
                    name="blocks"
                    label=tr!(alb.who)
                    hint=tr!(alb.who_hint)
                    value=form.value("blocks", EVERYONE)
                    error=form.field("blocks")
                    rows=3
                    required=true
                    mono=true
                />
                <FormActions>
                    <Button label=tr!(alb.enable_public) kind=ButtonKind::Primary pending=form.pending />
                    <LinkButton href=paths::gateway_internet(&id)>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// What stands where other gateways have their switch.
#[component]
pub(in super::super) fn PublicAccess(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let enabled = Memo::new(move |_| gateway.with(|gateway| gateway.internet.enabled));
    move || if enabled.get() { view! { <Enabled gateway /> }.into_any() } else { off(gateway) }
}

fn off(gateway: Fresh<GatewayDetail>) -> AnyView {
    let href = gateway.with_untracked(|gateway| paths::enable_public(&gateway.summary.id));
    let enable = use_viewer().may(Permission::ManageGateways).then(|| {
        view! { <LinkButton href kind=ButtonKind::Primary icon=IconName::Globe>{tr!(alb.enable_public)}</LinkButton> }
            .into_any()
    });
    view! {
        <EmptyState icon=IconName::Globe title=tr!(alb.public_off) body=tr!(alb.public_off_body) actions=enable />
    }
    .into_any()
}

#[component]
fn Enabled(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let action = ServerAction::<SetPortal>::new();
    let form = form_state(action);
    bump_after(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.to_string());
    let status = move || gateway.with(|gateway| gateway.internet.status);
    let reasons = move || {
        let (tone, title) = match status() {
            PortalStatus::Failed | PortalStatus::Unknown => (Tone::Bad, tr!(portal.failed)),
            PortalStatus::Activated => (Tone::Warn, tr!(portal.partly)),
            _ => return None,
        };
        gateway.with(|gateway| conditions_list(tone, title, &gateway.internet.conditions))
    };
    let last = move || gateway.with(|gateway| gateway.vpcs.is_empty()).then(|| tr!(alb.last_access));
    let disable = use_viewer().may(Permission::ManageGateways).then(|| {
        view! {
            <ActionForm action>
                <Hidden name="id" value=Signal::stored(id) />
                <Hidden name="revision" value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string())) />
                <Hidden name="on" value=Signal::stored("false".to_owned()) />
                <Button label=tr!(alb.disable_public) kind=ButtonKind::Danger pending=form.pending />
            </ActionForm>
        }
        .into_any()
    });
    view! {
        <Section title=tr!(alb.public) description=tr!(alb.public_on)>
            <FormError message=form.general() />
            <p role="status">{move || portal_badge(status())}</p>
            {reasons}
            <p class="muted">{last}</p>
            {disable}
        </Section>
    }
    .into_any()
}
