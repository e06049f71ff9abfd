//! What was just done, as named by the address. A code, so that no link can put words on the page.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use ui::Flash;

#[component]
pub fn Message() -> impl IntoView {
    let query = use_query_map();
    let texts = crate::texts::use_texts();
    let text = move || {
        let code = query.with(|query| query.get("flash"))?;
        macro_rules! say {
            ($($key:tt)*) => { leptos_i18n::tu_string!(texts.0, $($key)*).to_string() };
        }
        Some(match code.as_str() {
            "gateway_created" => say!(flash.gateway_created),
            "gateway_deleted" => say!(flash.gateway_deleted),
            "gateway_default" => say!(flash.gateway_default),
            "gateway_resized" => say!(flash.gateway_resized),
            "gateway_same_size" => say!(flash.gateway_same_size),
            "alb_public" => say!(alb.public_enabled),
            "portal_on" => say!(flash.portal_on),
            "portal_off" => say!(flash.portal_off),
            "whitelist_saved" => say!(flash.whitelist_saved),
            "host_saved" => say!(flash.host_saved),
            "host_removed" => say!(flash.host_removed),
            "account_created" => say!(flash.account_created),
            "vpc_granted" => say!(flash.vpc_granted),
            "vpc_revoked" => say!(flash.vpc_revoked),
            "vpc_peers" => say!(flash.vpc_peers),
            "settings_saved" => say!(flash.settings_saved),
            "vpc_linked" => say!(flash.vpc_linked),
            "vpc_unlinked" => say!(flash.vpc_unlinked),
            "vpc_edited" => say!(flash.vpc_edited),
            "network_saved" => say!(flash.network_saved),
            "network_deleted" => say!(flash.network_deleted),
            "certificate_saved" => say!(flash.certificate_saved),
            "acme_registered" => say!(flash.acme_registered),
            "acme_account_saved" => say!(acme_account.saved),
            "acme_account_deleted" => say!(acme_account.deleted),
            "certificate_ordered" => say!(flash.certificate_ordered),
            "certificate_deleted" => say!(flash.certificate_deleted),
            "domain_created" => say!(flash.domain_created),
            "domain_saved" => say!(flash.domain_saved),
            "domain_deleted" => say!(flash.domain_deleted),
            "tls_saved" => say!(flash.tls_saved),
            "prices_saved" => say!(billing.prices_saved),
            "renewal_on" => say!(billing.renewal_on),
            "renewal_off" => say!(billing.renewal_off),
            "nothing_changed" => say!(billing.nothing_changed),
            "role_granted" => say!(flash.role_granted),
            "service_deployed" => say!(flash.service_deployed),
            "service_started" => say!(flash.service_started),
            "service_restarted" => say!(flash.service_restarted),
            "service_stopped" => say!(flash.service_stopped),
            "service_scaled" => say!(flash.service_scaled),
            "service_updated" => say!(flash.service_updated),
            "service_saved" => say!(flash.service_saved),
            "group_saved" => say!(flash.group_saved),
            "token_created" => say!(tokens.created),
            "token_saved" => say!(tokens.saved),
            "token_rotated" => say!(tokens.rotated),
            "token_deleted" => say!(tokens.deleted),
            "service_deleted" => say!(flash.service_deleted),
            "password_changed" => say!(flash.password_changed),
            "session_ended" => say!(flash.session_ended),
            "signed_out" => say!(flash.signed_out),
            _ => return None,
        })
    };
    let dismiss = tr!(layout.dismiss);
    let on_dismiss = forget();
    view! { {move || text().map(|message| view! { <Flash message dismiss_label=dismiss.clone() on_dismiss /> })} }
}

/// A dismissed message leaves the address as well: the next one alike is another address then, and shown.
fn forget() -> Callback<()> {
    let (location, navigate) = (use_location(), use_navigate());
    Callback::new(move |()| {
        let search = location.search.get_untracked();
        let rest = search.trim_start_matches('?').split('&').filter(|pair| !pair.starts_with("flash="));
        let rest = rest.collect::<Vec<_>>().join("&");
        let separator = if rest.is_empty() { "" } else { "?" };
        let there = [location.pathname.get_untracked().as_str(), separator, rest.as_str()].concat();
        navigate(&there, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    })
}
