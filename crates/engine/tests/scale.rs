//! What a change costs does not grow with what stays as it is.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
mod harness;

use domain::id::{GatewayId, RANDOM_LEN, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{Resource, Snapshot};
use harness::{Client, World, free_address, gateway, service, vpc};
use link::message::EngineDown;
use std::time::{Duration, Instant};

const CHANGES: usize = 40;
/// Between a small and a large configuration with the same change; what takes a look at all takes many times as long.
const FACTOR: u32 = 4;
/// Below this, waking threads and the disk are what is measured.
const NOISE: Duration = Duration::from_millis(4);

fn id(number: usize) -> [u8; RANDOM_LEN] {
    let mut bytes = [30; RANDOM_LEN];
    for (byte, digit) in bytes.iter_mut().zip([1, 36, 36 * 36, 36 * 36 * 36]) {
        *byte = (number / digit % 36) as u8;
    }
    bytes
}

fn host(number: usize) -> String {
    format!("gw-{number}.example")
}

fn token(number: usize, change: usize) -> String {
    format!("token-{number}-{change}")
}

fn head(number: usize, of_gateways: usize, change: usize) -> String {
    let (host, token) = (host(number % of_gateways), token(number, change));
    format!("GET /api/predict/model_{number} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n")
}

fn numbered(number: usize, of_gateways: usize, change: usize) -> Resource {
    let mut config = service();
    config.id = ServiceId::from_random(id(number));
    config.gateway_id = GatewayId::from_random(id(number % of_gateways));
    config.name = format!("model_{number}");
    config.tokens[0].id = TokenId::from_random(id(number));
    config.tokens[0].digest = Secret::new(token(number, change).as_str()).digest();
    Resource::Service(config)
}

/// An engine with this many gateways and services besides those that every test has.
async fn world(gateways: usize, services: usize) -> World {
    let mut world = World::new().await;
    world
        .change(|snapshot| {
            for number in 0..gateways {
                let mut config = gateway(free_address(), &["127.0.0.0/8"]);
                config.id = GatewayId::from_random(id(number));
                let public = config.public.as_mut().unwrap();
                (public.hosts, public.own) = (vec![host(number)], None);
                config.private = vec![vpc::door(1, &host(number), &["127.0.0.0/8"])];
                snapshot.put(Resource::Gateway(config));
            }
            for number in 0..services {
                snapshot.put(numbered(number, gateways, 0));
            }
        })
        .await;
    world
}

/// Until a request is let in by it. The console's own work is not in it.
async fn time_of_a_change(world: &mut World, gateways: usize, services: usize, number: usize) -> Duration {
    let changed = number * 7919 % services;
    let mut next: Snapshot = world.snapshot.clone();
    next.put(numbered(changed, gateways, number + 1));
    next.version += 1;
    let delta = domain::snapshot::Delta::between(&world.snapshot, &next);
    world.snapshot = next;
    let mut client = Client::connect(world.address).await;
    let head = head(changed, gateways, number + 1);
    assert_eq!(client.raw(&head).await.status, 401, "before");
    world.console.forget();
    let sent = Instant::now();
    world.console.send(EngineDown::Config(delta)).await;
    loop {
        // It has no replica: who is let in learns that.
        match client.raw(&head).await.status {
            401 => assert!(sent.elapsed() < harness::SOON, "never let in"),
            status => {
                assert_eq!(status, 503);
                break;
            }
        }
    }
    let took = sent.elapsed();
    world.console.loaded(world.snapshot.version, world.snapshot.hash()).await;
    took
}

/// The least of many times is what the work takes where nothing else disturbs.
fn least(times: &[Duration]) -> Duration {
    *times.iter().min().unwrap()
}

async fn compare(gateways: usize, services: usize) {
    let (mut small, mut large) = (world(2, 20).await, world(gateways, services).await);
    let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
    // In turn, so that others on the machine disturb both.
    for number in 0..CHANGES {
        of_small.push(time_of_a_change(&mut small, 2, 20, number).await);
        of_large.push(time_of_a_change(&mut large, gateways, services, number).await);
    }
    let (of_small, of_large) = (least(&of_small), least(&of_large));
    println!("a change of 20 services: {of_small:?}; of {services} on {gateways} gateways: {of_large:?}");
    assert!(of_large < (of_small * FACTOR).max(NOISE), "{of_small:?} and {of_large:?}");
}

#[tokio::test]
async fn a_change_to_one_of_many_services_of_a_gateway() {
    compare(1, 20_000).await;
}

#[tokio::test]
async fn a_change_to_one_of_many_gateways() {
    compare(10_000, 10_000).await;
}
