//! The Internet tab: portal, endpoints, who may enter.

mod connectivity;
mod endpoints;
pub use endpoints::endpoint;
pub use whitelist::WhitelistEditor;
mod portal;
mod tester;
mod whitelist;

use super::detail::{Header, Tab, of_address};
use connectivity::ConnectivityCheck;
use endpoints::Endpoints;
use leptos::prelude::*;
use portal::Portal;
use tester::Tester;

#[component]
pub fn Internet() -> impl IntoView {
    of_address(|gateway| {
        view! {
            <Header gateway tab=Tab::Internet />
            <Portal gateway />
            <Endpoints gateway />
            <ConnectivityCheck gateway />
            <WhitelistEditor gateway />
            <Tester gateway />
        }
        .into_any()
    })
}
