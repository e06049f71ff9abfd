//! The Internet tab: portal, endpoints, who may enter.

mod connectivity;
mod endpoints;
pub use endpoints::{endpoint, endpoint_inside};
pub use whitelist::WhitelistEditor;
mod portal;
mod tester;
mod whitelist;

use super::alb::PublicAccess;
use super::detail::{Header, Tab, of_address};
use crate::layout::Fresh;
use connectivity::ConnectivityCheck;
use domain::gateway::GatewayKind;
use domain::view::GatewayDetail;
use endpoints::Endpoints;
use leptos::prelude::*;
use portal::Portal;
use tester::Tester;

#[component]
pub fn Internet() -> impl IntoView {
    of_address(|gateway| {
        let alb = gateway.with_untracked(|gateway| gateway.summary.kind == GatewayKind::Alb);
        let switch =
            if alb { view! { <PublicAccess gateway /> }.into_any() } else { view! { <Portal gateway /> }.into_any() };
        // The rest of an ALB gateway's page has nothing to be about before its access is enabled.
        let shown = Memo::new(move |_| !alb || gateway.with(|gateway| gateway.internet.enabled));
        view! {
            <Header gateway tab=Tab::Internet />
            {switch}
            {move || shown.get().then(|| doors(gateway))}
        }
        .into_any()
    })
}

fn doors(gateway: Fresh<GatewayDetail>) -> AnyView {
    view! {
        <Endpoints gateway />
        <ConnectivityCheck gateway />
        <WhitelistEditor gateway />
        <Tester gateway />
    }
    .into_any()
}
