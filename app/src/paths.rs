//! Where pages are. Every link is made here.

mod gateways;

pub use gateways::*;

use domain::billing::Month;
use domain::id::{AcmeAccountId, CertificateId, GatewayId, GroupId, HostId, ReplicaId, ServiceId, VSwitchId, VpcId};
use domain::view::MonitoringRange;

pub const GATEWAYS: &str = "/gateways";
pub const NEW_GATEWAY: &str = "/gateways/new";
pub const NEW_ALB: &str = "/gateways/new/alb";
pub const NEW_MANAGED: &str = "/gateways/new/managed";
pub const CONFIRM_MANAGED: &str = "/gateways/new/managed/confirm";
pub const PLAN_MANAGED: &str = "/gateways/new/managed/plan";
pub const SERVICES: &str = "/services";
pub const GROUPS: &str = "/groups";
pub const NEW_SERVICE: &str = "/services/new";
pub const NEW_CUSTOM_SERVICE: &str = "/services/new/custom";
pub const NEW_JSON_SERVICE: &str = "/services/new/json";
pub const ACCOUNT: &str = "/account";
pub const CERTIFICATES: &str = "/certificates";
pub const NEW_CERTIFICATE: &str = "/certificates/new";
pub const BILLING: &str = "/billing";
pub const ORDERS: &str = "/billing/orders";
pub const PRICES: &str = "/billing/prices";
/// A month's cost for other programs; not a page.
pub const COST_CSV: &str = "/billing/cost.csv";
pub const ORDER_CERTIFICATE: &str = "/certificates/acme";
pub const NETWORKS: &str = "/networks";
pub const HOSTS: &str = "/hosts";
pub const ACCOUNTS: &str = "/accounts";
pub const USERS: &str = "/users";
/// The local authority's root, for clients to trust.
pub const LOCAL_CA: &str = "/local-ca.pem";
pub const SIGN_IN: &str = "/sign-in";

pub fn certificate(id: &CertificateId) -> String {
    format!("/certificates/{id}")
}

/// Ordering from the server with this directory.
pub fn order_certificate(directory: &str) -> String {
    format!("{ORDER_CERTIFICATE}?directory={}", encode(directory))
}

/// An account with an ACME server.
pub fn acme_account(id: &AcmeAccountId) -> String {
    format!("{ORDER_CERTIFICATE}/{id}")
}

/// The same with this account, which was made a moment ago: another address, so the page is another one.
pub fn order_from(directory: &str, account: &AcmeAccountId) -> String {
    format!("{}&account={account}", order_certificate(directory))
}

pub fn host(id: &HostId) -> String {
    format!("{HOSTS}/{id}")
}

pub fn network(vpc: &VpcId) -> String {
    format!("/networks/{vpc}")
}

pub fn vswitch(vpc: &VpcId, vswitch: &VSwitchId) -> String {
    format!("/networks/{vpc}/vswitches/{vswitch}")
}

/// The cost of this month, or of the running one; of this gateway, or of all.
pub fn cost(month: Option<Month>, gateway: Option<&GatewayId>) -> String {
    let month = month.map(|month| format!("month={month}"));
    with_query(BILLING, month.into_iter().chain(gateway.map(|id| format!("gateway={id}"))))
}

pub fn cost_csv(month: Month, gateway: Option<&GatewayId>) -> String {
    let month = format!("month={month}");
    with_query(COST_CSV, std::iter::once(month).chain(gateway.map(|id| format!("gateway={id}"))))
}

pub fn orders(gateway: Option<&GatewayId>, page: u32) -> String {
    let page = (page > 1).then(|| format!("page={page}"));
    with_query(ORDERS, gateway.map(|id| format!("gateway={id}")).into_iter().chain(page))
}

fn with_query(path: &str, pairs: impl Iterator<Item = String>) -> String {
    let pairs: Vec<String> = pairs.collect();
    if pairs.is_empty() { path.into() } else { format!("{path}?{}", pairs.join("&")) }
}

