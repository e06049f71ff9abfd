//! Why a call from here would be refused.

use crate::context::use_viewer;
use crate::layout::Fresh;
use crate::paths;
use domain::view::ServiceDetail;
use domain::whitelist::parse_address;
use leptos::prelude::*;
use ui::{Callout, TextLink, Tone};

/// Where the browser's own address, as the console sees it, is on no list of the gateway's public side.
#[component]
pub(super) fn NotAllowed(service: Fresh<ServiceDetail>) -> impl IntoView {
    let address = use_viewer().address;
    let parsed = parse_address(&address).ok();
    let gateway = service.with_untracked(|service| service.summary.gateway_id.clone());
    let refused = Memo::new(move |_| {
        let is_out = |address| service.with(|service| service.invocation.whitelist.matching(address).is_none());
        parsed.is_some_and(is_out)
    });
    move || {
        refused.get().then(|| {
            let (text, href) = (tr!(calling.not_allowed, address = address.clone()), paths::whitelist(&gateway, None));
            view! {
                <Callout tone=Tone::Warn>{text} " " <TextLink href>{tr!(calling.edit_whitelist)}</TextLink></Callout>
            }
        })
    }
}
