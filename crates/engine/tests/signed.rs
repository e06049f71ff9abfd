//! Requests that are signed with a token.
mod harness;

use base64::Engine;
use chrono::{TimeDelta, Utc};
use domain::secret::Secret;
use domain::snapshot::{Resource, ServiceConfig};
use harness::{Answer, Client, HOST, Replica, TOKEN, World, python, service};
use md5::{Digest, Md5};
use ring::hmac;

fn signing() -> ServiceConfig {
    let mut service = service();
    service.tokens[0].secret = Some(Secret::new(TOKEN));
    service
}

async fn world(replica: &Replica) -> World {
    let mut world = World::with(&[replica]).await;
    world.put(Resource::Service(signing())).await;
    world
}

/// What a client sends, before it is changed.
struct Signed {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Signed {
    fn new(body: &str) -> Self {
        Self::with(body, TOKEN, TimeDelta::zero())
    }

    fn with(body: &str, token: &str, off: TimeDelta) -> Self {
        let (path, kind) = ("/api/predict/model".to_owned(), "application/octet-stream".to_owned());
        let md5: String = Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        let date = (Utc::now() + off).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
        let tag = hmac::sign(&key, format!("POST\n{md5}\n{kind}\n{date}\n{path}").as_bytes());
        let signature = format!("EAS {}", base64::engine::general_purpose::STANDARD.encode(tag));
        let headers = vec![("Content-MD5", md5), ("Date", date), ("Content-Type", kind), ("Authorization", signature)];
        Self { method: "POST", path, headers, body: body.into() }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.headers.iter_mut().filter(|(n, _)| *n == name).for_each(|header| header.1 = value.into());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self
    }

    async fn send(&self, client: &mut Client) -> Answer {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{} {} HTTP/1.1\r\nHost: {HOST}\r\n{headers}", self.method, self.path);
        client.raw(&format!("{head}Content-Length: {}\r\n\r\n{}", self.body.len(), self.body)).await
    }

    async fn send_in_chunks(&self, client: &mut Client) -> Answer {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{} {} HTTP/1.1\r\nHost: {HOST}\r\n{headers}", self.method, self.path);
        let chunks: String = self.body.chars().map(|c| format!("1\r\n{c}\r\n")).collect();
        client.raw(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")).await
    }
}

#[tokio::test]
async fn what_was_signed_passes() {
    let replica = Replica::echo("a").await;
    let world = world(&replica).await;
    let mut client = world.client().await;
    for body in ["hello", "", "hello again"] {
        let answer = Signed::new(body).send(&mut client).await;
        assert_eq!((answer.status, &answer.json()["len"]), (200, &body.len().into()), "{answer:?}");
        assert!(answer.json()["headers"]["authorization"].is_null(), "not for the replica");
        assert_eq!(Signed::new(body).send_in_chunks(&mut client).await.status, 200);
    }
    // The token itself still does, and one that signs nothing here signs nothing.
    assert_eq!(client.get("/api/predict/model").await.status, 200);
    let mut world = world;
    world.put(Resource::Service(service())).await;
    assert_eq!(Signed::new("hello").send(&mut client).await.code(), "BadSignature");
}

#[tokio::test]
async fn what_was_not_signed_does_not() {
    let replica = Replica::echo("a").await;
    let world = world(&replica).await;
    let refused = async |what: &str, signed: Signed| {
        let answer = signed.send(&mut world.client().await).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "BadSignature"), "{what}: {answer:?}");
        answer.json()["message"].as_str().unwrap().to_owned()
    };
    for header in ["Content-MD5", "Date", "Content-Type"] {
        let said = refused("without", Signed::new("x").without(header)).await;
        assert!(said.contains(header), "{said}");
    }
    for body in ["y", "", "xx"] {
        let said = refused("another body", Signed { body: body.into(), ..Signed::new("x") }).await;
        assert!(said.contains("MD5"), "{said}");
    }
    refused("another kind", Signed::new("x").set("Content-Type", "text/html")).await;
    refused("another path", Signed { path: "/api/predict/model/other".into(), ..Signed::new("x") }).await;
    refused("another method", Signed { method: "DELETE", ..Signed::new("x") }).await;
    refused("another token", Signed::with("x", "not-the-token", TimeDelta::zero())).await;
    refused("nonsense", Signed::new("x").set("Authorization", "EAS \u{1F600}!")).await;
    refused("nothing", Signed::new("x").set("Authorization", "EAS ====")).await;
    let said = refused("an old one", Signed::with("x", TOKEN, TimeDelta::hours(-13))).await;
    assert!(said.contains("clock"), "{said}");
    refused("one from the future", Signed::with("x", TOKEN, TimeDelta::hours(15))).await;
}

