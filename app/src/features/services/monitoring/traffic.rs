//! Requests: how many, how they were answered, how long they took.

use super::drawn::{Drawn, draw, line, percentiles};
use super::figures::{figures, or_dash};
use super::units::{rate, time};
use crate::layout::{Fresh, thousands};
use domain::view::{Percentiles, ServiceMonitoring, TrafficPoint};
use leptos::prelude::*;
use ui::{Section, Stat, StatGrid};

const CLASSES: [(&str, usize); 4] = [("2xx", 4), ("3xx", 1), ("4xx", 2), ("5xx", 3)];

pub fn section(measured: Fresh<ServiceMonitoring>) -> AnyView {
    view! {
        <Section title=tr!(monitoring.traffic)>
            {move || measured.with(totals)}
            <div class="charts">{move || measured.with(charts)}</div>
            {figures(measured, tr!(monitoring.traffic_table), columns, row)}
        </Section>
    }
    .into_any()
}

fn totals(measured: &ServiceMonitoring) -> AnyView {
    let total = measured.total.clone();
    let count = |count: u64| view! { {thousands(count)} }.into_any();
    let classes = CLASSES.iter().zip(total.classes).map(|((name, _), all)| {
        let value = count(all);
        view! { <Stat label=*name value /> }.into_any()
    });
    let classes = classes.collect::<Vec<_>>();
    let share = |of: fn(Percentiles) -> u64| or_dash(total.latency.map(|all| time(of(all) as f64)));
    let (p50, p99, all) = (share(|all| all.p50), share(|all| all.p99), count(total.requests));
    view! {
        <StatGrid>
            <Stat label=tr!(traffic.requests) value=all hint=tr!(monitoring.in_range) />
            {classes}
            <Stat label=tr!(monitoring.half) value=view! { {p50} } hint=tr!(monitoring.slowest, time = p99) />
        </StatGrid>
    }
    .into_any()
}

fn charts(measured: &ServiceMonitoring) -> Vec<AnyView> {
    let all = line(measured, (tr!(traffic.requests), 0), |point| point.per_second(point.requests));
    let class = |(at, (name, look)): (usize, &(&str, usize))| {
        line(measured, ((*name).into(), *look), move |point| point.per_second(*point.classes.get(at)?))
    };
    let classes = CLASSES.iter().enumerate().map(class).collect();
    let latency = percentiles(measured, |point| point.latency);
    vec![
        draw(measured, Drawn { title: tr!(monitoring.qps), lines: vec![all], format: rate, least: 1.0 }),
        draw(measured, Drawn { title: tr!(monitoring.classes), lines: classes, format: rate, least: 1.0 }),
        draw(measured, Drawn { title: tr!(monitoring.latency), lines: latency, format: time, least: 1_000.0 }),
    ]
}

fn columns(_: &ServiceMonitoring) -> Vec<String> {
    let classes = CLASSES.iter().map(|(name, _)| (*name).to_owned());
    std::iter::once(tr!(traffic.requests)).chain(classes).chain(["p50", "p90", "p99"].map(str::to_owned)).collect()
}

fn row(measured: &ServiceMonitoring, point: usize) -> Option<Vec<String>> {
    let point = measured.points.get(point)?.as_ref()?;
    let counts = std::iter::once(point.requests).chain(point.classes).map(thousands);
    Some(counts.chain(shares(point, |point| point.latency)).collect())
}

pub fn shares(point: &TrafficPoint, of: fn(&TrafficPoint) -> Option<Percentiles>) -> [String; 3] {
    let all = of(point);
    let share = |part: fn(Percentiles) -> u64| or_dash(all.map(|all| time(part(all) as f64)));
    [share(|all| all.p50), share(|all| all.p90), share(|all| all.p99)]
}
