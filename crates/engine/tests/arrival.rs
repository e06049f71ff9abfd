//! What happens to a connection before its first request.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use domain::cidr::Cidr;
use domain::id::{GatewayId, RANDOM_LEN};
use domain::snapshot::{GatewayConfig, ListenerConfig, Resource, ResourceKey, Scheme};
use harness::tls::{Browser, Made};
use harness::{Client, HOST, Replica, TOKEN, World, free_address, gateway, gateway_id, until};
use rustls::version::{TLS12, TLS13};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// A world with a TLS listener, and its gateway changed.
async fn world(replicas: &[&Replica], edit: impl FnOnce(&mut GatewayConfig)) -> (World, SocketAddr) {
    let mut world = World::with(replicas).await;
    let address = free_address();
    let mut changed = gateway(world.own, &["127.0.0.0/8"]);
    edit(&mut changed);
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(Made::new(1, &["*.example"], true).resource());
            snapshot.put(Resource::Gateway(changed));
        })
        .await;
    (world, address)
}

/// The detail of the newest record.
async fn detail(world: &World) -> String {
    until("a record", async || {
        let records = world.console.telemetry().into_iter().flat_map(|batch| batch.records);
        records.filter_map(|record| record.detail).next_back()
    })
    .await
}

#[tokio::test]
async fn strangers_get_no_answer_where_that_is_wanted() {
    let (world, tls) = world(&[], |gateway| {
        let public = gateway.public.as_mut().unwrap();
        public.whitelist = vec![Cidr::parse("192.0.2.0/24").unwrap()];
        public.drop_strangers = true;
    })
    .await;
    for address in [world.own, world.address] {
        let mut client = Client::connect(address).await;
        client.write(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
        assert!(client.answer_head().await.is_none(), "{address}");
    }
    assert!(Browser::new(&[&TLS13]).connect(tls, HOST).await.is_err(), "not even a handshake");
    assert_eq!(detail(&world).await, "SourceDropped");
    // Another name on the same door is another gateway's, or nobody's.
    let mut client = world.client().await;
    assert_eq!(client.head("GET / HTTP/1.1", "Host: other.example\r\n").await.status, 404);
}

#[tokio::test]
async fn strangers_are_told_otherwise() {
    let (_world, tls) = world(&[], |gateway| gateway.public.as_mut().unwrap().whitelist.clear()).await;
    let mut client = Browser::new(&[&TLS13]).connect(tls, HOST).await.unwrap().client();
    assert_eq!(client.get("/").await.code(), "SourceNotAllowed");
}

#[tokio::test]
async fn a_trusted_proxy_says_whose_connection_it_is() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    world.whitelist(&["203.0.113.7/32"]).await;
    let door = world.address;
    let trusting = |blocks: &[&str]| {
        let mut listener = ListenerConfig::new(door, Scheme::Http);
        listener.trusted_proxies = blocks.iter().map(|block| Cidr::parse(block).unwrap()).collect();
        Resource::Listener(listener)
    };
    world.put(trusting(&["127.0.0.1/32"])).await;
    let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    v2.extend([203, 0, 113, 7, 192, 0, 2, 1, 0x13, 0x88, 1, 0xbb]);
    for header in [b"PROXY TCP4 203.0.113.7 192.0.2.1 5000 443\r\n".to_vec(), v2] {
        let mut client = world.client().await;
        // In two pieces, as networks do.
        client.stream.get_mut().write_all(&header[..9]).await.unwrap();
        client.stream.get_mut().write_all(&header[9..]).await.unwrap();
        let answer = client.get("/api/predict/model").await;
        assert_eq!(answer.json()["headers"]["x-forwarded-for"], "203.0.113.7");
        assert_eq!(client.get("/api/predict/model").await.status, 200, "once for a connection");
    }
    // An IPv4 client in IPv6's clothes is that IPv4 client.
    let mut mapped = world.client().await;
    mapped.write("PROXY TCP6 ::ffff:203.0.113.7 ::ffff:192.0.2.1 5000 443\r\n").await;
    assert_eq!(mapped.get("/api/predict/model").await.json()["headers"]["x-forwarded-for"], "203.0.113.7");
    let mut other = world.client().await;
    other.write("PROXY TCP4 203.0.113.8 192.0.2.1 5000 443\r\n").await;
    assert_eq!(other.get("/").await.code(), "SourceNotAllowed");
    // Without a header nobody knows who it is.
    let mut silent = world.client().await;
    silent.write(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    assert!(silent.answer_head().await.is_none());
    // From anybody else such a header is only a wrong request.
    world.put(trusting(&["192.0.2.0/24"])).await;
    let mut liar = world.client().await;
    liar.write("PROXY TCP4 203.0.113.7 192.0.2.1 5000 443\r\n\r\n").await;
    assert_eq!(liar.answer_head().await.unwrap().status, 400);
}

/// Those of a gateway are believed on its own port; on a door that it shares they are nobody, or they could say to be
/// another gateway's clients.
#[tokio::test]
async fn a_gateways_trusted_proxies_are_its_own() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let trusting = |world: &World, blocks: &[&str]| {
        let mut gateway = harness::gateway(world.own, &["203.0.113.7/32"]);
        gateway.trusted_proxies = blocks.iter().map(|block| Cidr::parse(block).unwrap()).collect();
        Resource::Gateway(gateway)
    };
    world.put(trusting(&world, &["192.0.2.7/32", "127.0.0.0/8"])).await;
    let header = "PROXY TCP4 203.0.113.7 192.0.2.1 5000 443\r\n";
    let mut client = Client::connect(world.own).await;
    client.write(header).await;
    assert_eq!(client.get("/api/predict/model").await.json()["headers"]["x-forwarded-for"], "203.0.113.7");
    let mut other = Client::connect(world.own).await;
    other.write("PROXY TCP4 203.0.113.8 192.0.2.1 5000 443\r\n").await;
    assert_eq!(other.get("/").await.code(), "SourceNotAllowed");
    let mut silent = Client::connect(world.own).await;
    silent.write(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    assert!(silent.answer_head().await.is_none(), "nobody knows who it is");
    let mut shared = world.client().await;
    shared.write(&format!("{header}\r\n")).await;
    assert_eq!(shared.answer_head().await.unwrap().status, 400);
    // Taken back, on the socket that listens all the time.
    world.put(trusting(&world, &["192.0.2.7/32"])).await;
    let mut liar = Client::connect(world.own).await;
    liar.write(&format!("{header}\r\n")).await;
    assert_eq!(liar.answer_head().await.unwrap().status, 400);
    assert_eq!(Client::connect(world.own).await.get("/").await.code(), "SourceNotAllowed");
}

#[tokio::test]
async fn clients_show_a_certificate_where_one_is_asked_for() {
    let (authority, shown) = Made::authority_and_client();
    let replica = Replica::echo("a").await;
    let (mut world, tls) = world(&[&replica], |gateway| gateway.tls.client_authorities = Some(authority)).await;
    let browser = Browser::showing(&shown);
    for resumed in [false, true] {
        let connection = browser.connect(tls, HOST).await.unwrap();
        assert_eq!(connection.is_resumed(), resumed);
        assert_eq!(connection.client().get("/api/predict/model").await.status, 200);
    }
    let (_, stranger) = Made::authority_and_client();
    for browser in [Browser::new(&[&TLS13]), Browser::new(&[&TLS12]), Browser::showing(&stranger)] {
        // In TLS 1.3 the client hears of it with the first thing that it reads.
        if let Ok(connection) = browser.connect(tls, HOST).await {
            let mut client = connection.client();
            let _ = client.stream.get_mut().write_all(b"GET / HTTP/1.1\r\n\r\n").await;
            assert!(client.answer_head().await.is_none());
        }
    }
    assert_eq!(detail(&world).await, "HandshakeFailed");
    // Not around it: in clear, under no name, or under another gateway's.
    for address in [world.address, world.own] {
        assert_eq!(Client::connect(address).await.get("/").await.code(), "ClientCertificateRequired");
    }
    let mut nameless = Browser::new(&[&TLS13]).connect(tls, "127.0.0.1").await.unwrap().client();
    assert_eq!(nameless.get("/").await.code(), "MisdirectedRequest");
    let mut other = gateway(free_address(), &["127.0.0.0/8"]);
    other.id = GatewayId::from_random([8; RANDOM_LEN]);
    other.public.as_mut().unwrap().hosts = vec!["other.example".into()];
    world.put(Resource::Gateway(other)).await;
    let easy = Browser::new(&[&TLS13]);
    let mut client = easy.connect(tls, "other.example").await.unwrap().client();
    assert_eq!(client.head("GET / HTTP/1.1", "Host: other.example\r\n").await.status, 200);
    assert_eq!(client.get("/").await.code(), "MisdirectedRequest");
}

#[tokio::test]
async fn requests_in_clear_are_sent_to_the_other_door() {
    let replica = Replica::echo("a").await;
    let (world, tls) = world(&[&replica], |gateway| {
        gateway.tls.redirect_to_port = Some(8443);
        gateway.tls.hsts_seconds = Some(300);
    })
    .await;
    let answer = world.client().await.get("/api/predict/model/v1?x=1").await;
    assert_eq!(answer.status, 308);
    assert_eq!(answer.headers["location"], format!("https://{HOST}:8443/api/predict/model/v1?x=1"));
    assert!(!answer.headers.contains_key("strict-transport-security"), "in clear it means nothing");
    // There is no HTTPS on the gateway's own port to be sent to.
    assert_eq!(Client::connect(world.own).await.get("/").await.status, 200);
    let mut client = Browser::new(&[&TLS13]).connect(tls, HOST).await.unwrap().client();
    let answer = client.get("/api/predict/model").await;
    assert_eq!((answer.status, answer.headers["strict-transport-security"].as_str()), (200, "max-age=300"));
}

/// The threads of gateways' own in this process. Other tests have none.
fn own_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("gw-")).count()
}

