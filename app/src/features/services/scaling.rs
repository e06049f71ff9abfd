//! When a service gets more replicas, and when fewer.

use super::api::SetScaling;
use super::detail::{Header, Tab, of_address};
use crate::context::{FormState, form_state, use_viewer};
use crate::layout::{Fresh, bump_after, seen_revision};
use domain::role::Permission;
use domain::service::{Autoscaler, Metric, ScalingDraft, Target};
use domain::view::ServiceDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, Card, CheckField, DescriptionItem, DescriptionList, FormActions, FormError, Hidden,
    NumberField, Section, Tone, Toolbar,
};

#[component]
pub fn Scaling() -> impl IntoView {
    of_address(|service| {
        let is_elsewhere = service.with_untracked(ServiceDetail::is_elsewhere);
        let form = if is_elsewhere {
            Some(view! { <Callout tone=Tone::Info>{tr!(scaling.elsewhere)}</Callout> }.into_any())
        } else {
            use_viewer().may(Permission::DeployServices).then(|| view! { <Form service /> }.into_any())
        };
        view! {
            <Header service tab=Tab::Scaling />
            {move || service.with(now)}
            {form}
        }
        .into_any()
    })
}

fn now(service: &ServiceDetail) -> AnyView {
    let wanted = format!("{} / {}", service.summary.ready, service.replicas_wanted);
    let said = service.scaling.as_ref().map_or_else(|| tr!(scaling.off), said);
    view! {
        <Card title=tr!(scaling.now) flush=true>
            <DescriptionList>
                <DescriptionItem term=tr!(services.replicas)>{wanted}</DescriptionItem>
                <DescriptionItem term=tr!(scaling.title)>{said}</DescriptionItem>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn said(scaler: &Autoscaler) -> String {
    let one = |target: &Target| {
        let name = match target.metric {
            Metric::Qps => tr!(scaling.qps),
            Metric::InFlight => tr!(scaling.in_flight),
            Metric::Cpu => tr!(scaling.cpu),
            Metric::Gpu => tr!(scaling.gpu),
            Metric::Queue => tr!(scaling.queue),
        };
        format!("{name}: {}", target.value)
    };
    let bounds = tr!(scaling.bounds, least = if scaler.zero.is_some() { 0 } else { scaler.min }, most = scaler.max);
    std::iter::once(bounds).chain(scaler.targets.iter().map(one)).collect::<Vec<_>>().join(" · ")
}

#[component]
fn Form(service: Fresh<ServiceDetail>) -> impl IntoView {
    let action = ServerAction::<SetScaling>::new();
    bump_after(action);
    let form = form_state(action);
    let check = form.check(|set: SetScaling| set.draft.validate());
    let id = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    let newest = Signal::derive(move || service.with(|service| service.revision));
    let revision = seen_revision(newest, action.version().into());
    let draft = service.with_untracked(|service| ScalingDraft::of(service.scaling.as_ref()));
    let checked = |name: &str, is_on: bool| form.value(name, if is_on { "on" } else { "" }) == "on";
    let (enabled, to_zero) = (checked("enabled", draft.enabled == "on"), checked("to_zero", draft.to_zero == "on"));
    view! {
        <Section title=tr!(scaling.title) description=tr!(scaling.hint)>
            <div on:submit:capture=check>
                <ActionForm action>
                    <div class="stack">
                        <FormError message=form.general() />
                        <Hidden name="id" value=id />
                        <Hidden name="revision" value=revision />
                        <CheckField name="draft[enabled]" label=tr!(scaling.enable) value="on" checked=enabled />
                        {bounds(&form, &draft)} {targets(&form, &draft)} {windows(&form, &draft)}
                        <CheckField
                            name="draft[to_zero]"
                            label=tr!(scaling.to_zero)
                            hint=tr!(scaling.to_zero_hint)
                            value="on"
                            checked=to_zero
                        /> {zero(&form, &draft)}
                        <Callout tone=Tone::Info>{tr!(scaling.zero_rule)}</Callout>
                        <FormActions>
                            <Button label=tr!(layout.save) kind=ButtonKind::Primary pending=form.pending />
                        </FormActions>
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}

/// One number of the draft.
fn number(form: &FormState, name: &'static str, label: String, value: &str) -> AnyView {
    let short = name.trim_start_matches("draft[").trim_end_matches(']');
    view! { <NumberField name label value=form.value(short, value) error=form.field(short) /> }.into_any()
}

fn bounds(form: &FormState, draft: &ScalingDraft) -> AnyView {
    let numbers = vec![
        number(form, "draft[min]", tr!(scaling.min), &draft.min),
        number(form, "draft[max]", tr!(scaling.max), &draft.max),
    ];
    view! {
        <Toolbar>
            {numbers}
        </Toolbar>
    }
    .into_any()
}

fn targets(form: &FormState, draft: &ScalingDraft) -> AnyView {
    let numbers = vec![
        number(form, "draft[qps]", tr!(scaling.qps), &draft.qps),
        number(form, "draft[in_flight]", tr!(scaling.in_flight), &draft.in_flight),
        number(form, "draft[cpu]", tr!(scaling.cpu), &draft.cpu),
        number(form, "draft[gpu]", tr!(scaling.gpu), &draft.gpu),
        number(form, "draft[queue]", tr!(scaling.queue), &draft.queue),
    ];
    view! {
        <p class="muted">{tr!(scaling.targets)}</p>
        <Toolbar>
            {numbers}
        </Toolbar>
    }
    .into_any()
}

fn windows(form: &FormState, draft: &ScalingDraft) -> AnyView {
    let numbers = vec![
        number(form, "draft[up_seconds]", tr!(scaling.up_seconds), &draft.up_seconds),
        number(form, "draft[down_seconds]", tr!(scaling.down_seconds), &draft.down_seconds),
    ];
    view! {
        <Toolbar>
            {numbers}
        </Toolbar>
    }
    .into_any()
}

fn zero(form: &FormState, draft: &ScalingDraft) -> AnyView {
    let numbers = vec![
        number(form, "draft[idle_seconds]", tr!(scaling.idle_seconds), &draft.idle_seconds),
        number(form, "draft[hold_length]", tr!(scaling.hold_length), &draft.hold_length),
        number(form, "draft[hold]", tr!(scaling.hold), &draft.hold),
    ];
    view! {
        <Toolbar>
            {numbers}
        </Toolbar>
    }
    .into_any()
}