pub fn service(id: &ServiceId) -> String {
    format!("/services/{id}")
}

pub fn invocation(id: &ServiceId) -> String {
    format!("/services/{id}/invocation")
}

/// Where the browser sends a request for a service to the console; not a page.
pub const DEBUG_ROUTE: &str = "/debug/{id}";

pub fn debug(id: &ServiceId) -> String {
    format!("/debug/{id}")
}

/// Online Debugging.
pub fn debugging(id: &ServiceId) -> String {
    format!("/services/{id}/debugging")
}

pub fn scaling(id: &ServiceId) -> String {
    format!("/services/{id}/scaling")
}

/// The service's place in its group.
pub fn service_group(id: &ServiceId) -> String {
    format!("/services/{id}/group")
}

pub fn group(id: &GroupId) -> String {
    format!("{GROUPS}/{id}")
}

pub fn versions(id: &ServiceId) -> String {
    format!("/services/{id}/versions")
}

/// What happened, this page of it.
pub fn events(id: &ServiceId, page: u32) -> String {
    with_query(&format!("/services/{id}/events"), (page > 1).then(|| format!("page={page}")).into_iter())
}

/// What a replica printed; without one the page chooses.
pub fn logs(id: &ServiceId, replica: Option<&ReplicaId>) -> String {
    with_query(&format!("/services/{id}/logs"), replica.map(|replica| format!("replica={replica}")).into_iter())
}

/// What was measured in this time.
pub fn monitoring(id: &ServiceId, range: MonitoringRange) -> String {
    let chosen = (range != MonitoringRange::default()).then(|| format!("range={}", range.as_str()));
    with_query(&format!("/services/{id}/monitoring"), chosen.into_iter())
}

/// The same as a file; not a page.
pub const OUTPUT: &str = "/services/{service}/replicas/{replica}/output.txt";

pub fn output(service: &ServiceId, replica: &ReplicaId) -> String {
    format!("/services/{service}/replicas/{replica}/output.txt")
}

/// Where the number of replicas is set.
pub fn clone_service(id: &ServiceId) -> String {
    format!("/services/{id}/versions#clone")
}

pub fn scale_service(id: &ServiceId) -> String {
    format!("/services/{id}#replicas")
}

pub fn delete_service(id: &ServiceId) -> String {
    format!("/services/{id}/delete")
}

pub fn update_service(id: &ServiceId) -> String {
    format!("/services/{id}/update")
}

/// A service from the template of this id.
pub fn from_template(id: &str) -> String {
    format!("/services/new/template/{id}")
}

/// The page with a message of this code on it.
pub fn flash(path: &str, code: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}flash={code}")
}

/// The sign-in page, which leads to `wanted` afterwards.
pub fn sign_in(wanted: &str) -> String {
    if wanted == "/" { SIGN_IN.into() } else { format!("{SIGN_IN}?next={}", encode(wanted)) }
}

/// Characters in a field of a form that is sent by address: an address has no room for more.
pub const LONGEST_VALUE: u32 = 1000;

/// A path of this console, or its start where somebody put another site there.
pub fn local(path: &str) -> &str {
    let other_site = path.starts_with("//") || path.contains('\\') || path.chars().any(char::is_control);
    if path.starts_with('/') && !other_site { path } else { "/" }
}

/// For one value of a query.
pub fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            other => {
                let hex = b"0123456789ABCDEF";
                text.push('%');
                text.push(char::from(hex[usize::from(other >> 4)]));
                text.push(char::from(hex[usize::from(other & 15)]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        for path in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"] {
            assert_eq!(local(path), "/", "{path}");
        }
        assert_eq!(local("/gateways?page=2"), "/gateways?page=2");
    }

    #[test]
    fn values_are_encoded() {
        assert_eq!(encode("a b&c=推"), "a%20b%26c%3D%E6%8E%A8");
        assert_eq!(sign_in("/gateways?page=2"), "/sign-in?next=%2Fgateways%3Fpage%3D2");
    }
}
