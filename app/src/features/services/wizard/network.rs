//! The wizard's section of networks: the gateway, the VPC that has to go with it, and a token.

use super::fields::Fields;
use crate::context::FormState;
use crate::texts::use_texts;
use domain::view::{DeployChoices, GatewayChoice, VpcChoice};
use leptos::prelude::*;
use ui::{Section, SelectField, SelectOption};

#[component]
pub(super) fn Network(fields: Fields, choices: DeployChoices) -> impl IntoView {
    let DeployChoices { gateways, vpcs } = choices;
    let form = fields.form.clone();
    let (chosen, vpc) = (fields.value("draft[gateway]"), fields.value("draft[vpc]"));
    let vswitch = vswitch(&fields, &vpcs);
    let token = fields.secret("draft[token]", tr!(wizard.token), tr!(wizard.token_hint));
    let option = |gateway: &GatewayChoice| {
        let name = gateway.name.to_string();
        let label = if gateway.is_default { tr!(deploy.default_gateway, name = name) } else { name };
        SelectOption::new(gateway.id.to_string(), format!("{label} ({})", gateway.id))
    };
    let mut options = vec![SelectOption::new("", tr!(deploy.choose_gateway))];
    options.extend(gateways.iter().map(option));
    let gateway = RwSignal::new(chosen.clone());
    view! {
        <Section title=tr!(deploy.network) id="network">
            <div class="stack">
                <div on:change=move |event| gateway.set(event_target_value(&event))>
                    <SelectField
                        name="draft[gateway]"
                        label=tr!(deploy.gateway)
                        hint=tr!(deploy.gateway_hint)
                        value=chosen
                        error=form.field("gateway")
                        options
                        required=true
                    />
                </div>
                <Vpc form first=vpc gateway gateways vpcs />
                {vswitch}
                {token}
            </div>
        </Section>
    }
    .into_any()
}

#[component]
fn Vpc(
    form: FormState,
    first: String,
    gateway: RwSignal<String>,
    gateways: Vec<GatewayChoice>,
    vpcs: Vec<VpcChoice>,
) -> impl IntoView {
    let (error, picked) = (form.field("vpc"), RwSignal::new(first));
    // Nothing is greyed out where no script could undo that: another gateway may take what this one refuses.
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    let rules = Memo::new(move |_| {
        let of = |each: &&GatewayChoice| scripted.get() && gateway.with(|id| each.id.as_str() == id);
        let of = gateways.iter().find(of);
        of.map(|each| (each.vpc.clone(), each.refused.clone())).unwrap_or_default()
    });
    let texts = use_texts();
    let field = move || {
        let (own, refused) = rules.get();
        let none = own.map_or_else(|| tr!(service_vpc.none), |own| tr!(service_vpc.of_gateway, vpc = own.name));
        let mut options = vec![SelectOption::new("", none)];
        options.extend(vpcs.iter().map(|vpc| {
            let blocks = vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let option = SelectOption::new(vpc.id.to_string(), format!("{} ({blocks})", vpc.name));
            SelectOption { disabled: refused.iter().any(|(id, _)| *id == vpc.id), ..option }
        }));
        // What became impossible is not sent any more, and the field must not look as if it were.
        let is_free = |value: &String| options.iter().any(|option| option.value == *value && !option.disabled);
        let value = picked.get_untracked();
        let value = if is_free(&value) { value } else { String::new() };
        let mut reasons: Vec<String> = refused.iter().map(|(_, why)| texts.invalid(why)).collect();
        reasons.sort();
        reasons.dedup();
        view! {
            <SelectField name="draft[vpc]" label=tr!(service_vpc.label) hint=tr!(service_vpc.hint) value error options />
            <div role="status">
                {reasons.into_iter().map(|why| view! { <p class="field-hint">{why}</p> }).collect_view()}
            </div>
        }
        .into_any()
    };
    view! { <div on:change=move |event| picked.set(event_target_value(&event))>{field}</div> }.into_any()
}

/// Of any VPC: which one it has to be of is known when both were sent.
fn vswitch(fields: &Fields, vpcs: &[VpcChoice]) -> AnyView {
    let of = |vpc: &VpcChoice| {
        let name = vpc.name.clone();
        let one = move |vswitch: &domain::view::VSwitchChoice| {
            SelectOption::new(vswitch.id.to_string(), format!("{name} / {} ({})", vswitch.name, vswitch.zone))
        };
        vpc.vswitches.iter().map(one).collect::<Vec<_>>()
    };
    let mut options = vec![SelectOption::new("", tr!(service_vpc.none))];
    options.extend(vpcs.iter().flat_map(of));
    let (value, error) = (fields.value("draft[vswitch]"), fields.form.field("vswitch"));
    view! { <SelectField name="draft[vswitch]" label=tr!(wizard.vswitch) value error options /> }.into_any()
}
