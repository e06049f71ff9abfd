//! The vSwitches of a VPC to choose from; what cannot be chosen says why.

use crate::context::FormState;
use domain::id::VSwitchId;
use domain::view::{VSwitchView, VpcView};
use leptos::prelude::*;
use ui::CheckField;

fn why_not(vswitch: &VSwitchView) -> Option<String> {
    match &vswitch.unsupported {
        Some(zones) => Some(tr!(vpc.unsupported, zones = zones.join(", "))),
        None if !vswitch.is_loopback && vswitch.addresses.is_empty() => Some(tr!(vpc.no_address)),
        None => None,
    }
}

/// One box each, by zone. `chosen` are those that are checked at first; they can always be unchecked.
pub(in super::super) fn boxes(vpc: &VpcView, chosen: &[VSwitchId]) -> AnyView {
    let one = |each: &VSwitchView| {
        let checked = chosen.contains(&each.vswitch.id);
        let why = why_not(each);
        let disabled = Signal::stored(why.is_some() && !checked);
        let id = each.vswitch.id.to_string();
        let label = format!("{} · {} ({})", each.vswitch.zone, each.vswitch.name, each.vswitch.block);
        match why {
            Some(hint) => view! {
                <CheckField name="vswitches[]" value=id.clone() id_suffix=id label checked disabled hint />
            }
            .into_any(),
            None => view! { <CheckField name="vswitches[]" value=id.clone() id_suffix=id label checked disabled /> }
                .into_any(),
        }
    };
    vpc.vswitches.iter().map(one).collect::<Vec<_>>().into_any()
}

/// The first vSwitch that can be chosen in each zone: two zones at most.
pub(in super::super) fn proposed(vpc: &VpcView) -> Vec<VSwitchId> {
    let mut zones = Vec::new();
    let mut chosen = Vec::new();
    for each in vpc.vswitches.iter().filter(|each| why_not(each).is_none()) {
        if zones.len() < 2 && !zones.contains(&each.vswitch.zone) {
            zones.push(each.vswitch.zone.clone());
            chosen.push(each.vswitch.id.clone());
        }
    }
    chosen
}

/// What was chosen before in a form that failed, else these.
pub(in super::super) fn first_choice(form: &FormState, otherwise: &[VSwitchId]) -> Vec<VSwitchId> {
    let before = form.chosen("vswitches[]");
    before.map_or_else(|| otherwise.to_vec(), |ids| ids.iter().filter_map(|id| id.parse().ok()).collect())
}
