//! Gateways that are entered from VPCs. On loopback, where every address of 127/8 can be listened on.

use super::{Answer, Client, World, gateway, gateway_id, other};
use domain::cidr::Cidr;
use domain::id::{RANDOM_LEN, VpcId};
use domain::snapshot::{Delta, GatewayConfig, ListenerConfig, PrivateDoor, Resource, Scheme};
use link::message::EngineDown;
use std::net::{SocketAddr, TcpListener};

/// What the usual gateway is called in VPCs.
pub const PRIVATE: &str = "gw-vpc.example";
/// What the other one is called there.
pub const OTHERS: &str = "other-vpc.example";

pub fn vpc(number: u8) -> VpcId {
    VpcId::from_random([number; RANDOM_LEN])
}

/// An address in the VPC's block that nobody listens on.
pub fn free_in(number: u8) -> SocketAddr {
    TcpListener::bind(SocketAddr::from(([127, 88, number, 10], 0))).unwrap().local_addr().unwrap()
}

/// A shared listener of the VPC.
pub fn shared(address: SocketAddr, scheme: Scheme, number: u8) -> ListenerConfig {
    ListenerConfig { vpc: Some(vpc(number)), ..ListenerConfig::new(address, scheme) }
}

/// The usual gateway's own.
pub fn alone(address: SocketAddr, scheme: Scheme, number: u8) -> ListenerConfig {
    ListenerConfig { gateway: Some(gateway_id()), ..shared(address, scheme, number) }
}

pub fn blocks(whitelist: &[&str]) -> Vec<Cidr> {
    whitelist.iter().map(|text| Cidr::parse(text).unwrap()).collect()
}

pub fn door(number: u8, host: &str, whitelist: &[&str]) -> PrivateDoor {
    PrivateDoor { vpc_id: vpc(number), hosts: vec![host.into()], whitelist: blocks(whitelist), drop_strangers: false }
}

/// The usual gateway with these doors beside its public ones.
pub fn linked(world: &World, doors: &[PrivateDoor]) -> GatewayConfig {
    GatewayConfig { private: doors.to_vec(), ..gateway(world.own, &["127.0.0.0/8"]) }
}

/// The other gateway, with these doors only.
pub fn other_linked(doors: &[PrivateDoor]) -> GatewayConfig {
    GatewayConfig { public: None, private: doors.to_vec(), ..other::other_gateway(super::free_address(), &[]) }
}

/// The name of the gateway that greets, or the code of the refusal.
pub fn who(answer: &Answer) -> String {
    if answer.status == 200 { answer.json()["name"].as_str().unwrap().into() } else { answer.code() }
}

/// Who answers to this Host on this connection.
pub async fn ask(client: &mut Client, host: &str) -> String {
    who(&client.head("GET / HTTP/1.1", &format!("Host: {host}\r\n")).await)
}

/// Who answers to this Host at this address.
pub async fn at(address: SocketAddr, host: &str) -> String {
    ask(&mut Client::connect(address).await, host).await
}

/// Why these are not taken.
pub async fn refused(world: &World, resources: Vec<Resource>) -> String {
    let mut next = world.snapshot.clone();
    for resource in resources {
        next.put(resource);
    }
    next.version += 1;
    world.console.forget();
    world.console.send(EngineDown::Config(Delta::between(&world.snapshot, &next))).await;
    let reason = world.console.refused(next.version).await;
    // The next one has the same version.
    world.console.forget();
    reason
}
