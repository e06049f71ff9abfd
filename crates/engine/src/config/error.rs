//! What is wrong with a configuration.

use crate::listener::tls::ClientAuthError;
use dns::DnsError;
use domain::id::{CertificateId, GatewayId, ServiceId, VpcId};
use domain::snapshot::ResourceKey;
use std::net::SocketAddr;

/// Why a configuration is refused; the console shows it to whoever made the change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the host {host} is given to {first} and to {second}; only one gateway can answer to it")]
    SharedHost { host: String, first: GatewayId, second: GatewayId },
    #[error("the host {host:?} of {gateway} is no lower-case host name without port, nor one behind `*.`")]
    BadHost { host: String, gateway: GatewayId },
    #[error("the address {address} is given to {first} and to {second}; give each gateway a port of its own")]
    SharedAddress { address: SocketAddr, first: GatewayId, second: GatewayId },
    #[error("the address {address} is a listener's and {gateway}'s own port, too; give the gateway another port")]
    OwnIsShared { address: SocketAddr, gateway: GatewayId },
    #[error("the address {0} has no port")]
    NoPort(SocketAddr),
    #[error("{device:?} of the listener {address} cannot be the name of a network interface")]
    BadDevice { address: SocketAddr, device: String },
    #[error(
        "the listener {address} is {gateway}'s alone but in no VPC; on the public side give the gateway a port of its own"
    )]
    NotInVpc { address: SocketAddr, gateway: GatewayId },
    #[error("the listener {address} is for {gateway} alone, which is not part of the configuration")]
    NobodysListener { address: SocketAddr, gateway: GatewayId },
    #[error(
        "the listener {address} of {vpc} is for {gateway} alone, which has no door for that VPC; link it or remove the listener"
    )]
    NoPrivateDoor { address: SocketAddr, vpc: VpcId, gateway: GatewayId },
    #[error("{gateway} has two doors for {vpc}; give it one")]
    TwoPrivateDoors { gateway: GatewayId, vpc: VpcId },
    #[error("{gateway} has two services named {name}; rename one")]
    SharedName { gateway: GatewayId, name: String },
    #[error("{gateway} has a service and a group named {name}; rename one")]
    GroupAndService { gateway: GatewayId, name: String },
    #[error("the group {group:?} of {service} is not named like a service")]
    BadGroup { group: String, service: ServiceId },
    #[error("{first} and {second} have different tokens for their group {group} of {gateway}; give them the same")]
    GroupTokens { group: String, gateway: GatewayId, first: ServiceId, second: ServiceId },
    #[error(
        "the header {name:?} of {service} cannot choose it in its group; name one that clients may send and that is not \
         the gateway's own, and a value without spaces around it"
    )]
    BadGroupHeader { name: String, service: ServiceId },
    #[error(
        "{first} and {second} have the same header in their group {group} of {gateway}; give them different values"
    )]
    SharedGroupHeader { group: String, gateway: GatewayId, first: ServiceId, second: ServiceId },
    #[error("the server name {name} is given to {first} and to {second}; only one certificate can be shown for it")]
    SharedServerName { name: String, first: CertificateId, second: CertificateId },
    #[error("{id} cannot be shown: {reason}")]
    BadCertificate { id: CertificateId, reason: String },
    #[error("the {key} cannot be answered: {reason}")]
    BadChallenge { key: ResourceKey, reason: String },
    #[error("the client authorities of {gateway} cannot be used: {source}")]
    BadAuthorities { gateway: GatewayId, source: ClientAuthError },
    #[error("{service} belongs to {gateway}, which is not part of the configuration")]
    NoGateway { service: ServiceId, gateway: GatewayId },
    #[error(transparent)]
    Dns(#[from] DnsError),
    #[error("the DNS server is given the address {0} twice; give it each address once")]
    DnsTwice(SocketAddr),
    #[error("the DNS server is given the address {0}, where requests are answered; give it another port")]
    DnsShares(SocketAddr),
}
