//! Tokens, of services whose answers are looked into.

use super::drawn::{Drawn, draw, line, percentiles};
use super::figures::figures;
use super::traffic::shares;
use super::units::{rate, time};
use crate::layout::{Fresh, thousands};
use domain::view::ServiceMonitoring;
use leptos::prelude::*;
use ui::{Callout, Section};

pub fn section(measured: Fresh<ServiceMonitoring>) -> AnyView {
    let observe = Memo::new(move |_| measured.with(|measured| measured.observe));
    let content = move || {
        if !observe.get() {
            return view! {
                <Callout>
                    <p>{tr!(monitoring.tokens_off)}</p>
                    <p><code>"networking.gateway_policy.openai_metrics: true"</code></p>
                </Callout>
            }
            .into_any();
        }
        view! {
            <div class="charts">{move || measured.with(charts)}</div>
            {figures(measured, tr!(monitoring.tokens_table), columns, row)}
        }
        .into_any()
    };
    view! { <Section title=tr!(monitoring.tokens)>{content}</Section> }.into_any()
}

fn charts(measured: &ServiceMonitoring) -> Vec<AnyView> {
    let counts = vec![
        line(measured, (tr!(monitoring.tokens_in), 1), |point| point.per_second(point.tokens_in)),
        line(measured, (tr!(monitoring.tokens_out), 0), |point| point.per_second(point.tokens_out)),
    ];
    let first = percentiles(measured, |point| point.first_token);
    let each = percentiles(measured, |point| point.per_token);
    vec![
        draw(measured, Drawn { title: tr!(monitoring.tokens_rate), lines: counts, format: rate, least: 1.0 }),
        draw(measured, Drawn { title: tr!(monitoring.first_token), lines: first, format: time, least: 1_000.0 }),
        draw(measured, Drawn { title: tr!(monitoring.per_token), lines: each, format: time, least: 1_000.0 }),
    ]
}

fn columns(_: &ServiceMonitoring) -> Vec<String> {
    let of = |name: String| ["p50", "p90", "p99"].map(|part| format!("{name}, {part}"));
    let counts = [tr!(monitoring.tokens_in), tr!(monitoring.tokens_out)];
    let times = of(tr!(monitoring.first_token)).into_iter().chain(of(tr!(monitoring.per_token)));
    counts.into_iter().chain(times).collect()
}

fn row(measured: &ServiceMonitoring, point: usize) -> Option<Vec<String>> {
    let point = measured.points.get(point)?.as_ref()?;
    let counts = [point.tokens_in, point.tokens_out].map(thousands);
    let times = shares(point, |point| point.first_token).into_iter().chain(shares(point, |point| point.per_token));
    Some(counts.into_iter().chain(times).collect())
}
