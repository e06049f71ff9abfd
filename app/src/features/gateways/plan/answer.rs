//! The answer: a size, what each specification would take, and what decides.

use crate::layout::thousands;
use crate::paths;
use domain::plan::{Demand, Figure, Load, Plan, Sizing, Traffic, plan};
use domain::spec::Spec;
use leptos::prelude::*;
use ui::{ButtonKind, Callout, Column, DataTable, LinkButton, Section, Tone};

pub(super) fn answer(demand: &Demand) -> AnyView {
    let Plan { all, best } = plan(demand);
    view! {
        {match best {
            Some(size) => recommended(demand, size),
            None => view! { <Callout tone=Tone::Warn>{tr!(plan.too_much)}</Callout> }.into_any(),
        }}
        {each(&all)}
    }
    .into_any()
}

fn cores(spec: Spec, nodes: u32) -> String {
    thousands(u64::from(spec.capacity().cores) * u64::from(nodes))
}

fn recommended(demand: &Demand, (spec, nodes): (Spec, u32)) -> AnyView {
    let size = tr!(plan.answer_size, nodes = nodes, spec = spec.as_str());
    let loads = demand.loads(spec, nodes);
    let carried = (!loads.is_empty()).then(|| carried(&loads));
    let buy = view! {
        <LinkButton href=paths::buy_managed(spec.as_str(), nodes) kind=ButtonKind::Primary>
            {tr!(plan.order)}
        </LinkButton>
    };
    view! {
        <Section title=tr!(plan.answer) actions=buy id="answer">
            <Callout tone=Tone::Good title=size>
                {tr!(plan.answer_why, cores = cores(spec, nodes))}
            </Callout>
            {carried}
        </Section>
    }
    .into_any()
}

fn carried(loads: &[Load]) -> AnyView {
    let head = vec![
        Column::new(tr!(plan.figure)),
        Column::numeric(tr!(plan.asked)),
        Column::numeric(tr!(plan.carried)),
        Column::new(tr!(plan.table)),
    ];
    let row = |load: &Load| {
        let number = |of: u64| match load.figure {
            Figure::AllRequests => tr!(plan.all_requests_share, percent = format!("{}.{}", of / 10, of % 10)),
            Figure::Bandwidth => format!("{} Mbit/s", thousands(of)),
            _ => thousands(of),
        };
        view! {
            <tr>
                <th scope="row">{figure_text(load.figure)}</th>
                <td class="num">{number(load.asked)}</td>
                <td class="num">{number(load.carried)}</td>
                <td>{table_text(load.figure)}</td>
            </tr>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = loads.iter().map(row).collect();
    view! {
        <DataTable caption=tr!(plan.loads) caption_visible=true head compare=true>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn each(all: &[Sizing]) -> AnyView {
    let head = vec![
        Column::new(tr!(new_managed.spec_label)),
        Column::numeric(tr!(plan.nodes)),
        Column::numeric(tr!(plan.cores)),
        Column::new(tr!(plan.decides)),
        Column::new(tr!(plan.table)),
    ];
    let row = |sizing: &Sizing| {
        let nodes = sizing.nodes.map_or_else(|| tr!(plan.too_many), |nodes| nodes.to_string());
        let cores = sizing.nodes.map_or_else(|| "–".into(), |nodes| cores(sizing.spec, nodes));
        view! {
            <tr>
                <th scope="row">{sizing.spec.as_str()}</th>
                <td class="num">{nodes}</td>
                <td class="num">{cores}</td>
                <td>{figure_text(sizing.decides)}</td>
                <td>{table_text(sizing.decides)}</td>
            </tr>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = all.iter().map(row).collect();
    view! {
        <Section title=tr!(plan.each)>
            <DataTable caption=tr!(plan.each) head compare=true>
                {rows}
            </DataTable>
        </Section>
    }
    .into_any()
}

pub(super) fn traffic_text(traffic: Traffic) -> String {
    match traffic {
        Traffic::HttpShort => tr!(plan.http_short),
        Traffic::HttpsShort => tr!(plan.https_short),
        Traffic::HttpPersistent => tr!(plan.http_persistent),
    }
}

fn figure_text(figure: Figure) -> String {
    match figure {
        Figure::Requests(traffic) => traffic_text(traffic),
        Figure::AllRequests => tr!(plan.all_requests),
        Figure::Connections => tr!(plan.connections),
        Figure::TlsPerSecond => tr!(plan.tls),
        Figure::Bandwidth => tr!(plan.mbit),
        Figure::Availability => tr!(plan.availability),
    }
}

fn table_text(figure: Figure) -> String {
    match figure {
        Figure::Requests(_) | Figure::AllRequests => tr!(plan.requests_table),
        Figure::Connections | Figure::TlsPerSecond | Figure::Bandwidth => tr!(plan.thresholds_table),
        Figure::Availability => tr!(plan.advice),
    }
}
