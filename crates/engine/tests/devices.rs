//! Listeners on network interfaces, on machines that are namespaces. As root; else skipped, which is printed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::network::HostAddress;
use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::namespace::{Namespace, can_be_made};
use harness::vpc::{alone, ask, door, linked};
use harness::{Agent, Console, Engine, World, until};
use link::message::{DoorReport, EngineUp};
use std::io::ErrorKind::ConnectionRefused;
use std::net::SocketAddr;

const ADDRESS: &str = "10.1.1.1:8080";
const FIRST: (&str, &str, &str) = ("first", "10.1.1.1/24", "10.1.1.2/24");
const SECOND: (&str, &str, &str) = ("second", "10.1.2.1/24", "10.1.2.2/24");
const STRANGE: (&str, &str, &str) = ("strange", "10.2.0.1/24", "10.2.0.2/24");

/// An engine's machine, a client in each of two zones of a VPC, and one elsewhere.
struct Machines {
    world: World,
    first: Namespace,
    second: Namespace,
    elsewhere: Namespace,
    /// Last: the engine ends before.
    host: Namespace,
}

/// The usual gateway's listener on these interfaces.
fn listener(devices: &[&str]) -> ListenerConfig {
    let devices = devices.iter().map(|device| (*device).into()).collect();
    ListenerConfig { devices, ..alone(ADDRESS.parse().unwrap(), Scheme::Http, 1) }
}

/// With this listener.
async fn machines(listener: ListenerConfig) -> Machines {
    let host = Namespace::new();
    let [first, second, elsewhere] =
        [FIRST, SECOND, STRANGE].map(|(interface, here, there)| host.neighbour(interface, here, there));
    let folder = tempfile::tempdir().unwrap();
    let console = Console::start(folder.path()).await;
    let engine = Engine::within(folder.path(), &host.path());
    let agent = Agent::connect(folder.path()).await;
    let mut world = World::around(engine, console, agent, folder).await;
    let everybody = linked(&world, &[door(1, "gw-vpc.example", &["0.0.0.0/0"])]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Gateway(everybody));
            snapshot.put(Resource::Listener(listener));
        })
        .await;
    Machines { world, first, second, elsewhere, host }
}

impl Machines {
    /// The newest reports about the listener: interface, and why it is not open.
    fn doors(&self) -> Vec<(String, Option<String>)> {
        let doors = self.world.console.doors();
        let about = doors.into_iter().filter(|door| door.address == ADDRESS.parse::<SocketAddr>().unwrap());
        about
            .map(|DoorReport { device, error, open, .. }| {
                assert_eq!(open, error.is_none());
                (device.unwrap_or_default(), error)
            })
            .collect()
    }

    async fn are_open(&self, interfaces: &[&str]) {
        until("open doors", async || {
            let doors = self.doors();
            (doors.iter().all(|(_, error)| error.is_none()) && names(&doors) == interfaces).then_some(())
        })
        .await;
    }

    /// Waits until the door of this interface is reported as closed for this reason.
    async fn is_closed(&self, interface: &str, reason: &str) {
        until("a closed door", async || {
            self.doors()
                .iter()
                .any(|(name, error)| name == interface && error.as_deref().is_some_and(|why| why.contains(reason)))
                .then_some(())
        })
        .await;
    }

    fn addresses(&self) -> Vec<Vec<HostAddress>> {
        self.world
            .console
            .all(|up| if let EngineUp::Addresses(addresses) = up { Some(addresses.clone()) } else { None })
    }
}

fn names(doors: &[(String, Option<String>)]) -> Vec<&str> {
    doors.iter().map(|(name, _)| name.as_str()).collect()
}

async fn serves(from: &Namespace) -> bool {
    match from.connect(ADDRESS.parse().unwrap()).await {
        Ok(mut client) => ask(&mut client, "any.example").await == "test",
        Err(_) => false,
    }
}

async fn is_refused(from: &Namespace) {
    let met = from.connect(ADDRESS.parse().unwrap()).await.map(|_| ());
    assert_eq!(met.map_err(|error| error.kind()), Err(ConnectionRefused));
}

