//! Gateways that are entered from VPCs: by which names, through which listeners, by whom.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::network::HostAddress;
use domain::snapshot::{ListenerConfig, PublicDoor, Resource, ResourceKey, Scheme};
use harness::vpc::{
    OTHERS, PRIVATE, alone, ask, at, blocks, door, free_in, linked, other_linked, refused, shared, vpc,
};
use harness::{Client, HOST, Replica, TOKEN, World, free_address, gateway, gateway_id, other, until};
use link::message::EngineUp;
use std::net::SocketAddr;

const ALL: &[&str] = &["127.0.0.0/8"];
const NOBODY: &[&str] = &["192.0.2.0/24"];

/// The usual gateway is in two VPCs, by the same name as the other one is in the second: the shared listeners of both.
async fn world() -> (World, SocketAddr, SocketAddr) {
    let mut world = World::new().await;
    let (first, second) = (free_in(1), free_in(2));
    let usual = linked(&world, &[door(1, PRIVATE, ALL), door(2, "second.example", ALL)]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(shared(first, Scheme::Http, 1)));
            snapshot.put(Resource::Listener(shared(second, Scheme::Http, 2)));
            snapshot.put(Resource::Gateway(usual));
            snapshot.put(Resource::Gateway(other_linked(&[door(1, OTHERS, ALL), door(2, PRIVATE, ALL)])));
        })
        .await;
    (world, first, second)
}

/// A listener of the first VPC that is the other gateway's alone.
fn others(address: SocketAddr) -> ListenerConfig {
    ListenerConfig { gateway: Some(other::gateway_id()), ..alone(address, Scheme::Http, 1) }
}

#[tokio::test]
async fn names_are_valid_on_their_own_side() {
    let (world, first, second) = world().await;
    let nobody = "NoSuchGateway";
    for (host, of_public, of_first, of_second) in [
        (HOST, "test", nobody, nobody),
        (PRIVATE, nobody, "test", "other"),
        ("GW-vpc.Example.:80", nobody, "test", "other"),
        ("second.example", nobody, nobody, "test"),
        (OTHERS, nobody, "other", nobody),
        (other::HOST, nobody, nobody, nobody),
    ] {
        for (address, expected) in [(world.address, of_public), (first, of_first), (second, of_second)] {
            assert_eq!(at(address, host).await, expected, "{host} at {address}");
        }
    }
    // A listener of a VPC that no gateway is in.
    let mut world = world;
    let lonely = free_in(3);
    world.put(Resource::Listener(shared(lonely, Scheme::Http, 3))).await;
    assert_eq!(at(lonely, PRIVATE).await, nobody);
}

#[tokio::test]
async fn names_change_hands_within_a_side() {
    let (mut world, first, second) = world().await;
    let mut client = Client::connect(first).await;
    assert_eq!(ask(&mut client, PRIVATE).await, "test");
    let usual = linked(&world, &[door(1, OTHERS, ALL), door(2, "*.wild.example", ALL)]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(usual));
            snapshot.put(Resource::Gateway(other_linked(&[door(1, PRIVATE, ALL)])));
        })
        .await;
    assert_eq!(ask(&mut client, PRIVATE).await, "other");
    assert_eq!(ask(&mut client, OTHERS).await, "test");
    assert_eq!(at(second, "a.wild.example").await, "test");
    assert_eq!(at(second, PRIVATE).await, "NoSuchGateway");
    // One that goes takes its names of all sides along.
    world.change(|snapshot| assert!(snapshot.remove(&ResourceKey::Gateway(other::gateway_id())))).await;
    assert_eq!(ask(&mut client, PRIVATE).await, "NoSuchGateway");
    assert_eq!(ask(&mut client, OTHERS).await, "test");
}

