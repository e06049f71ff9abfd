//! The document's tables, and what they do not say.

use super::super::capacity::Capacity;
use super::answer::traffic_text;
use crate::layout::thousands;
use domain::plan::Traffic;
use domain::spec::Spec;
use leptos::prelude::*;
use ui::{Callout, Column, DataTable, Section, Tone};

pub(super) fn tables() -> AnyView {
    let mut head = vec![Column::new(tr!(plan.figure))];
    head.extend(Spec::ALL.map(|spec| Column::numeric(spec.as_str())));
    let cell = |traffic: Traffic, spec: Spec| {
        let requests = traffic.of(spec);
        let mark = if requests.extended { " *" } else { "" };
        let text = format!("{} / {}{mark}", thousands(requests.three), thousands(requests.five));
        view! { <td class="num">{text}</td> }.into_any()
    };
    let row = |traffic: Traffic| {
        let cells: Vec<AnyView> = Spec::ALL.into_iter().map(|spec| cell(traffic, spec)).collect();
        view! {
            <tr>
                <th scope="row">{traffic_text(traffic)}</th>
                {cells}
            </tr>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = Traffic::ALL.into_iter().map(row).collect();
    view! {
        <Section title=tr!(plan.requests_title) description=tr!(plan.requests_note)>
            <DataTable caption=tr!(plan.requests_title) head compare=true>
                {rows}
            </DataTable>
        </Section>
        <Capacity />
        <Callout tone=Tone::Neutral title=tr!(plan.unknown_title)>
            <ul class="bullets">
                <li>{tr!(plan.unknown_https)}</li>
                <li>{tr!(plan.unknown_more)}</li>
                <li>{tr!(plan.security)}</li>
            </ul>
        </Callout>
    }
    .into_any()
}