/// The worker that takes a connection over asks for what the first one would have asked for.
#[tokio::test]
async fn certificates_are_asked_for_by_workers_of_its_own_too() {
    let (authority, shown) = Made::authority_and_client();
    let replica = Replica::echo("a").await;
    let (_world, tls) = world(&[&replica], |gateway| {
        gateway.tls.client_authorities = Some(authority);
        (gateway.capacity.workers, gateway.capacity.connections) = (2, Some(1));
    })
    .await;
    let mut client = Browser::showing(&shown).connect(tls, HOST).await.unwrap().client();
    assert_eq!(client.get("/api/predict/model").await.status, 200);
    assert!(Browser::showing(&shown).connect(tls, HOST).await.is_err(), "one too many, on whichever thread");
}

#[tokio::test]
async fn a_gateway_with_workers_of_its_own() {
    let replica = Replica::echo("a").await;
    let (mut world, tls) = world(&[&replica], |gateway| gateway.capacity.workers = 2).await;
    assert_eq!(own_threads(), 0, "nobody has come yet");
    // By its own door, by name in clear and over TLS; in one write and in small pieces.
    let mut clients = vec![
        Client::connect(world.own).await,
        world.client().await,
        Browser::new(&[&TLS13]).connect(tls, HOST).await.unwrap().client(),
    ];
    for client in &mut clients {
        assert_eq!(client.get("/api/predict/model").await.status, 200);
    }
    let mut slow = world.client().await;
    let request = format!("GET /api/predict/model HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {TOKEN}\r\n\r\n");
    for piece in request.as_bytes().chunks(20) {
        slow.stream.get_mut().write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.answer().await.status, 200);
    let wanted = 2.min(std::thread::available_parallelism().unwrap().get());
    assert_eq!(own_threads(), wanted);
    until("its CPU time", async || {
        clients[0].get("/api/predict/model").await;
        let mut counters = world.console.telemetry().into_iter().flat_map(|batch| batch.gateways);
        counters.rfind(|counters| counters.gateway_id == gateway_id() && counters.cpu_us > 0)
    })
    .await;
    // Another edit leaves them alone; with the gateway they end.
    let mut edited = gateway(world.own, &["127.0.0.0/8", "192.0.2.0/24"]);
    edited.capacity.workers = 2;
    world.put(Resource::Gateway(edited)).await;
    for client in &mut clients {
        assert_eq!(client.get("/api/predict/model").await.status, 200);
    }
    world
        .change(|snapshot| {
            snapshot.remove(&ResourceKey::Service(harness::service_id()));
            snapshot.remove(&ResourceKey::Gateway(gateway_id()));
        })
        .await;
    until("their end", async || (own_threads() == 0).then_some(())).await;
    for mut client in clients {
        assert!(client.is_closed().await);
    }
}

