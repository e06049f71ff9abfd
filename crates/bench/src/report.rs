//! Tables, in Markdown.

use crate::proxy::Kind;
use crate::workload::{Memory, Sample, Workload};
use std::fmt::Write;

/// Of one proxy under one workload.
pub struct Row {
    pub kind: Kind,
    pub samples: Vec<Sample>,
    pub syscalls: f64,
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn workload(workload: Workload, rows: &[Row], direct: &[[f64; 3]]) -> String {
    let unit = workload.unit();
    let mut text = format!(
        "### {}\n\n\
         | proxy | CPU µs/{unit}, min | median | of it user | engine ÷ it, CPU | {unit}s/s, max | median | \
         its core busy | added p50 µs | p99 | p99.9 | syscalls/{unit} |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        workload.title()
    );
    let base: Vec<f64> = (0..3).map(|n| median(direct.iter().map(|times| times[n]))).collect();
    let engine = rows.iter().find(|row| row.kind == Kind::Engine);
    for Row { kind, samples, syscalls } in rows {
        let cpu = || samples.iter().map(|sample| sample.spent.cpu_us);
        let rate = || samples.iter().map(|sample| sample.per_second);
        // Round by round, as neighbours on the machine come and go.
        let ratios = engine.into_iter().flat_map(|engine| engine.samples.iter().zip(samples));
        let ratio = median(ratios.map(|(engine, other)| engine.spent.cpu_us / other.spent.cpu_us));
        let _ = write!(
            text,
            "| {} | {:.1} | {:.1} | {:.1} | {ratio:.2} | {:.0} | {:.0} | {:.0} % ",
            kind.name(),
            cpu().fold(f64::INFINITY, f64::min),
            median(cpu()),
            median(samples.iter().map(|sample| sample.spent.user_us)),
            rate().fold(0.0, f64::max),
            median(rate()),
            median(samples.iter().map(|sample| sample.spent.busy)),
        );
        for (n, base) in base.iter().enumerate() {
            let time = median(samples.iter().filter_map(|sample| sample.times).map(|times| times[n]));
            let _ = if time.is_nan() || base.is_nan() {
                write!(text, "| – ")
            } else {
                write!(text, "| {:.0} ", time - base)
            };
        }
        let _ = writeln!(text, "| {syscalls:.2} |");
    }
    if !base.iter().any(|time| time.is_nan()) {
        let _ = writeln!(text, "\nDirect: p50 {:.0} µs, p99 {:.0} µs, p99.9 {:.0} µs.", base[0], base[1], base[2]);
    }
    text
}

pub fn memory(rows: &[(Kind, Memory)]) -> String {
    let mut text = String::from(
        "### Resident memory, bytes\n\n\
         | proxy | 1,000 services, no connection | an idle connection | an event stream | a WebSocket |\n\
         |---|--:|--:|--:|--:|\n",
    );
    for (kind, Memory { at_rest, idle, stream, websocket }) in rows {
        let _ = writeln!(text, "| {} | {at_rest} | {idle} | {stream} | {websocket} |", kind.name());
    }
    text
}
