//! One chart of what was measured.

use crate::layout::When;
use domain::view::{Percentiles, ServiceMonitoring, TrafficPoint};
use leptos::prelude::*;
use ui::{ChartLine, LineChart};

/// What a chart shows: its name, its lines and how its figures are written.
pub struct Drawn {
    pub title: String,
    pub lines: Vec<ChartLine>,
    pub format: fn(f64) -> String,
    pub least: f64,
}

/// The value of each point that there is one for.
pub fn line(
    measured: &ServiceMonitoring,
    (label, look): (String, usize),
    value: impl Fn(&TrafficPoint) -> Option<f64>,
) -> ChartLine {
    let values = measured.points.iter().map(|point| point.as_ref().and_then(&value));
    ChartLine { label, values: values.collect(), look }
}

pub fn percentiles(measured: &ServiceMonitoring, of: fn(&TrafficPoint) -> Option<Percentiles>) -> Vec<ChartLine> {
    let line = |label: &str, look, part: fn(Percentiles) -> u64| {
        line(measured, (label.into(), look), move |point| of(point).map(|all| part(all) as f64))
    };
    vec![line("p50", 0, |all| all.p50), line("p90", 1, |all| all.p90), line("p99", 3, |all| all.p99)]
}

pub fn draw(measured: &ServiceMonitoring, drawn: Drawn) -> AnyView {
    let Drawn { title, lines, format, least } = drawn;
    let summary = summary(&title, &lines, format);
    let unknown = measured.points.iter().map(Option::is_none).collect::<Vec<_>>();
    let (start, end) = (measured.from, measured.at(measured.points.len()));
    view! {
        <LineChart
            title
            summary
            lines
            unknown
            unknown_label=tr!(monitoring.unknown)
            format
            least
            start=view! { <When at=start /> }
            end=view! { <When at=end /> }
        />
    }
    .into_any()
}

/// For who does not see the picture.
fn summary(title: &str, lines: &[ChartLine], format: fn(f64) -> String) -> String {
    let said = lines.iter().filter_map(|line| {
        let known: Vec<f64> = line.values.iter().flatten().copied().collect();
        let (last, most) = (*known.last()?, known.iter().copied().fold(0.0, f64::max));
        Some(tr!(monitoring.line, name = line.label.clone(), last = format(last), most = format(most)))
    });
    let said = said.collect::<Vec<_>>();
    if said.is_empty() {
        return format!("{title}: {}", tr!(monitoring.unknown));
    }
    format!("{title}: {}", said.join("; "))
}
