//! Several services behind one name.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use base64::Engine;
use chrono::Utc;
use domain::id::{RANDOM_LEN, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{Delta, HeaderMatch, Membership, Resource, ResourceKey, ServiceConfig, TokenConfig};
use harness::{Answer, Client, HOST, Replica, TOKEN, World, service};
use link::message::EngineDown;
use ring::hmac;
use std::collections::BTreeMap;
use tokio::io::AsyncReadExt;

const GROUP_TOKEN: &str = "the-groups-token";

fn group_token() -> TokenConfig {
    let token = Secret::new(GROUP_TOKEN);
    TokenConfig {
        id: TokenId::from_random([77; RANDOM_LEN]),
        digest: token.digest(),
        expires_at: None,
        secret: Some(token),
    }
}

fn id(name: &str) -> ServiceId {
    ServiceId::from_random([name.as_bytes()[0]; RANDOM_LEN])
}

/// A service of the group `chat`, with the usual token for itself.
fn member(name: &str, weight: Option<u32>) -> ServiceConfig {
    let group = Membership { name: "chat".into(), weight, tokens: vec![group_token()], header: None };
    ServiceConfig { id: id(name), name: name.into(), group: Some(group), ..service() }
}

struct Chat {
    world: World,
    /// By their services; gone when they are taken out.
    replicas: Vec<(ServiceId, Replica)>,
    client: Client,
}

impl Chat {
    /// Services of the group by name and weight, each with as many replicas that say its name.
    async fn new(services: &[(&'static str, Option<u32>, usize)]) -> Self {
        let mut world = World::new().await;
        let mut replicas = Vec::new();
        for (name, _, count) in services {
            for _ in 0..*count {
                replicas.push((id(name), Replica::echo(name).await));
            }
        }
        world
            .change(|snapshot| {
                for (name, weight, _) in services {
                    snapshot.put(Resource::Service(member(name, *weight)));
                }
            })
            .await;
        let client = world.client().await;
        let mut chat = Self { world, replicas, client };
        chat.tell().await;
        chat
    }

    async fn tell(&mut self) {
        let all: Vec<_> = self.replicas.iter().map(|(id, replica)| (id.clone(), replica.address)).collect();
        self.world.agent.ready_for(&all).await;
    }

    async fn put(&mut self, service: ServiceConfig) {
        self.world.put(Resource::Service(service)).await;
    }

    async fn ask(&mut self, path: &str, token: &str) -> Answer {
        let headers = format!("Host: {HOST}\r\nAuthorization: {token}\r\n");
        self.client.head(&format!("GET /api/predict/{path} HTTP/1.1"), &headers).await
    }

    /// Who answers, or the code of the refusal.
    async fn who(&mut self, path: &str, token: &str) -> String {
        let answer = self.ask(path, token).await;
        if answer.status == 200 { answer.json()["replica"].as_str().unwrap().into() } else { answer.code() }
    }

    /// How many of so many requests to the group each answers.
    async fn shares(&mut self, requests: usize) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for _ in 0..requests {
            *shares.entry(self.who("chat/v1", GROUP_TOKEN).await).or_default() += 1;
        }
        shares
    }

    async fn refused(&mut self, service: ServiceConfig) -> String {
        let mut next = self.world.snapshot.clone();
        next.put(Resource::Service(service));
        next.version += 1;
        let console = &self.world.console;
        console.forget();
        console.send(EngineDown::Config(Delta::between(&self.world.snapshot, &next))).await;
        let reason = console.refused(next.version).await;
        // The next one has the same version.
        console.forget();
        reason
    }
}

#[tokio::test]
async fn services_take_turns_by_their_weights() {
    let services = [("stable", Some(90), 1), ("new", Some(10), 2), ("off", Some(0), 1)];
    let mut chat = Chat::new(&services).await;
    let shares = chat.shares(100).await;
    assert!((86..=94).contains(&shares["stable"]) && shares["new"] == 100 - shares["stable"], "{shares:?}");
    chat.put(member("new", Some(90))).await;
    let shares = chat.shares(100).await;
    assert!((46..=54).contains(&shares["stable"]) && shares["new"] == 100 - shares["stable"], "{shares:?}");
}

#[tokio::test]
async fn without_weights_replicas_count() {
    let mut chat = Chat::new(&[("large", None, 3), ("small", None, 1)]).await;
    let shares = chat.shares(80).await;
    assert!((56..=64).contains(&shares["large"]), "{shares:?}");
    // Those of another service count, too, from when they are ready.
    chat.replicas.push((id("small"), Replica::echo("small").await));
    chat.replicas.push((id("small"), Replica::echo("small").await));
    chat.tell().await;
    let shares = chat.shares(80).await;
    assert!((36..=44).contains(&shares["large"]), "{shares:?}");
}

#[tokio::test]
async fn the_prefix_is_cut_off_with_its_dots() {
    let mut chat = Chat::new(&[("stable", Some(1), 1)]).await;
    for (path, token, uri) in [
        ("chat", GROUP_TOKEN, "/"),
        ("chat/v1/models?a=b.c", GROUP_TOKEN, "/v1/models?a=b.c"),
        ("chat.stable", TOKEN, "/"),
        ("chat.stable?q", TOKEN, "/?q"),
        ("chat.stable/v1/chat.stable", TOKEN, "/v1/chat.stable"),
        ("stable/v1", TOKEN, "/v1"),
    ] {
        let answer = chat.ask(path, token).await;
        assert_eq!((answer.status, &answer.json()["uri"]), (200, &uri.into()), "{path}");
        assert!(answer.json()["headers"]["authorization"].is_null(), "not for the replica");
    }
    for path in ["chat.", "chat.model", "other.stable", ".stable", "chat.stable.", "chat.chat", "chat.stable.x", "."] {
        assert_ne!(chat.ask(path, TOKEN).await.status, 200, "{path}");
        chat.client = chat.world.client().await;
    }
    assert_eq!(chat.who("chat.model", TOKEN).await, "NoSuchService");
}

#[tokio::test]
async fn the_group_and_its_services_have_their_own_tokens() {
    let mut chat = Chat::new(&[("stable", Some(1), 1), ("new", Some(1), 1)]).await;
    for _ in 0..4 {
        assert_eq!(chat.who("chat", TOKEN).await, "Unauthorized");
    }
    for path in ["stable", "chat.stable"] {
        assert_eq!(chat.who(path, GROUP_TOKEN).await, "Unauthorized");
        assert_eq!(chat.who(path, TOKEN).await, "stable");
    }
}

#[tokio::test]
async fn a_service_without_replicas_is_skipped_where_another_has_some() {
    let mut chat = Chat::new(&[("stable", Some(9), 1), ("new", Some(1), 1), ("off", Some(0), 1)]).await;
    let stable = chat.replicas.remove(0);
    chat.tell().await;
    assert_eq!(chat.shares(20).await, [("new".into(), 20)].into());
    assert_eq!(chat.who("chat.stable", TOKEN).await, "NoHealthyUpstream");
    let new = chat.replicas.remove(0);
    chat.tell().await;
    // Who has no weight does not step in.
    assert_eq!(chat.who("chat", GROUP_TOKEN).await, "NoHealthyUpstream");
    assert_eq!(chat.who("chat", "wrong").await, "Unauthorized");
    chat.replicas.extend([stable, new]);
    chat.tell().await;
    let shares = chat.shares(50).await;
    assert!((42..=48).contains(&shares["stable"]), "{shares:?}");
}

#[tokio::test]
async fn a_group_is_there_as_long_as_a_service_is_in_it() {
    let mut chat = Chat::new(&[("stable", Some(1), 1), ("new", Some(1), 1)]).await;
    assert_eq!(chat.shares(20).await.len(), 2);
    // Out of the group's traffic, still called by name.
    chat.put(member("new", Some(0))).await;
    assert_eq!(chat.shares(20).await, [("stable".into(), 20)].into());
    assert_eq!(chat.who("chat.new", TOKEN).await, "new");
    chat.put(ServiceConfig { group: None, ..member("stable", None) }).await;
    assert_eq!(chat.who("chat", GROUP_TOKEN).await, "NoHealthyUpstream");
    assert_eq!(chat.who("chat.stable", TOKEN).await, "NoSuchService");
    assert_eq!(chat.who("stable", TOKEN).await, "stable");
    chat.world.change(|snapshot| assert!(snapshot.remove(&ResourceKey::Service(id("new"))))).await;
    assert_eq!(chat.who("chat", GROUP_TOKEN).await, "NoSuchService");
    // Then its name is free.
    chat.put(ServiceConfig { name: "chat".into(), group: None, ..member("stable", None) }).await;
    assert_eq!(chat.who("chat", TOKEN).await, "stable");
}

#[tokio::test]
async fn what_could_mean_two_things_is_refused() {
    let mut chat = Chat::new(&[("stable", Some(1), 1)]).await;
    let named = |name: &str| ServiceConfig { name: name.into(), group: None, ..member("x", None) };
    assert!(chat.refused(named("chat")).await.contains("a service and a group named chat"));
    assert!(chat.refused(named("chat.stable")).await.contains("two services named chat.stable"));
    let mut other = member("new", Some(1));
    other.group.as_mut().unwrap().name = "stable".into();
    assert!(chat.refused(other.clone()).await.contains("a service and a group named stable"));
    other.group.as_mut().unwrap().name = "a/b".into();
    assert!(chat.refused(other).await.contains("not named like a service"));
    let mut other = member("new", Some(1));
    other.group.as_mut().unwrap().tokens.clear();
    assert!(chat.refused(other).await.contains("different tokens for their group chat"));
    assert_eq!(chat.who("chat", GROUP_TOKEN).await, "stable");
}

#[tokio::test]
async fn a_signature_covers_the_groups_path() {
    let mut chat = Chat::new(&[("stable", Some(1), 1)]).await;
    let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, GROUP_TOKEN.as_bytes());
    let tag = hmac::sign(&key, format!("POST\n{md5}\ntext/plain\n{date}\n/api/predict/chat").as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(tag);
    let headers = format!(
        "Host: {HOST}\r\nAuthorization: EAS {signature}\r\nContent-MD5: {md5}\r\nContent-Type: text/plain\r\n\
         Date: {date}\r\nContent-Length: 0\r\n"
    );
    for (path, status) in [("chat", 200), ("chat.stable", 401), ("stable", 401)] {
        let answer = chat.client.head(&format!("POST /api/predict/{path} HTTP/1.1"), &headers).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}

async fn tunnel(world: &World, path: &str, token: &str) -> Client {
    let mut client = world.client().await;
    let handshake = format!(
        "GET /api/predict/{path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {token}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    client.write(&handshake).await;
    assert_eq!(client.answer_head().await.unwrap().status, 101);
    client
}

#[tokio::test]
async fn a_tunnel_stays_as_long_as_the_token_it_came_with() {
    let mut chat = Chat::new(&[("stable", Some(1), 0)]).await;
    chat.replicas.push((id("stable"), Replica::websocket().await));
    chat.tell().await;
    let mut by_group = tunnel(&chat.world, "chat", GROUP_TOKEN).await;
    let mut by_name = tunnel(&chat.world, "chat.stable", TOKEN).await;
    let mut revoked = member("stable", Some(1));
    revoked.tokens.clear();
    chat.put(revoked.clone()).await;
    // Both are looked at as often; the group's has been when this one is closed.
    assert!(by_name.is_closed().await);
    by_group.write("still here").await;
    let mut back = [0; 10];
    by_group.stream.read_exact(&mut back).await.unwrap();
    revoked.group.as_mut().unwrap().tokens.clear();
    chat.put(revoked).await;
    assert!(by_group.is_closed().await);
}

fn by_header(name: &str, weight: u32, header: &str, value: &str) -> ServiceConfig {
    let mut service = member(name, Some(weight));
    let matched = HeaderMatch { name: header.into(), value: value.into() };
    service.group.as_mut().unwrap().header = Some(matched);
    service
}

/// Ten thousand requests, every tenth with the header: those go to the canary, the others by weight, to 2 %.
#[tokio::test]
async fn a_header_chooses_whatever_the_weights() {
    let mut chat = Chat::new(&[("stable", Some(80), 1), ("next", Some(20), 1), ("canary", Some(0), 1)]).await;
    chat.put(by_header("canary", 0, "X-Canary", "yes")).await;
    let mut shares = BTreeMap::new();
    let line = "GET /api/predict/chat/v1 HTTP/1.1";
    for n in 0..10_000 {
        let header = match n % 10 {
            0 => "x-canary: yes\r\n",
            1 => "x-canary: no\r\n",
            _ => "",
        };
        let headers = format!("Host: {HOST}\r\nAuthorization: {GROUP_TOKEN}\r\n{header}");
        let answer = chat.client.head(line, &headers).await;
        let who = answer.json()["replica"].as_str().unwrap().to_owned();
        assert_eq!(who == "canary", n % 10 == 0, "{header} {who}");
        *shares.entry(who).or_insert(0) += 1;
    }
    assert!((7_020..=7_380).contains(&shares["stable"]) && (1_620..=1_980).contains(&shares["next"]), "{shares:?}");
    // By its own name it is asked as ever, and without a replica nobody else is.
    assert_eq!(chat.who("canary", TOKEN).await, "canary");
    chat.replicas.retain(|(of, _)| *of != id("canary"));
    chat.tell().await;
    let headers = format!("Host: {HOST}\r\nAuthorization: {GROUP_TOKEN}\r\nX-CANARY: yes\r\n");
    assert_eq!(chat.client.head(line, &headers).await.code(), "NoHealthyUpstream");
}

#[tokio::test]
async fn a_header_that_could_mean_two_or_none_is_refused() {
    let mut chat = Chat::new(&[("stable", Some(80), 1)]).await;
    chat.put(by_header("canary", 0, "X-Canary", "yes")).await;
    let reason = chat.refused(by_header("other", 0, "x-canary", "yes")).await;
    assert!(reason.contains("the same header"), "{reason}");
    for (header, value) in
        [("x canary", "a"), ("", "a"), ("x", " a"), ("x", "a\nb"), ("authorization", "a"), ("host", "a")]
    {
        let reason = chat.refused(by_header("other", 0, header, value)).await;
        assert!(reason.contains("cannot choose it"), "{header}: {reason}");
    }
    // Another value means another one.
    chat.put(by_header("other", 0, "X-Canary", "no")).await;
}
