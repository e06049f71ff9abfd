//! That the built-in DNS does not answer for a name inside VPCs, and what to do.

use domain::view::Unanswered;
use leptos::prelude::*;
use ui::{Callout, Tone};

pub fn unanswered_text(why: Unanswered) -> String {
    match why {
        Unanswered::ServerOff => tr!(names_inside.server_off),
        Unanswered::NotAsked => tr!(names_inside.not_asked),
        Unanswered::ForeignVpc => tr!(names_inside.foreign_vpc),
    }
}

pub fn unanswered(why: Unanswered) -> AnyView {
    // That it is off for a VPC may be just what somebody wants.
    let tone = if why == Unanswered::NotAsked { Tone::Info } else { Tone::Warn };
    view! { <Callout tone>{unanswered_text(why)}</Callout> }.into_any()
}