#[tokio::test]
async fn a_proxys_header_may_come_in_pieces() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut listener = ListenerConfig::new(world.address, Scheme::Http);
    listener.trusted_proxies = vec![Cidr::parse("127.0.0.0/8").unwrap()];
    let mut open = gateway(world.own, &["203.0.113.7/32"]);
    open.public.as_mut().unwrap().own = None;
    world.put(Resource::Listener(listener)).await;
    world.put(Resource::Gateway(open)).await;
    for pieces in
        [["PROXY TCP4 203.0.113.7 192.0.2.1 5000 ", "443\r\n"], ["PROXY TCP4 203.0.11", "3.7 192.0.2.1 5000 443\r\n"]]
    {
        let mut client = world.client().await;
        for piece in pieces {
            client.write(piece).await;
            // Longer than the engine pauses; there is nothing to see from outside.
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        assert_eq!(client.get("/api/predict/model").await.status, 200, "{pieces:?}");
    }
}

#[tokio::test]
async fn who_does_not_shake_hands_is_not_waited_for() {
    let (world, tls) = world(&[], |_| {}).await;
    let began = Instant::now();
    let mut silent = Client::connect(tls).await;
    // The beginning of a hello that goes no further.
    let mut half = Client::connect(tls).await;
    half.stream.get_mut().write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    assert!(silent.is_closed().await && half.is_closed().await);
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(9) && waited < Duration::from_secs(20), "{waited:?}");
    assert_eq!(detail(&world).await, "HandshakeTimeout");
}
