//! Bytes by side: what came through a VPC's door is told apart from what came through the public one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::snapshot::{Resource, Scheme};
use harness::vpc::{PRIVATE, door, free_in, linked, shared, vpc};
use harness::{Client, HOST, Replica, TOKEN, World, until};
use link::telemetry::SideBytes;
use std::net::SocketAddr;

/// The newest totals, the public side first.
fn sides(world: &World) -> Vec<SideBytes> {
    let told = world.console.telemetry().into_iter().flat_map(|batch| batch.gateways);
    let mut sides = told.last().map(|told| told.sides).unwrap_or_default();
    sides.sort_by(|a, b| a.vpc.cmp(&b.vpc));
    sides
}

/// The length of the answer's body.
async fn post(address: SocketAddr, host: &str, body: &str) -> u64 {
    let mut client = Client::connect(address).await;
    let head = format!("Host: {host}\r\nAuthorization: {TOKEN}\r\nContent-Length: {}\r\n", body.len());
    let answer = client.raw(&format!("POST /api/predict/model HTTP/1.1\r\n{head}\r\n{body}")).await;
    assert_eq!(answer.status, 200);
    answer.body.len() as u64
}

#[tokio::test]
async fn bytes_are_counted_by_the_side_that_they_came_from() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let (first, second) = (free_in(1), free_in(2));
    let all = ["127.0.0.0/8"];
    let usual = linked(&world, &[door(1, PRIVATE, &all), door(2, PRIVATE, &all)]);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(shared(first, Scheme::Http, 1)));
            snapshot.put(Resource::Listener(shared(second, Scheme::Http, 2)));
            snapshot.put(Resource::Gateway(usual));
        })
        .await;
    let public = post(world.address, HOST, "12345").await;
    let private = post(first, PRIVATE, "123").await + post(first, PRIVATE, "1").await;
    let side = |vpc, bytes_in, bytes_out| SideBytes { vpc, bytes_in, bytes_out };
    let expected = [side(None, 5, public), side(Some(vpc(1)), 4, private)];
    until("the totals of both sides", async || (sides(&world) == expected).then_some(())).await;

    // They go on while the link is changed, and when it is gone and comes back.
    let less = linked(&world, &[door(2, PRIVATE, &all)]);
    world.put(Resource::Gateway(less)).await;
    let again = linked(&world, &[door(1, PRIVATE, &all)]);
    world.put(Resource::Gateway(again)).await;
    let more = post(first, PRIVATE, "1234567").await;
    let expected = [side(None, 5, public), side(Some(vpc(1)), 11, private + more)];
    until("totals that went on", async || (sides(&world) == expected).then_some(())).await;
}