#[tokio::test]
async fn every_host_but_anothers_is_welcome_where_a_gateway_is_alone() {
    let replica = Replica::echo("a").await;
    let (mut world, first, _) = world().await;
    world.ready(&[&replica]).await;
    let (one, two) = (free_in(1), free_in(2));
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(alone(one, Scheme::Http, 1)));
            snapshot.put(Resource::Listener(alone(two, Scheme::Http, 2)));
        })
        .await;
    // What is the other gateway's in one VPC is nobody's, or its own, in the other one.
    for (address, welcome, others) in [(one, PRIVATE, OTHERS), (two, OTHERS, PRIVATE)] {
        for host in [HOST, welcome, "10.1.2.3:8080", "[fd00::1]", "nobody.example", ""] {
            assert_eq!(at(address, host).await, "test", "{host:?}");
        }
        // Whoever says so believes to speak to that one, also in capital letters and with a port.
        for host in [others.to_owned(), format!("{}:8080", others.to_uppercase()), format!("{others}.")] {
            assert_eq!(at(address, &host).await, "NoSuchGateway", "{host:?}");
        }
    }
    let mut client = Client::connect(one).await;
    let answer = client.get("/api/predict/model/x").await;
    assert_eq!((answer.status, answer.json()["replica"].as_str()), (200, Some("a")));
    // It changes hands, and becomes a shared one, with the connections that are open on it.
    world.put(Resource::Listener(others(one))).await;
    assert_eq!(ask(&mut client, "nobody.example").await, "other");
    assert_eq!(ask(&mut client, PRIVATE).await, "NoSuchGateway");
    world.put(Resource::Listener(shared(one, Scheme::Http, 1))).await;
    assert_eq!(ask(&mut client, PRIVATE).await, "test");
    assert_eq!(ask(&mut client, "nobody.example").await, "NoSuchGateway");
    world.change(|snapshot| assert!(snapshot.remove(&ResourceKey::Listener(two)))).await;
    assert!(tokio::net::TcpStream::connect(two).await.is_err(), "refused");
    assert_eq!(at(first, PRIVATE).await, "test");
}

/// Threads of its own, and as many connections as it may have.
#[tokio::test]
async fn a_gateways_capacity_is_one_on_all_sides() {
    let replica = Replica::echo("a").await;
    let (mut world, first, _) = world().await;
    world.ready(&[&replica]).await;
    let own = free_in(1);
    let mut limited = linked(&world, &[door(1, PRIVATE, ALL)]);
    (limited.capacity.workers, limited.capacity.connections) = (1, Some(2));
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(limited));
            snapshot.put(Resource::Listener(alone(own, Scheme::Http, 1)));
        })
        .await;
    let mut by_name = Client::connect(first).await;
    assert_eq!(ask(&mut by_name, PRIVATE).await, "test");
    let mut alone = Client::connect(own).await;
    assert_eq!(alone.get("/api/predict/model").await.status, 200);
    assert!(Client::connect(own).await.is_closed().await, "full");
    assert_eq!(at(world.address, HOST).await, "TooManyConnections");
    assert_eq!(ask(&mut by_name, PRIVATE).await, "test");
}

#[tokio::test]
async fn each_side_has_its_own_whitelist() {
    let (mut world, first, _) = world().await;
    let own = free_in(1);
    world.put(Resource::Listener(alone(own, Scheme::Http, 1))).await;
    let mut open = Vec::new();
    for (address, host) in [(world.address, HOST), (world.own, HOST), (first, PRIVATE), (own, PRIVATE)] {
        let mut client = Client::connect(address).await;
        assert_eq!(ask(&mut client, host).await, "test");
        open.push((client, host));
    }
    for (public, private, expected) in [
        (ALL, NOBODY, ["test", "test", "SourceNotAllowed", "SourceNotAllowed"]),
        (NOBODY, ALL, ["SourceNotAllowed", "SourceNotAllowed", "test", "test"]),
        (ALL, &[], ["test", "test", "SourceNotAllowed", "SourceNotAllowed"]),
        (&[], &["127.0.0.1/32"], ["SourceNotAllowed", "SourceNotAllowed", "test", "test"]),
    ] {
        let mut edited = linked(&world, &[door(1, PRIVATE, private)]);
        edited.public.as_mut().unwrap().whitelist = blocks(public);
        world.put(Resource::Gateway(edited)).await;
        for ((client, host), expected) in open.iter_mut().zip(expected) {
            assert_eq!(ask(client, host).await, expected, "{public:?} {private:?}");
        }
    }
}

