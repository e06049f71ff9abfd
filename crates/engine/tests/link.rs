//! Configuration, telemetry, the disk, and life without a console.
mod harness;

use domain::snapshot::{Delta, Resource, Snapshot};
use harness::{Client, Console, Engine, HOST, Replica, TOKEN, World, gateway, service, until};
use link::message::EngineDown;
use link::telemetry::{AccessRecord, Counters};
use std::time::Duration;

#[tokio::test]
async fn a_refused_configuration_leaves_the_one_before() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut strange = world.snapshot.clone();
    strange.version = 70;
    strange.put(Resource::Gateway(gateway(world.own, &[])));
    let mut next = strange.clone();
    next.version = 71;
    next.put(Resource::Gateway(gateway(world.own, &["10.0.0.0/8"])));
    world.console.send(EngineDown::Config(Delta::between(&strange, &next))).await;
    assert!(world.console.refused(71).await.contains("send it whole"));
    // Two gateways with one host.
    let mut twice = world.snapshot.clone();
    twice.version = 72;
    let mut other = gateway(harness::free_address(), &["127.0.0.0/8"]);
    other.id = domain::id::GatewayId::from_random([77; domain::id::RANDOM_LEN]);
    twice.put(Resource::Gateway(other));
    world.console.send(EngineDown::Config(Delta::between(&world.snapshot, &twice))).await;
    assert!(world.console.refused(72).await.contains(HOST));
    assert_eq!(world.get("/api/predict/model").await.status, 200);
    world.whitelist(&[]).await;
    assert_eq!(world.get("/api/predict/model").await.status, 403);
}

#[tokio::test]
async fn serves_after_a_restart_with_neither_console_nor_agent() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    world.whitelist(&["127.0.0.1/32"]).await;
    let World { engine, console, address, own, snapshot, folder, agent } = world;
    drop((console, agent));
    engine.stop();
    let engine = Engine::start(folder.path());
    let get = async |address| {
        until("a door", async || tokio::net::TcpStream::connect(address).await.ok()).await;
        Client::connect(address).await.get("/api/predict/model").await
    };
    assert_eq!((get(address).await.status, get(own).await.status), (200, 200));
    let console = Console::start(folder.path()).await;
    let hello = console.hello().await;
    assert_eq!((hello.version, hello.hash), (snapshot.version, snapshot.hash()));
    engine.stop();
}

#[tokio::test]
async fn a_torn_log_and_a_damaged_base() {
    let mut world = World::new().await;
    let before = world.snapshot.clone();
    world.whitelist(&[]).await;
    let World { engine, console, snapshot, folder, address, .. } = world;
    drop(console);
    engine.stop();
    let log = folder.path().join("snapshot.log");
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, &whole[..whole.len() - 3]).unwrap();
    let engine = Engine::start(folder.path());
    let console = Console::start(folder.path()).await;
    assert_eq!(console.hello().await.hash, before.hash(), "the last change is missing, no more");
    console.config(&before, &snapshot).await;
    drop(console);
    engine.stop();
    std::fs::write(folder.path().join("snapshot.base"), b"what is this").unwrap();
    let engine = Engine::start(folder.path());
    let console = Console::start(folder.path()).await;
    assert_eq!(console.hello().await.hash, Snapshot::default().hash(), "empty");
    assert!(folder.path().join("snapshot.base.corrupt").exists());
    console.send(EngineDown::Config(Delta::whole(&snapshot))).await;
    console.loaded(snapshot.version, snapshot.hash()).await;
    assert_eq!(Client::connect(address).await.get("/").await.status, 403);
    engine.stop();
}

#[tokio::test]
async fn a_folder_that_cannot_be_written() {
    let mut world = World::new().await;
    // A folder where the temporary file should be: not even root can write that.
    std::fs::remove_file(world.folder.path().join("snapshot.log")).unwrap();
    std::fs::create_dir(world.folder.path().join("snapshot.base.tmp")).unwrap();
    world.whitelist(&[]).await;
    assert_eq!(world.get("/").await.status, 403, "served all the same");
    std::fs::remove_dir(world.folder.path().join("snapshot.base.tmp")).unwrap();
    world.whitelist(&["127.0.0.1/32"]).await;
    let World { engine, console, snapshot, folder, .. } = world;
    drop(console);
    engine.stop();
    let engine = Engine::start(folder.path());
    assert_eq!(Console::start(folder.path()).await.hello().await.hash, snapshot.hash());
    engine.stop();
}