#[tokio::test]
async fn a_forged_body_never_arrives_whole() {
    let replica = Replica::echo("a").await;
    let world = world(&replica).await;
    let forged = Signed { body: "forged".into(), ..Signed::new("hello") };
    let answer = forged.send_in_chunks(&mut world.client().await).await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "BadSignature"));
    assert_eq!(Signed::new("hello").send(&mut world.client().await).await.status, 200);
}

#[tokio::test]
async fn an_old_and_a_new_token_overlap() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut both = signing();
    let mut new = both.tokens[0].clone();
    new.id = domain::id::TokenId::from_random([5; domain::id::RANDOM_LEN]);
    (new.digest, new.secret) = (Secret::new("new").digest(), Some(Secret::new("new")));
    both.tokens[0].expires_at = Some(Utc::now() + TimeDelta::hours(1));
    both.tokens.push(new);
    world.put(Resource::Service(both.clone())).await;
    let status = async |world: &World, token| {
        Signed::with("x", token, TimeDelta::zero()).send(&mut world.client().await).await.status
    };
    assert_eq!((status(&world, TOKEN).await, status(&world, "new").await), (200, 200));
    both.tokens[0].expires_at = Some(Utc::now() - TimeDelta::seconds(1));
    world.put(Resource::Service(both)).await;
    assert_eq!((status(&world, TOKEN).await, status(&world, "new").await), (401, 200));
}

#[tokio::test]
async fn a_service_may_see_the_token() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let mut seeing = signing();
    seeing.policy.pass_token = true;
    world.put(Resource::Service(seeing)).await;
    let mut client = world.client().await;
    assert_eq!(client.get("/api/predict/model").await.json()["headers"]["authorization"], TOKEN);
    let signed = Signed::new("x");
    assert_eq!(signed.send(&mut client).await.json()["headers"]["authorization"], signed.headers[3].1.as_str());
}

/// Unchanged, from PyPI, wherever its clock stands.
#[tokio::test(flavor = "multi_thread")]
async fn the_official_client() {
    let package = python::package("eas-prediction==0.36");
    const SCRIPT: &str = "
import sys
from eas_prediction import PredictClient, StringRequest, PredictException
client = PredictClient(sys.argv[1], 'model')
client.set_token(sys.argv[2])
client.set_timeout(20000)
client.init()
for body in sys.argv[3:]:
    try:
        print(client.predict(StringRequest(body)).to_string())
    except PredictException as error:
        print(error)
";
    let replica = Replica::echo("a").await;
    let world = world(&replica).await;
    let own = world.own.to_string();
    for zone in ["UTC", "Asia/Shanghai", "America/Los_Angeles", "Asia/Kathmandu"] {
        let output = python::run(&package, zone, SCRIPT, &[&own, TOKEN, "[{}]", "", "ä"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        for len in ["\"len\":4", "\"len\":0", "\"len\":2"] {
            assert!(said.contains(len), "{zone}: {said} {output:?}");
        }
    }
    let output = python::run(&package, "UTC", SCRIPT, &[&own, "wrong", "x"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("401") && said.contains("BadSignature"), "{said} {output:?}");
}
