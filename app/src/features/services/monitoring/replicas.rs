//! What replicas use.

use super::drawn::{Drawn, draw};
use super::figures::{figures, or_dash};
use super::units::{memory, percent, rate};
use crate::layout::Fresh;
use domain::view::{ReplicaPoint, ServiceMonitoring};
use leptos::prelude::*;
use ui::{ChartLine, Section};

const MIB: f64 = 1_048_576.0;

pub fn section(measured: Fresh<ServiceMonitoring>) -> AnyView {
    let is_any = Memo::new(move |_| measured.with(|measured| !measured.replicas.is_empty()));
    let content = move || {
        if !is_any.get() {
            return view! { <p class="muted">{tr!(monitoring.no_replicas)}</p> }.into_any();
        }
        view! {
            <div class="charts">{move || measured.with(charts)}</div>
            {move || measured.with(left_out)}
            {figures(measured, tr!(monitoring.replicas_table), columns, row)}
        }
        .into_any()
    };
    view! { <Section title=tr!(service.replicas)>{content}</Section> }.into_any()
}

fn charts(measured: &ServiceMonitoring) -> Vec<AnyView> {
    let lines = |value: fn(&ReplicaPoint) -> Option<u64>| {
        let line = |(look, replica): (usize, &domain::view::ReplicaSeries)| {
            let values = replica.points.iter().map(|point| point.as_ref().and_then(value).map(|value| value as f64));
            ChartLine { label: replica.id.to_string(), values: values.collect(), look }
        };
        measured.replicas.iter().enumerate().map(line).collect::<Vec<_>>()
    };
    let (cpu, bytes, in_flight) =
        (lines(|point| point.cpu_percent), lines(|point| point.memory_bytes), lines(|point| point.in_flight));
    vec![
        draw(measured, Drawn { title: tr!(monitoring.cpu), lines: cpu, format: percent, least: 10.0 }),
        draw(measured, Drawn { title: tr!(monitoring.memory), lines: bytes, format: memory, least: 10.0 * MIB }),
        draw(measured, Drawn { title: tr!(monitoring.in_flight), lines: in_flight, format: rate, least: 1.0 }),
    ]
}

fn left_out(measured: &ServiceMonitoring) -> Option<AnyView> {
    let more = measured.more_replicas;
    (more > 0).then(|| view! { <p class="muted">{tr!(monitoring.more_replicas, count = more)}</p> }.into_any())
}

fn columns(measured: &ServiceMonitoring) -> Vec<String> {
    measured.replicas.iter().map(|replica| replica.id.to_string()).collect()
}

fn row(measured: &ServiceMonitoring, point: usize) -> Option<Vec<String>> {
    let all = measured.replicas.iter().map(|replica| replica.points.get(point).and_then(Option::as_ref));
    let said = |replica: &ReplicaPoint| {
        let parts = [
            replica.cpu_percent.map(|value| percent(value as f64)),
            replica.memory_bytes.map(|value| memory(value as f64)),
            replica.in_flight.map(|count| tr!(monitoring.requests, count = count)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    all.clone().any(|replica| replica.is_some()).then(|| all.map(|replica| or_dash(replica.map(said))).collect())
}