#[tokio::test]
async fn a_listener_is_reached_through_its_interfaces_only() {
    if !can_be_made() {
        return;
    }
    let mut it = machines(listener(&[])).await;
    // On none of its own it is reached from everywhere, also where its address is not.
    it.are_open(&[""]).await;
    for from in [&it.first, &it.second, &it.elsewhere, &it.host] {
        assert!(serves(from).await);
    }
    it.world.put(Resource::Listener(listener(&["second", "first"]))).await;
    it.are_open(&["first", "second"]).await;
    assert!(serves(&it.first).await && serves(&it.second).await);
    is_refused(&it.elsewhere).await;
    // To Linux the machine itself is on the interface that has the address.
    assert!(serves(&it.host).await);

    // One comes, another goes, and the third is not touched.
    let mut stays = it.first.connect(ADDRESS.parse().unwrap()).await.unwrap();
    let mut goes = it.second.connect(ADDRESS.parse().unwrap()).await.unwrap();
    for client in [&mut stays, &mut goes] {
        assert_eq!(ask(client, "any.example").await, "test");
    }
    it.world.put(Resource::Listener(listener(&["first", "strange"]))).await;
    it.are_open(&["first", "strange"]).await;
    assert!(goes.is_closed().await);
    assert_eq!(ask(&mut stays, "any.example").await, "test");
    assert!(serves(&it.first).await && serves(&it.elsewhere).await);
    is_refused(&it.second).await;
}

#[tokio::test]
async fn an_address_that_goes_and_comes_back() {
    if !can_be_made() {
        return;
    }
    let it = machines(listener(&["first", "second"])).await;
    it.are_open(&["first", "second"]).await;
    let of = |interface: &str, address: &str, prefix| HostAddress {
        interface: interface.into(),
        address: address.parse().unwrap(),
        prefix,
    };
    let hello = it.world.console.hello().await;
    let four = |all: Vec<HostAddress>| all.into_iter().filter(|each| each.address.is_ipv4()).collect::<Vec<_>>();
    let all = [
        of("first", "10.1.1.1", 24),
        of("lo", "127.0.0.1", 8),
        of("second", "10.1.2.1", 24),
        of("strange", "10.2.0.1", 24),
    ];
    assert_eq!(four(hello.addresses), all);
    assert!(serves(&it.second).await);
    for _ in 0..2 {
        it.host.ip("addr del 10.1.1.1/24 dev first");
        for interface in ["first", "second"] {
            it.is_closed(interface, "the address is no longer on an interface of this host").await;
        }
        assert!(!serves(&it.second).await);
        until("the addresses", async || {
            it.addresses().last().is_some_and(|told| !told.contains(&all[0]) && told.contains(&all[1])).then_some(())
        })
        .await;
        it.host.ip("addr add 10.1.1.1/24 dev first");
        it.are_open(&["first", "second"]).await;
        assert!(serves(&it.first).await && serves(&it.second).await);
        until("the addresses", async || it.addresses().pop().filter(|told| four(told.clone()) == all)).await;
    }
    let told = it.addresses();
    assert!(told.windows(2).all(|two| two[0] != two[1]), "only changes: {told:?}");
    assert!(told.iter().all(|addresses| addresses.is_sorted()));
}

#[tokio::test]
async fn what_is_not_there_yet_is_opened_when_it_comes() {
    if !can_be_made() {
        return;
    }
    let it = machines(listener(&["first", "late"])).await;
    it.is_closed("late", "the network interface late: No such device").await;
    assert!(serves(&it.first).await);
    let late = it.host.neighbour("late", "10.1.3.1/24", "10.1.3.2/24");
    it.are_open(&["first", "late"]).await;
    assert!(serves(&late).await);
    // The interface goes, and another one comes under its name.
    it.host.ip("link del late");
    drop(late);
    it.is_closed("late", "No such device").await;
    assert!(serves(&it.first).await);
    let late = it.host.neighbour("late", "10.1.3.1/24", "10.1.3.2/24");
    until("the new interface", async || serves(&late).await.then_some(())).await;
    it.are_open(&["first", "late"]).await;

    // An address that nobody has yet.
    let mut it = it;
    let mut other = listener(&["first"]);
    other.address = "10.1.1.9:8080".parse().unwrap();
    let address = other.address;
    it.world.put(Resource::Listener(other)).await;
    let report = async |open| {
        until("a report", async || {
            it.world.console.doors().into_iter().find(|door| door.address == address && door.open == open)
        })
        .await
    };
    assert!(report(false).await.error.unwrap().contains("Cannot assign requested address"));
    it.host.ip("addr add 10.1.1.9/24 dev first");
    assert_eq!(report(true).await.error, None);
    let mut client = it.first.connect(address).await.unwrap();
    assert_eq!(ask(&mut client, "any.example").await, "test");
}
