//! How much goes through an ALB instance, and what that is in capacity units.

use super::instance::of;
use crate::layout::{Fresh, thousands};
use domain::alb::Units;
use domain::view::{AlbLoad, AlbScaling, GatewayDetail};
use leptos::prelude::*;
use ui::{Column, DataTable, Section, Stat, StatGrid};

/// Thousandths as a number: `1.25`.
fn decimal(thousandths: u64) -> String {
    let (whole, part) = (thousands(thousandths / 1_000), thousandths % 1_000);
    if part == 0 {
        return whole;
    }
    let text = format!("{whole}.{part:03}");
    text.trim_end_matches('0').to_owned()
}

fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B/s"),
        1_000..1_000_000 => format!("{} kB/s", decimal(number / 100 * 100)),
        _ => format!("{} MB/s", decimal(number / 100_000 * 100)),
    }
}

#[component]
pub(super) fn Numbers(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let load = move |read: fn(&AlbLoad) -> Option<String>| {
        let shown = move || of(gateway, |alb| alb.load.as_ref().and_then(read)).flatten();
        view! { {move || shown().unwrap_or_else(|| "–".into())} }.into_any()
    };
    let scaling =
        move |read: fn(&AlbScaling) -> String| view! { {move || of(gateway, |alb| read(&alb.scaling))} }.into_any();
    let span = move || {
        let seconds = of(gateway, |alb| alb.load.map(|load| load.seconds)).flatten();
        seconds.map_or_else(|| tr!(alb.not_measured), |seconds| tr!(alb.measured, seconds = seconds))
    };
    view! {
        <Section title=tr!(alb.now) description=tr!(alb.now_note)>
            <StatGrid>
                <Stat label=tr!(alb.requests) value=load(|load| Some(decimal(load.requests / 10 * 10))) />
                <Stat label=tr!(alb.connections) value=load(|load| Some(thousands(load.connections))) />
                <Stat
                    label=tr!(alb.success)
                    value=load(|load| Some(format!("{} %", decimal(load.success? * 100))))
                    hint=tr!(alb.success_hint)
                />
                <Stat label=tr!(alb.bytes) value=load(|load| Some(bytes(load.bytes))) />
                <Stat
                    label=tr!(alb.workers)
                    value=scaling(|scaling| format!("{} ({}–{})", scaling.workers, scaling.least, scaling.most))
                    hint=tr!(alb.workers_hint)
                />
                <Stat
                    label=tr!(nodes.cpu)
                    value=scaling(|scaling| scaling.cpu_percent.map_or_else(|| "–".into(), |cpu| format!("{cpu} %")))
                />
            </StatGrid>
            <p class="muted">{span}</p>
        </Section>
    }
    .into_any()
}

/// What it is called, what one unit of it is, and how many there are.
type Dimension = (String, String, fn(&Units) -> u64);

#[component]
pub(super) fn Consumed(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let table = move || {
        let units = of(gateway, |alb| alb.load.map(|load| load.units)).flatten().unwrap_or_default();
        let row = |(name, measure, read): Dimension| {
            let (number, counts) = (read(&units), read(&units) == units.largest() && units.largest() > 0);
            let mark = counts.then(|| view! { " " <span class="muted">{tr!(alb.counts)}</span> });
            view! {
                <tr>
                    <th scope="row">{name} {mark}</th>
                    <td data-label=tr!(alb.measure)>{measure}</td>
                    <td class="num" data-label=tr!(alb.units)>{decimal(number)}</td>
                </tr>
            }
            .into_any()
        };
        let rows: [Dimension; 4] = [
            (tr!(alb.new_connections), tr!(alb.new_connections_unit), |units| units.new_connections),
            (tr!(alb.connections), tr!(alb.connections_unit), |units| units.connections),
            (tr!(alb.bytes), tr!(alb.bytes_unit), |units| units.bytes),
            (tr!(alb.requests), tr!(alb.requests_unit), |units| units.requests),
        ];
        let rows = rows.into_iter().map(row).collect::<Vec<_>>();
        let head =
            vec![Column::new(tr!(alb.dimension)), Column::new(tr!(alb.measure)), Column::numeric(tr!(alb.units))];
        view! {
            <DataTable caption=tr!(alb.consumed) head>
                {rows}
            </DataTable>
        }
        .into_any()
    };
    view! {
        <Section title=tr!(alb.consumed) description=tr!(alb.consumed_note)>
            {table}
        </Section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_can_be_read() {
        let pairs = [(0, "0"), (1_000, "1"), (1_250, "1.25"), (4, "0.004"), (1_234_500, "1,234.5")];
        for (number, text) in pairs {
            assert_eq!(decimal(number), text);
        }
        let pairs = [(999, "999 B/s"), (1_540, "1.5 kB/s"), (2_000_000, "2 MB/s"), (1_250_000_000, "1,250 MB/s")];
        for (number, text) in pairs {
            assert_eq!(bytes(number), text);
        }
    }
}
