//! What a node is called, how it is, and where it leads.

use crate::layout::{Word, gateway_word, link_word, portal_word, replica_word, service_word};
use crate::paths;
use domain::domain_check::DomainOutcome;
use domain::id::GatewayId;
use domain::view::{Node, Part, Seen};
use ui::Tone;

pub(super) fn name(node: &Node) -> String {
    match node.part {
        Part::Internet => tr!(structure.internet),
        _ => node.label.clone(),
    }
}

pub(super) fn word(node: &Node) -> Word {
    match &node.seen {
        Seen::Nothing => (Tone::Neutral, String::new(), false),
        Seen::Portal(status) => portal_word(*status),
        Seen::Link(status) => link_word(*status),
        Seen::Gateway(status) => gateway_word(*status),
        Seen::Service(status) => service_word(*status),
        Seen::Replica(state) => replica_word(*state),
        Seen::Domain(DomainOutcome::Found) => (Tone::Good, tr!(structure.dns_found), false),
        Seen::Domain(DomainOutcome::WrongTarget { .. }) => (Tone::Bad, tr!(structure.dns_wrong), false),
        Seen::Domain(DomainOutcome::Missing) => (Tone::Warn, tr!(structure.dns_missing), false),
        Seen::Domain(DomainOutcome::Unanswered { .. }) => (Tone::Neutral, tr!(status.unknown), false),
        Seen::CertificateEnds(days) if *days < 0 => (Tone::Bad, tr!(structure.certificate_ended), false),
        Seen::CertificateEnds(days) => (Tone::Warn, tr!(structure.certificate_ends, days = *days), false),
    }
}

pub(super) fn href(gateway: &GatewayId, node: &Node) -> String {
    match &node.part {
        Part::Internet | Part::Listener(None) => paths::gateway_internet(gateway),
        Part::Vpc(vpc) | Part::Listener(Some(vpc)) => paths::gateway_vpc(gateway, vpc),
        Part::Name => paths::gateway_domains(gateway),
        Part::Gateway(id) => paths::gateway(id),
        Part::Service(id) | Part::Replica(id) => paths::service(id),
    }
}
