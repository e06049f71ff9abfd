//! What specifications carry, as choices and as a table.

use crate::layout::thousands;
use domain::plan::Traffic;
use domain::spec::Spec;
use leptos::prelude::*;
use ui::{Column, DataTable, RadioCard, Section};

pub(super) fn spec_cards() -> Vec<RadioCard> {
    Spec::ALL
        .map(|spec| {
            let capacity = spec.capacity();
            let body = tr!(
                new_managed.spec_body,
                connections = thousands(capacity.connections_security),
                tls = thousands(capacity.tls_per_second_security),
                gbit = capacity.gbit_per_second
            );
            RadioCard::new(
                spec.as_str(),
                tr!(new_managed.spec, cores = capacity.cores, memory = capacity.memory_gib),
                body,
            )
        })
        .to_vec()
}

/// Thresholds as one cell.
pub(super) fn levels(figures: &[u64]) -> String {
    figures.iter().map(|figure| thousands(*figure)).collect::<Vec<_>>().join(" / ")
}

/// The capacity table, so that the choice can be made by numbers.
#[component]
pub fn Capacity() -> impl IntoView {
    let head = vec![
        Column::new(tr!(new_managed.spec_label)),
        Column::numeric(tr!(capacity.connections)),
        Column::numeric(tr!(capacity.tls)),
        Column::numeric(tr!(capacity.bandwidth)),
        Column::numeric(tr!(capacity.http)),
        Column::numeric(tr!(capacity.https)),
    ];
    let rows = Spec::ALL
        .map(|spec| {
            let capacity = spec.capacity();
            view! {
                <tr>
                    <th scope="row">{spec.as_str()}</th>
                    <td class="num">
                        {levels(&[capacity.connections_security, capacity.connections_warning, capacity.connections_overload])}
                    </td>
                    <td class="num">{levels(&[capacity.tls_per_second_security, capacity.tls_per_second_warning])}</td>
                    <td class="num">{capacity.gbit_per_second}</td>
                    <td class="num">{thousands(Traffic::HttpShort.of(spec).three)}</td>
                    <td class="num">{thousands(Traffic::HttpsShort.of(spec).three)}</td>
                </tr>
            }
            .into_any()
        })
        .into_iter()
        .collect::<Vec<_>>();
    view! {
        <Section title=tr!(capacity.title) description=tr!(capacity.note)>
            <DataTable caption=tr!(capacity.title) head compare=true>
                {rows}
            </DataTable>
        </Section>
    }
    .into_any()
}