fn records(world: &World) -> Vec<AccessRecord> {
    let mut seen = std::collections::BTreeMap::new();
    for batch in world.console.telemetry() {
        seen.insert(batch.sequence, batch.records);
    }
    seen.into_values().flatten().collect()
}

fn newest_counters(world: &World) -> (Counters, Counters) {
    let (mut gateway, mut service) = (Counters::default(), Counters::default());
    for batch in world.console.telemetry() {
        gateway = batch.gateways.into_iter().next_back().map_or(gateway, |told| told.counters);
        service = batch.services.into_iter().next_back().map_or(service, |told| told.counters);
    }
    (gateway, service)
}

#[tokio::test]
async fn every_request_is_counted_and_recorded() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let body = client.get("/api/predict/model/x?secret=1").await.body;
    client.get("/api/predict/other").await;
    client.head("GET /api/predict/model HTTP/1.1", &format!("Host: {HOST}\r\n")).await;
    client.head("GET / HTTP/1.1", "Host: nobody.example\r\n").await;
    let records = until("four records", async || Some(records(&world)).filter(|records| records.len() == 4)).await;
    let short: Vec<_> = records.iter().map(|record| (record.status, record.detail.as_deref())).collect();
    let unknown = (404, Some("NoSuchGateway"));
    assert_eq!(short, [(200, None), (404, Some("NoSuchService")), (401, Some("Unauthorized")), unknown]);
    let first = &records[0];
    assert_eq!((first.path.as_str(), first.host.as_str()), ("/api/predict/model/x", HOST));
    assert_eq!(first.gateway_id, Some(harness::gateway_id()));
    assert_eq!(first.service_id, Some(harness::service_id()));
    assert_eq!(first.token_id, Some(harness::token_id()));
    assert_eq!(first.replica_id, Some(harness::replica_id(10)));
    assert_eq!((first.bytes_out, first.local), (body.len() as u64, world.address));
    assert!(first.upstream_us.is_some_and(|upstream| upstream > 0 && upstream <= first.duration_us));
    assert_eq!((&records[3].gateway_id, &records[3].token_id), (&None, &None));
    let (gateway, service) = newest_counters(&world);
    assert_eq!((gateway.requests, gateway.status_2xx, gateway.status_4xx, gateway.in_flight), (3, 1, 2, 0));
    assert_eq!((service.requests, service.status_2xx, service.status_4xx), (2, 1, 1));
}

#[tokio::test]
async fn telemetry_that_was_not_received_is_sent_again() {
    let world = World::new().await;
    world.console.acknowledge(false);
    world.get("/").await;
    until("a record", async || Some(()).filter(|()| !records(&world).is_empty())).await;
    world.console.forget();
    world.console.acknowledge(true);
    world.console.hang_up().await;
    until("it again", async || Some(()).filter(|()| !records(&world).is_empty())).await;
    assert_eq!(records(&world).len(), 1);
}

#[tokio::test]
async fn a_thousand_publications_under_load() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut load = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (mut client, stop) = (world.client().await, stop.clone());
        load.spawn(async move {
            let mut served = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let answer = client.get("/api/predict/model").await;
                assert_eq!(answer.status, 200);
                served += 1;
            }
            served
        });
    }
    for n in 0..1000u64 {
        let mut edited = service();
        edited.body_limit = n;
        let mut next = world.snapshot.clone();
        next.version += 1;
        next.put(Resource::Service(edited));
        world.console.send(EngineDown::Config(Delta::between(&world.snapshot, &next))).await;
        world.snapshot = next;
    }
    world.console.loaded(world.snapshot.version, world.snapshot.hash()).await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let served: u32 = load.join_all().await.into_iter().sum();
    assert!(served > 0);
}

#[tokio::test]
async fn ends_when_the_request_under_way_has_ended() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    let (mut busy, mut idle) = (world.client().await, world.client().await);
    idle.get("/").await;
    let headers = format!("Host: {HOST}\r\nAuthorization: {}\r\n", harness::TOKEN);
    busy.write(&format!("GET /api/predict/model HTTP/1.1\r\n{headers}\r\n")).await;
    let events = streams.recv().await.unwrap();
    busy.answer_head().await.unwrap();
    world.engine.tell_stop();
    assert!(idle.is_closed().await);
    until("closed doors", async || tokio::net::TcpStream::connect(world.address).await.err()).await;
    events.send("end".into()).unwrap();
    drop(events);
    assert_eq!(busy.chunk().await.as_deref(), Some("end"));
    assert_eq!(busy.chunk().await, None);
    let World { engine, .. } = world;
    tokio::task::spawn_blocking(|| engine.stop()).await.unwrap();
}

