//! The drawing itself.

use super::plan::{HEIGHT, WIDTH, line, plan, shortened};
use super::words::{href, name, word};
use domain::id::GatewayId;
use domain::view::{Node, Structure};
use leptos::prelude::*;
use ui::Tone;

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "neutral",
        Tone::Info => "info",
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    }
}

/// A mark besides the colour for what is not as it should be.
fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "✕ ",
        Tone::Warn => "! ",
        _ => "",
    }
}

pub(super) fn picture(gateway: &GatewayId, structure: &Structure) -> AnyView {
    let plan = plan(structure);
    let lines = structure.edges.iter().filter_map(|(from, to)| {
        let (start, end) = (*plan.places.get(*from)?, *plan.places.get(*to)?);
        let ill = [*from, *to].iter().any(|at| structure.nodes.get(*at).is_some_and(|node| word(node).0 == Tone::Bad));
        let class = if ill { "structure-line structure-line-bad" } else { "structure-line" };
        Some(view! { <path class=class d=line(start, end) /> }.into_any())
    });
    let lines = lines.collect::<Vec<_>>();
    let nodes = structure.nodes.iter().zip(&plan.places).map(|(each, place)| node(gateway, each, *place));
    let nodes = nodes.collect::<Vec<_>>();
    view! {
        <div class="structure" role="region" aria-label=tr!(structure.title) tabindex="0">
            <svg
                width=plan.width + 4
                height=plan.height + 4
                viewBox=format!("-2 -2 {} {}", plan.width + 4, plan.height + 4)
                role="group"
                aria-label=tr!(structure.title)
            >
                <g aria-hidden="true">{lines}</g>
                {nodes}
            </svg>
        </div>
    }
    .into_any()
}

fn node(gateway: &GatewayId, node: &Node, (x, y): (usize, usize)) -> AnyView {
    let (of, status, _) = word(node);
    let title = name(node);
    let second = [node.detail.as_str(), status.as_str()].into_iter().filter(|text| !text.is_empty());
    let second = second.collect::<Vec<_>>().join(" · ");
    let class = format!("structure-node structure-{}", tone(of));
    // What does not fit is said whole to those who listen.
    let whole = if second.is_empty() { title.clone() } else { format!("{title}: {second}") };
    // The group makes a link of SVG of what is HTML's otherwise.
    view! {
        <g>
            <a href=href(gateway, node) class=class>
                <rect x=x y=y width=WIDTH height=HEIGHT rx="6" />
                <text x=x + 10 y=y + 22 class="structure-name" aria-hidden="true">
                    {shortened(&title)}
                </text>
                <text x=x + 10 y=y + 40 class="structure-detail" aria-hidden="true">
                    {shortened(&format!("{}{second}", mark(of)))}
                </text>
                <text x=x + 10 y=y + 22 class="structure-whole">
                    {whole}
                </text>
            </a>
        </g>
    }
    .into_any()
}