#[tokio::test]
async fn strangers_are_dropped_on_the_side_that_says_so() {
    let (mut world, first, second) = world().await;
    let own = free_in(1);
    let mut closed = door(1, PRIVATE, NOBODY);
    closed.drop_strangers = true;
    let dropping = linked(&world, &[closed, door(2, "second.example", NOBODY)]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(alone(own, Scheme::Http, 1)));
            snapshot.put(Resource::Gateway(dropping));
        })
        .await;
    for address in [first, own] {
        let mut client = Client::connect(address).await;
        client.write(&format!("GET / HTTP/1.1\r\nHost: {PRIVATE}\r\n\r\n")).await;
        assert!(client.is_closed().await, "{address}");
    }
    assert_eq!(at(first, OTHERS).await, "other");
    assert_eq!(at(second, "second.example").await, "SourceNotAllowed");
    assert_eq!(at(world.address, HOST).await, "test");
    assert_eq!(at(world.own, HOST).await, "test");
}

async fn websocket(address: SocketAddr, host: &str) -> Client {
    let mut client = Client::connect(address).await;
    let handshake = format!(
        "GET /api/predict/model HTTP/1.1\r\nHost: {host}\r\nAuthorization: {TOKEN}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    client.write(&handshake).await;
    assert_eq!(client.answer_head().await.unwrap().status, 101);
    client
}

async fn echo(client: &mut Client, text: &str) {
    use tokio::io::AsyncReadExt;
    client.write(text).await;
    let mut back = vec![0; text.len()];
    client.stream.read_exact(&mut back).await.unwrap();
    assert_eq!(back, text.as_bytes());
}

#[tokio::test]
async fn a_tunnel_stays_as_long_as_its_side_lets_it() {
    let replica = Replica::websocket().await;
    let (mut world, first, second) = world().await;
    world.ready(&[&replica]).await;
    let own = free_in(1);
    world.put(Resource::Listener(alone(own, Scheme::Http, 1))).await;
    let mut public = websocket(world.address, HOST).await;
    let mut by_name = websocket(first, PRIVATE).await;
    let mut alone = websocket(own, "any.example").await;
    let mut of_second = websocket(second, "second.example").await;
    let start = std::time::Instant::now();
    let edited = linked(&world, &[door(1, PRIVATE, NOBODY), door(2, "second.example", ALL)]);
    world.put(Resource::Gateway(edited)).await;
    assert!(by_name.is_closed().await && alone.is_closed().await);
    let took = start.elapsed();
    assert!(took.as_millis() < 2_000, "{took:?}");
    for client in [&mut public, &mut of_second] {
        echo(client, "still here").await;
    }
    // The door of one VPC goes.
    let edited = linked(&world, &[door(1, PRIVATE, NOBODY)]);
    world.put(Resource::Gateway(edited)).await;
    assert!(of_second.is_closed().await);
    echo(&mut public, "and here").await;
    // A listener that is this gateway's alone becomes another one's.
    let back = linked(&world, &[door(1, PRIVATE, ALL)]);
    world.put(Resource::Gateway(back)).await;
    let mut alone = websocket(own, "any.example").await;
    echo(&mut alone, "in again").await;
    world.put(Resource::Listener(others(own))).await;
    assert!(alone.is_closed().await);
    // The public ones go.
    let mut edited = linked(&world, &[door(1, PRIVATE, ALL)]);
    edited.public = None;
    world.put(Resource::Gateway(edited)).await;
    assert!(public.is_closed().await);
    echo(&mut websocket(first, PRIVATE).await, "here again").await;
}

#[tokio::test]
async fn a_door_that_goes_ends_what_came_through_it() {
    let (mut world, first, second) = world().await;
    let own = free_in(1);
    world.put(Resource::Listener(alone(own, Scheme::Http, 1))).await;
    let (mut by_name, mut alone) = (Client::connect(first).await, Client::connect(own).await);
    let mut public = world.client().await;
    for (client, host) in [(&mut by_name, PRIVATE), (&mut alone, PRIVATE), (&mut public, HOST)] {
        assert_eq!(ask(client, host).await, "test");
    }
    let without = linked(&world, &[door(2, "second.example", ALL)]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(without));
            snapshot.remove(&ResourceKey::Listener(own));
        })
        .await;
    assert_eq!(ask(&mut by_name, PRIVATE).await, "NoSuchGateway");
    assert_eq!(ask(&mut by_name, OTHERS).await, "other");
    assert!(alone.is_closed().await);
    assert!(tokio::net::TcpStream::connect(own).await.is_err(), "refused");
    assert_eq!(ask(&mut public, HOST).await, "test");
    assert_eq!(at(second, "second.example").await, "test");
}