#[tokio::test]
async fn a_record_tells_the_whole_way() {
    let replica = Replica::slow_echo("a", Duration::from_millis(20)).await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\nUser-Agent: tester/1\r\nTraceparent: {trace}\r\n");
    let seen = client.head("GET /api/predict/model HTTP/1.1", &headers).await.json();
    assert_eq!(seen["headers"]["traceparent"], trace, "a trace goes on");
    let begun = client.get("/api/predict/model").await.json();
    let begun = begun["headers"]["traceparent"].as_str().unwrap().to_owned();
    let two = until("two records", async || Some(records(&world)).filter(|records| records.len() == 2)).await;
    let (first, second) = (&two[0], &two[1]);
    assert_eq!(first.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    assert!(two.iter().all(|record| record.span_id.is_none()), "nobody wants to see them");
    assert!(begun.ends_with("-00"), "{begun}");
    assert!(begun.contains(second.trace_id.as_deref().unwrap()), "or begins: {begun}");
    assert_eq!((first.protocol.as_str(), &first.tls, first.user_agent.as_str()), ("HTTP/1.1", &None, "tester/1"));
    assert_eq!(first.tries, 1);
    let (sent, head) = (first.sent_us.unwrap(), first.upstream_us.unwrap());
    assert!(sent < head && head <= first.duration_us && head - sent >= 15_000, "{first:?}");
}

#[tokio::test]
async fn a_request_is_a_span_between_its_clients_and_its_replicas() {
    let replica = Replica::echo("a").await;
    let folder = tempfile::tempdir().unwrap();
    let console = Console::start(folder.path()).await;
    let engine = Engine::tracing(folder.path());
    let agent = harness::Agent::connect(folder.path()).await;
    let mut world = World::around(engine, console, agent, folder).await;
    world.ready(&[&replica]).await;
    let mut client = world.client().await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let mut heard = Vec::new();
    for said in ["", "b7ad6b7169203331-01", "b7ad6b7169203331-ff", "b7ad6b7169203331-00"] {
        let said = if said.is_empty() { "Tracestate: a=1\r\n" } else { &format!("Traceparent: 00-{trace}-{said}\r\n") };
        let headers = format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n{said}");
        let seen = client.head("GET /api/predict/model HTTP/1.1", &headers).await.json();
        assert_eq!(seen["headers"]["tracestate"].as_str(), None, "of a trace that is not this one");
        heard.push(seen["headers"]["traceparent"].as_str().unwrap().to_owned());
    }
    let told = until("four records", async || Some(records(&world)).filter(|records| records.len() == 4)).await;
    let of = |at: usize| (told[at].trace_id.clone().unwrap(), told[at].span_id, told[at].parent_span_id);
    // What the replica was told names the span that was recorded.
    let own = |at: usize, flags: &str| format!("00-{}-{:016x}-{flags}", of(at).0, of(at).1.unwrap());
    assert_eq!((heard[0].clone(), of(0).2), (own(0, "01"), None), "begun here");
    let parent = Some(0xb7ad_6b71_6920_3331);
    assert_eq!((heard[1].clone(), of(1).0.as_str(), of(1).2), (own(1, "01"), trace, parent));
    assert_eq!((heard[2].clone(), of(2).2), (own(2, "03"), parent), "flags that nobody knows are not passed on");
    // Who began the trace does not want it.
    assert_eq!(heard[3], format!("00-{trace}-b7ad6b7169203331-00"));
    assert_eq!((of(3).1, of(3).2), (None, None));
    assert_ne!(of(1).1, of(2).1);
}

/// A gateway whose capacity needs more is told so on its page.
#[tokio::test]
async fn the_console_is_told_how_many_files_may_be_open() {
    let world = World::new().await;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    assert_eq!(world.console.hello().await.open_files, limit.maximum);
    assert_eq!(limit.current, limit.maximum, "as many as there may be");
}
