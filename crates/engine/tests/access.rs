//! Who gets in, and where to.
mod harness;

use domain::snapshot::Resource;
use harness::{Client, HOST, Replica, TOKEN, World, gateway, service, until};

#[tokio::test]
async fn unknown_hosts_and_paths() {
    let replica = Replica::echo("a").await;
    let world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let answer = client.head("GET / HTTP/1.1", "Host: other.example\r\n").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "NoSuchGateway"));
    assert_eq!(answer.json()["request_id"].as_str(), answer.headers.get("x-request-id").map(String::as_str));
    for host in [HOST, "GW.Example", "gw.example.", "gw.example:8080"] {
        let answer = client.head("GET / HTTP/1.1", &format!("Host: {host}\r\n")).await;
        assert_eq!(answer.status, 200, "{host}");
        assert_eq!(answer.json()["gateway"], harness::gateway_id().as_str());
    }
    for path in ["/nothing", "/api/predict/", "/api/predict/other", "/API/predict/model"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NoSuchService"), "{path}");
    }
    for path in ["/api/predict/../model", "/api/predict/mod%65l", "/api/predict/model%2fx"] {
        assert_eq!(world.get(path).await.status, 400, "{path}");
    }
    assert_eq!(client.head("DELETE / HTTP/1.1", &format!("Host: {HOST}\r\n")).await.status, 405);
}

#[tokio::test]
async fn an_edit_of_the_whitelist_bites_on_an_open_connection() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    world.whitelist(&[]).await;
    let mut clients = [world.client().await, Client::connect(world.own).await];
    for client in &mut clients {
        let answer = client.get("/api/predict/model").await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "SourceNotAllowed"));
    }
    world.whitelist(&["192.0.2.0/24", "127.0.0.1/32"]).await;
    for client in &mut clients {
        assert_eq!(client.get("/api/predict/model").await.status, 200);
    }
    world.whitelist(&["192.0.2.0/24"]).await;
    for client in &mut clients {
        assert_eq!(client.get("/api/predict/model").await.status, 403);
    }
}

#[tokio::test]
async fn tokens() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut client = world.client().await;
    let line = "GET /api/predict/model HTTP/1.1";
    for wrong in
        ["", "Authorization: nonsense\r\n", "Authorization: Bearer\r\n", "Authorization: Basic dGhlLXRva2Vu\r\n"]
    {
        let answer = client.head(line, &format!("Host: {HOST}\r\n{wrong}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "Unauthorized"), "{wrong}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    for right in [TOKEN.to_owned(), format!("Bearer {TOKEN}"), format!("bearer {TOKEN}")] {
        let answer = client.head(line, &format!("Host: {HOST}\r\nAuthorization: {right}\r\n")).await;
        assert_eq!(answer.status, 200, "{right}");
        assert!(answer.json()["headers"]["authorization"].is_null(), "not for the replica");
    }
    let mut expired = service();
    expired.tokens[0].expires_at = Some("2020-01-01T00:00:00Z".parse().unwrap());
    world.put(Resource::Service(expired)).await;
    assert_eq!(client.get("/api/predict/model").await.status, 401);
}

#[tokio::test]
async fn the_portal_off_and_on() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut idle = Client::connect(world.own).await;
    let answer = idle.head("GET / HTTP/1.1", "Host: whatever.example\r\n").await;
    assert_eq!(answer.status, 200, "every host is welcome at the own port");
    let mut off = gateway(world.own, &["127.0.0.0/8"]);
    off.public = None;
    world.put(Resource::Gateway(off)).await;
    assert!(tokio::net::TcpStream::connect(world.own).await.is_err(), "refused");
    assert!(idle.is_closed().await);
    let answer = world.get("/").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "NoSuchGateway"));
    world.whitelist(&["127.0.0.0/8"]).await;
    assert_eq!(world.get("/").await.status, 200);
    let mut again = Client::connect(world.own).await;
    assert_eq!(again.get("/api/predict/model").await.status, 200);
}

#[tokio::test]
async fn a_closing_door_lets_the_request_under_way_end() {
    let (replica, mut streams) = Replica::events().await;
    let mut world = World::with(&[&replica]).await;
    let mut client = Client::connect(world.own).await;
    client.write(&format!("GET /api/predict/model HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\r\n")).await;
    let events = streams.recv().await.unwrap();
    assert_eq!(client.answer_head().await.unwrap().status, 200);
    let mut off = gateway(world.own, &[]);
    off.public = None;
    world.put(Resource::Gateway(off)).await;
    events.send("still here".into()).unwrap();
    assert_eq!(client.chunk().await.as_deref(), Some("still here"));
    drop(events);
    assert_eq!(client.chunk().await, None);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn an_occupied_port_is_reported_and_healed() {
    let mut world = World::new().await;
    let occupant = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = occupant.local_addr().unwrap();
    world.put(Resource::Gateway(gateway(address, &["127.0.0.0/8"]))).await;
    let report = async |open| {
        until("a report", async || {
            world.console.doors().into_iter().find(|door| door.address == address && door.open == open)
        })
        .await
    };
    assert!(report(false).await.error.unwrap().contains("in use"));
    drop(occupant);
    assert_eq!(report(true).await.error, None);
    assert_eq!(Client::connect(address).await.get("/").await.status, 200);
}
