//! The engine's own port.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use harness::{Agent, Client, Console, Engine, Replica, World, free_address, until};

async fn ask(address: std::net::SocketAddr, path: &str) -> (u16, String) {
    let mut client = Client::connect(address).await;
    let answer = client.head(&format!("GET {path} HTTP/1.1"), "Host: admin\r\n").await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn lives_is_ready_and_counts() {
    let admin = free_address();
    let replica = Replica::echo("a").await;
    let folder = tempfile::tempdir().unwrap();
    let console = Console::start(folder.path()).await;
    let engine = Engine::start_with(folder.path(), [9; 32], Some(admin));
    until("the port", async || tokio::net::TcpStream::connect(admin).await.ok()).await;
    assert_eq!(ask(admin, "/live").await, (200, "live\n".into()));
    assert_eq!(ask(admin, "/ready").await, (503, "no configuration yet\n".into()));
    let agent = Agent::connect(folder.path()).await;
    let mut world = World::around(engine, console, agent, folder).await;
    world.ready(&[&replica]).await;
    assert_eq!(ask(admin, "/ready").await.0, 200);
    for _ in 0..3 {
        assert_eq!(world.get("/api/predict/model").await.status, 200);
    }
    assert_eq!(world.get("/api/predict/other").await.status, 404);
    let (gateway, service) = (harness::gateway_id(), harness::service_id());
    let expected = [
        format!("inference_gateway_gateway_requests_total{{gateway=\"{gateway}\",status=\"2xx\"}} 3"),
        format!("inference_gateway_gateway_requests_total{{gateway=\"{gateway}\",status=\"4xx\"}} 1"),
        format!("inference_gateway_service_requests_total{{service=\"{service}\",status=\"2xx\"}} 3"),
        format!("inference_gateway_service_request_duration_seconds_count{{service=\"{service}\"}} 3"),
        format!("inference_gateway_service_request_duration_seconds_bucket{{le=\"+Inf\",service=\"{service}\"}} 3"),
        format!("inference_gateway_service_requests_in_flight{{service=\"{service}\"}} 0"),
        format!("inference_gateway_listener_open{{address=\"{}\"}} 1", world.address),
        format!("inference_gateway_gateway_refused_total{{gateway=\"{gateway}\",what=\"connection\"}} 0"),
        format!("inference_gateway_gateway_refused_total{{gateway=\"{gateway}\",what=\"handshake\"}} 0"),
        format!("inference_gateway_service_body_bytes_total{{service=\"{service}\",direction=\"in\"}} 0"),
        "inference_gateway_records_dropped_total 0".into(),
        "inference_gateway_configuration_version 1".into(),
    ];
    let text = until("all counted", async || {
        let (status, text) = ask(admin, "/metrics").await;
        assert_eq!(status, 200);
        text.contains(&expected[0]).then_some(text)
    })
    .await;
    for line in expected {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    let value = |name: String| {
        let line = text.lines().find_map(|line| line.strip_prefix(&name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name}\n{text}")).parse::<f64>().unwrap()
    };
    let out = format!("inference_gateway_service_body_bytes_total{{service=\"{service}\",direction=\"out\"}}");
    assert!(value(out) > 3.0 * 100.0, "three answers of the replica");
    // It has no threads of its own here.
    assert_eq!(value(format!("inference_gateway_gateway_cpu_seconds_total{{gateway=\"{gateway}\"}}")), 0.0);
    // A door that another program holds.
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap();
    let listener = domain::snapshot::ListenerConfig::new(address, domain::snapshot::Scheme::Http);
    world.put(domain::snapshot::Resource::Listener(listener)).await;
    let (status, why) = ask(admin, "/ready").await;
    assert_eq!((status, why.contains(&address.to_string())), (503, true), "{why}");
    // And one on an interface that is not there.
    let mut listener = domain::snapshot::ListenerConfig::new(free_address(), domain::snapshot::Scheme::Http);
    listener.devices = vec!["nosuch0".into()];
    let address = listener.address;
    world.put(domain::snapshot::Resource::Listener(listener)).await;
    let (_, why) = ask(admin, "/ready").await;
    assert!(why.contains(&format!("{address} on nosuch0")), "{why}");
    let (_, text) = ask(admin, "/metrics").await;
    let line = format!("inference_gateway_listener_open{{address=\"{address}\",device=\"nosuch0\"}} 0");
    assert!(text.lines().any(|found| found == line), "{text}");
}