/// What came from one side is no way in from another, though address and gateway are the same.
#[tokio::test]
async fn a_listener_changes_its_side() {
    let replica = Replica::websocket().await;
    let (mut world, first, _) = world().await;
    world.ready(&[&replica]).await;
    let mut kept = Client::connect(first).await;
    assert_eq!(ask(&mut kept, PRIVATE).await, "test");
    let mut tunnel = websocket(first, PRIVATE).await;
    for listener in [shared(first, Scheme::Http, 2), ListenerConfig::new(first, Scheme::Http)] {
        world.put(Resource::Listener(listener)).await;
        for host in [PRIVATE, "second.example", HOST] {
            assert_eq!(ask(&mut kept, host).await, "NoSuchGateway", "{host}");
        }
    }
    assert!(tunnel.is_closed().await);
    assert_eq!(at(first, HOST).await, "test");
    assert_eq!(at(first, PRIVATE).await, "NoSuchGateway");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_whole() {
    let (world, first, _) = world().await;
    let own = free_in(1);
    let usual = |doors: &[_]| Resource::Gateway(linked(&world, doors));
    let mut nowhere = alone(own, Scheme::Http, 1);
    nowhere.vpc = None;
    let mut nobodys = alone(own, Scheme::Http, 1);
    nobodys.gateway = Some(domain::id::GatewayId::from_random([77; domain::id::RANDOM_LEN]));
    let on = |device: &str| {
        let mut listener = shared(own, Scheme::Http, 1);
        listener.devices = vec!["lo".into(), device.into()];
        vec![Resource::Listener(listener)]
    };
    let ported = |address| {
        let mut ported = gateway(address, ALL);
        ported.private = vec![door(1, PRIVATE, ALL)];
        Resource::Gateway(ported)
    };
    let own_taken = PublicDoor { hosts: Vec::new(), own: Some(own), whitelist: Vec::new(), drop_strangers: false };
    let mut others_port = other_linked(&[]);
    others_port.public = Some(own_taken);
    for (resources, said) in [
        (vec![usual(&[door(1, OTHERS, ALL)])], "only one gateway can answer to it"),
        (vec![usual(&[door(1, PRIVATE, ALL), door(1, "b.example", ALL)])], "two doors"),
        (vec![usual(&[door(1, "No Host", ALL)])], "no lower-case host name"),
        (vec![Resource::Listener(nowhere)], "in no VPC"),
        (vec![Resource::Listener(nobodys)], "not part of the configuration"),
        (vec![Resource::Listener(alone(own, Scheme::Http, 3))], "no door for that VPC"),
        (vec![Resource::Listener(alone(own, Scheme::Http, 1)), usual(&[])], "no door for that VPC"),
        (vec![Resource::Listener(alone(own, Scheme::Http, 1)), ported(own)], "own port, too"),
        (vec![Resource::Listener(alone(own, Scheme::Http, 1)), Resource::Gateway(others_port)], "port of its own"),
        (vec![ported(first)], "own port, too"),
        (vec![Resource::Listener(shared(world.own, Scheme::Http, 1))], "own port, too"),
        (vec![Resource::Listener(shared(([127, 88, 1, 10], 0).into(), Scheme::Http, 1))], "has no port"),
        // Each of them would have been another interface to the kernel, or all of them.
        (on(""), "network interface"),
        (on("sixteen-letters-"), "network interface"),
        (on("et\0h0"), "network interface"),
        (on("eth0/1"), "network interface"),
        (on(".."), "network interface"),
    ] {
        let reason = refused(&world, resources).await;
        assert!(reason.contains(said), "{reason}");
    }
    // The door may not go while a listener leads to it, nor the gateway.
    let mut world = world;
    world.put(Resource::Listener(alone(own, Scheme::Http, 1))).await;
    let reason = refused(&world, vec![Resource::Gateway(linked(&world, &[door(2, "second.example", ALL)]))]).await;
    assert!(reason.contains("no door for that VPC") && reason.contains(vpc(1).as_str()), "{reason}");
    let mut next = world.snapshot.clone();
    next.remove(&ResourceKey::Gateway(gateway_id()));
    next.remove(&ResourceKey::Service(harness::service_id()));
    next.version += 1;
    let delta = domain::snapshot::Delta::between(&world.snapshot, &next);
    world.console.send(link::message::EngineDown::Config(delta)).await;
    let reason = world.console.refused(next.version).await;
    assert!(reason.contains("not part of the configuration") && reason.contains(&own.to_string()), "{reason}");
    // All is as it was.
    for (address, host) in [(own, "any.example"), (first, PRIVATE), (world.address, HOST), (world.own, HOST)] {
        assert_eq!(at(address, host).await, "test");
    }
    assert!(tokio::net::TcpStream::connect(free_address()).await.is_err());
}

#[tokio::test]
async fn the_console_is_told_of_the_host() {
    let mut world = World::new().await;
    let lo = HostAddress { interface: "lo".into(), address: [127, 0, 0, 1].into(), prefix: 8 };
    let hello = world.console.hello().await;
    assert!(hello.addresses.contains(&lo) && hello.addresses.is_sorted(), "{hello:?}");
    let addresses = |up: &EngineUp| if let EngineUp::Addresses(told) = up { Some(told.clone()) } else { None };
    assert!(world.console.hear("the addresses", addresses).await.contains(&lo));
    // One listener on an interface that is there and on one that is not.
    let address = free_in(1);
    let mut listener = shared(address, Scheme::Http, 1);
    listener.devices = vec!["nosuch0".into(), "lo".into()];
    let linked = linked(&world, &[door(1, PRIVATE, ALL)]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(listener));
            snapshot.put(Resource::Gateway(linked));
        })
        .await;
    assert_eq!(at(address, PRIVATE).await, "test");
    let doors = until("both doors", async || {
        let doors = world.console.doors().into_iter().filter(|door| door.address == address).collect::<Vec<_>>();
        (doors.len() == 2).then_some(doors)
    })
    .await;
    assert_eq!((doors[0].device.as_deref(), doors[0].open, &doors[0].error), (Some("lo"), true, &None));
    assert_eq!((doors[1].device.as_deref(), doors[1].open), (Some("nosuch0"), false));
    let error = doors[1].error.as_deref().unwrap();
    assert!(error.contains("the network interface nosuch0: No such device"), "{error}");
}
