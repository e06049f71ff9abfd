//! Another specification or number of nodes for a fully managed gateway, with what it carries before and after.

use super::api::ResizeGateway;
use super::capacity::{levels, spec_cards};
use super::detail::of_address;
use super::effect::{effect_text, size_text};
use crate::context::form_state;
use crate::features::billing::NodePrice;
use crate::layout::{Fresh, seen_revision, thousands};
use crate::paths;
use domain::gateway::{GatewayKind, SizeDraft};
use domain::spec::{ADVISED_NODES, Spec};
use domain::view::GatewayDetail;
use leptos::ev::Event;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Callout, Card, Column, Crumb, DataTable, FormActions, FormError, Hidden, LinkButton,
    NumberField, PageHeader, PageTitle, RadioCards, Section, Tone,
};
use wasm_bindgen::JsCast;

type Size = (Spec, u32);

#[component]
pub fn Resize() -> impl IntoView {
    of_address(|gateway| {
        let shown = gateway.get_untracked();
        let name = shown.summary.name.to_string();
        let title = tr!(resize.title, name = name.clone());
        let crumbs = vec![
            Crumb::link(tr!(gateways.title), paths::GATEWAYS),
            Crumb::link(name, paths::gateway(&shown.summary.id)),
            Crumb::here(tr!(resize.action)),
        ];
        let body = match shown.summary.kind {
            GatewayKind::Alb => view! { <Callout tone=Tone::Info>{tr!(resize.alb)}</Callout> }.into_any(),
            GatewayKind::FullyManaged { spec, nodes, .. } => {
                view! { <SizeForm gateway now=(spec, nodes) /> }.into_any()
            }
        };
        view! {
            <PageTitle text=title.clone() />
            <PageHeader
                title
                subtitle=tr!(resize.subtitle)
                breadcrumbs=crumbs
                breadcrumbs_label=tr!(layout.breadcrumbs)
            />
            {body}
        }
        .into_any()
    })
}

#[component]
fn SizeForm(gateway: Fresh<GatewayDetail>, now: Size) -> impl IntoView {
    let action = ServerAction::<ResizeGateway>::new();
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let (hidden, here) = (Signal::stored(id.to_string()), paths::resize_gateway(&id));
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    // Typed before, looked at without a script, or as it is.
    let query = use_query_map();
    let first = |field: &'static str, otherwise: String| {
        let asked = query.with_untracked(|query| query.get(field)).unwrap_or(otherwise);
        form.value(field, &asked)
    };
    let (spec, nodes) = (first("spec", now.0.as_str().into()), first("nodes", now.1.to_string()));
    let typed = RwSignal::new(SizeDraft { spec: spec.clone(), nodes: nodes.clone() });
    let after = Memo::new(move |_| typed.with(|typed| typed.validate().ok()));
    let is = move || match gateway.with(|gateway| gateway.summary.kind.clone()) {
        GatewayKind::FullyManaged { spec, nodes, .. } => (spec, nodes),
        GatewayKind::Alb => now,
    };
    let validate = form.check(|form: ResizeGateway| SizeDraft { spec: form.spec, nodes: form.nodes }.validate());
    view! {
        <Card>
            <div class="stack">
                <p>
                    <strong>{move || gateway.with(|gateway| size_text(&gateway.summary.kind))}</strong>
                    " "
                    {move || effect_text(gateway.with(|gateway| gateway.resized))}
                </p>
                <FormError message=form.general() />
                <div on:input=move |event| note(&event, typed) on:submit:capture=validate>
                    <ActionForm action>
                        <div class="stack">
                            <Hidden name="id" value=hidden />
                            <Hidden name="revision" value=revision />
                            <RadioCards
                                name="spec"
                                legend=tr!(new_managed.spec_label)
                                options=spec_cards()
                                value=spec
                                error=form.field("spec")
                            />
                            <NumberField
                                name="nodes"
                                label=tr!(new_managed.nodes)
                                hint=tr!(new_managed.nodes_hint)
                                value=nodes
                                error=form.field("nodes")
                                min=1
                                max=100
                                required=true
                            />
                            <NodePrice size=after />
                            {move || after.get().and_then(|after| remark(is(), after))}
                            <FormActions>
                                <Button label=tr!(resize.save) kind=ButtonKind::Primary pending=form.pending />
                                <button class="btn btn-secondary no-js-only" type="submit" formmethod="get" formaction=here>
                                    {tr!(resize.preview)}
                                </button>
                                <LinkButton href=paths::gateway_nodes(&id)>{tr!(layout.cancel)}</LinkButton>
                            </FormActions>
                        </div>
                    </ActionForm>
                </div>
            </div>
        </Card>
        <Section title=tr!(resize.figure) description=tr!(resize.cores_note)>
            {move || comparison(is(), after.get())}
        </Section>
    }
    .into_any()
}

/// What is chosen while somebody chooses.
fn note(event: &Event, typed: RwSignal<SizeDraft>) {
    let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    let Some(field) = field else { return };
    typed.update(|typed| match field.name().as_str() {
        "spec" => typed.spec = field.value(),
        "nodes" => typed.nodes = field.value(),
        _ => {}
    });
}

fn comparison(now: Size, after: Option<Size>) -> AnyView {
    let head =
        vec![Column::new(tr!(resize.figure)), Column::numeric(tr!(resize.now)), Column::numeric(tr!(resize.after))];
    let row = move |name: String, of: fn(Size) -> String| {
        let after = after.map_or_else(|| "–".into(), of);
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="num">{of(now)}</td>
                <td class="num">{after}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(resize.figure) head compare=true>
            {row(tr!(capacity.connections), |(spec, nodes)| {
                let at = spec.capacity();
                let all = [at.connections_security, at.connections_warning, at.connections_overload];
                levels(&all.map(|each| each * u64::from(nodes)))
            })}
            {row(tr!(capacity.tls), |(spec, nodes)| {
                let at = spec.capacity();
                levels(&[at.tls_per_second_security, at.tls_per_second_warning].map(|each| each * u64::from(nodes)))
            })}
            {row(tr!(capacity.bandwidth), |(spec, nodes)| thousands(spec.capacity().gbit_per_second * u64::from(nodes)))}
            {row(tr!(resize.cores), |(spec, nodes)| thousands(u64::from(spec.capacity().cores) * u64::from(nodes)))}
        </DataTable>
    }
    .into_any()
}

/// What to know before the button is pressed.
fn remark(now: Size, after: Size) -> Option<AnyView> {
    let carries = |(spec, nodes): Size| spec.capacity().connections_security * u64::from(nodes);
    let shrinks = carries(after) < carries(now);
    let lonely = after.1 < ADVISED_NODES;
    (shrinks || lonely).then(|| {
        view! {
            <Callout tone=Tone::Warn>
                {shrinks.then(|| view! { <p>{tr!(resize.shrink)}</p> })}
                {lonely.then(|| view! { <p>{tr!(resize.one_node)}</p> })}
            </Callout>
        }
        .into_any()
    })
}
