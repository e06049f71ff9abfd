use super::shape::{HEIGHT, WIDTH, path, stretches, top};
use crate::Slot;
use leptos::prelude::*;

/// Lines that can be told apart, by colour and by dashes.
const LOOKS: [&str; 6] = [
    "chart-line chart-0",
    "chart-line chart-1",
    "chart-line chart-2",
    "chart-line chart-3",
    "chart-line chart-4",
    "chart-line chart-5",
];

#[derive(Clone, Debug, PartialEq)]
pub struct ChartLine {
    pub label: String,
    /// From the oldest; `None`: there is none, which is not zero.
    pub values: Vec<Option<f64>>,
    /// Which of six.
    pub look: usize,
}

/// Values over time. `summary` says in a sentence what there is to see; the figures themselves belong into a table next
/// to it. What is `unknown` is shaded, and `start` and `end` say which time this is.
#[component]
pub fn LineChart(
    #[prop(into)] title: String,
    #[prop(into)] summary: String,
    lines: Vec<ChartLine>,
    unknown: Vec<bool>,
    /// What the shade means.
    #[prop(into)]
    unknown_label: String,
    format: fn(f64) -> String,
    /// The scale goes at least so far.
    #[prop(default = 1.0)]
    least: f64,
    #[prop(into)] start: Slot,
    #[prop(into)] end: Slot,
) -> impl IntoView {
    let values: Vec<_> = lines.iter().map(|line| line.values.clone()).collect();
    let top = top(&values, least);
    let shades = stretches(&unknown);
    let shade_key =
        (!shades.is_empty()).then(|| view! { <li class="chart-key chart-unknown-key">{unknown_label}</li> });
    let shades: Vec<_> = shades
        .into_iter()
        .map(|(x, width)| {
            let (x, width) = (format!("{x:.1}"), format!("{width:.1}"));
            view! { <rect class="chart-unknown" x=x y="0" width=width height=HEIGHT.to_string()></rect> }.into_any()
        })
        .collect();
    let (mut drawn, mut keys) = (Vec::new(), Vec::new());
    for line in lines {
        let look = LOOKS.get(line.look % LOOKS.len()).copied().unwrap_or_default();
        drawn.push(view! { <path class=look d=path(&line.values, top)></path> }.into_any());
        keys.push(
            view! {
                <li class="chart-key">
                    <svg class="chart-sample" viewBox="0 0 24 4" aria-hidden="true" focusable="false">
                        <path class=look d="M1 2H23"></path>
                    </svg>
                    {line.label}
                </li>
            }
            .into_any(),
        );
    }
    let middle = HEIGHT / 2.0;
    let grid = format!("M0 0H{WIDTH}M0 {middle}H{WIDTH}M0 {HEIGHT}H{WIDTH}");
    view! {
        <figure class="chart">
            <figcaption class="chart-head">
                <span class="chart-title">{title}</span>
                <ul class="chart-keys">{keys} {shade_key}</ul>
            </figcaption>
            <div class="chart-box">
                <div class="chart-scale" aria-hidden="true">
                    <span>{format(top)}</span>
                    <span>{format(top / 2.0)}</span>
                    <span>{format(0.0)}</span>
                </div>
                <svg
                    class="chart-plot"
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=summary
                >
                    {shades}
                    <path class="chart-grid" d=grid></path>
                    {drawn}
                </svg>
            </div>
            <div class="chart-ends">{start.0} {end.0}</div>
        </figure>
    }
    .into_any()
}
