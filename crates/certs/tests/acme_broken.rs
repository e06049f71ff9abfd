//! ACME servers that are down, strangers, or hostile: each a clear sentence, within bounds.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use certs::acme::{Account, Challenge, Registration, Server, Solver, Wanted};
use chrono::Utc;
use domain::certificate::{ChallengeKind, IssueFailure, Unreachable};
use harness::pebble::{ports, tls};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const SOON: Duration = Duration::from_secs(20);

/// A TLS server that answers requests with what `answer` makes of their first line.
struct Stranger {
    url: String,
    root: String,
    task: JoinHandle<()>,
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stranger {
    /// `answer` gets the request line and this server's base URL.
    async fn start(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        let (root, chain, key) = tls();
        let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let url = format!("{base}/dir");
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer, base) = (acceptor.clone(), answer.clone(), base.clone());
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await?;
                    let mut request = vec![0; 16 * 1024];
                    let read = stream.read(&mut request).await?;
                    let text = String::from_utf8_lossy(&request[..read]);
                    stream.write_all(answer(text.lines().next().unwrap_or_default(), &base).as_bytes()).await?;
                    stream.shutdown().await
                });
            }
        });
        Self { url, root, task }
    }

    fn server(&self) -> Server {
        Server::new(&self.url, &self.root).unwrap()
    }

    async fn register(&self) -> Result<Account, IssueFailure> {
        let registration = Registration { terms_agreed: true, ..Registration::default() };
        Account::register(&self.server(), &registration, SOON).await.map(|(account, _)| account)
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

/// As a server does that knows what ACME is, but for the path `/order`.
fn acme(line: &str, base: &str, order: &str) -> String {
    let nonce = "Replay-Nonce: abc\r\n";
    match line.split(' ').nth(1).unwrap_or_default() {
        "/dir" => answer(
            "200 OK",
            "",
            &format!(r#"{{"newNonce":"{base}/nonce","newAccount":"{base}/account","newOrder":"{base}/order"}}"#),
        ),
        "/nonce" => answer("200 OK", nonce, ""),
        "/account" => answer("201 Created", &format!("{nonce}Location: {base}/account/1\r\n"), "{}"),
        _ => order.replace("$base", base),
    }
}

/// Keeps what it was given.
#[derive(Default)]
struct Keeper {
    given: Mutex<Vec<Challenge>>,
    cleaned: Mutex<Vec<Challenge>>,
    never: bool,
    fails: bool,
}

impl Solver for Keeper {
    type Error = std::fmt::Error;

    async fn present(&self, challenge: &Challenge) -> Result<(), std::fmt::Error> {
        self.given.lock().unwrap().push(challenge.clone());
        if self.never {
            std::future::pending::<()>().await;
        }
        if self.fails { Err(std::fmt::Error) } else { Ok(()) }
    }

    async fn clean(&self, challenge: &Challenge) {
        self.cleaned.lock().unwrap().push(challenge.clone());
    }
}

async fn order(account: &Account, solver: &Keeper, deadline: Duration) -> IssueFailure {
    order_by(ChallengeKind::Http01, account, solver, deadline).await
}

async fn order_by(challenge: ChallengeKind, account: &Account, solver: &Keeper, deadline: Duration) -> IssueFailure {
    let wanted = Wanted { names: vec!["a.example.com".to_owned()], challenge, deadline };
    account.issue(&wanted, solver, Utc::now()).await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_is_down_or_not_trusted() {
    let [port] = ports();
    let down = Server::new(&format!("https://127.0.0.1:{port}/dir"), "").unwrap().about().await.unwrap_err();
    assert_eq!(down, IssueFailure::Unreachable { host: format!("127.0.0.1:{port}"), how: Unreachable::Connect });
    assert!(down.to_string().contains("check its URL") && !down.is_lasting());

    let stranger = Stranger::start(|_, _| answer("200 OK", "", "{}")).await;
    let untrusted = Server::new(&stranger.url, "").unwrap().about().await.unwrap_err();
    assert!(matches!(untrusted, IssueFailure::Unreachable { how: Unreachable::Untrusted, .. }), "{untrusted}");
    assert!(untrusted.to_string().contains("root certificate"));

    let name = Server::new("https://nowhere.invalid/dir", "").unwrap().about().await.unwrap_err();
    assert!(matches!(name, IssueFailure::Unreachable { how: Unreachable::Connect, .. }), "{name}");
}

#[tokio::test]
async fn answers_of_strangers() {
    let huge = format!("[{}1]", "1,".repeat(1 << 20));
    let bodies = ["<html>hello</html>", "{}", "", "null", "\0\u{1}", huge.as_str()];
    for body in bodies.map(str::to_owned) {
        let shown: String = body.chars().take(20).collect();
        let stranger = Stranger::start(move |_, _| answer("200 OK", "", &body)).await;
        let failure = stranger.register().await.unwrap_err();
        assert!(matches!(failure, IssueFailure::NotAcme { status: 200, .. }), "{shown:?}: {failure}");
    }
    for (status, code) in [("404 Not Found", 404), ("301 Moved Permanently", 301), ("500 Internal Server Error", 500)] {
        let stranger =
            Stranger::start(move |_, _| answer(status, "Location: https://example.com/\r\n", "<html>")).await;
        let failure = stranger.register().await.unwrap_err();
        assert!(matches!(failure, IssueFailure::NotAcme { status, .. } if status == code), "{failure}");
        assert!(failure.to_string().contains("check the directory URL"));
    }
    let stranger = Stranger::start(|_, _| "no HTTP at all".into()).await;
    let failure = stranger.register().await.unwrap_err();
    assert!(matches!(failure, IssueFailure::Unreachable { how: Unreachable::Silent, .. }), "{failure}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let blanks = " ".repeat(2 << 20);
    let stranger = Stranger::start(move |_, _| {
        answer("200 OK", "", &format!(r#"{{"newNonce":"https://a/n","newOrder":"https://a/o"}}{blanks}"#))
    })
    .await;
    let failure = stranger.server().about().await.unwrap_err();
    assert!(matches!(failure, IssueFailure::NotAcme { .. }), "{failure}");
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let limited = r#"{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many orders"}"#;
    for (wait, seconds) in [("120", 120), ("18446744073709551615", 7 * 24 * 60 * 60)] {
        let refusal = answer("429 Too Many Requests", &format!("Retry-After: {wait}\r\n"), limited);
        let stranger = Stranger::start(move |line, base| acme(line, base, &refusal)).await;
        let account = stranger.register().await.unwrap();
        let failure = order(&account, &Keeper::default(), SOON).await;
        let wanted = IssueFailure::RateLimited { detail: "too many orders".into(), retry_after: Some(seconds) };
        assert_eq!(failure, wanted);
    }
}

#[tokio::test]
async fn a_nonce_that_is_always_refused_is_given_up() {
    let refusal = answer(
        "400 Bad Request",
        "Replay-Nonce: abc\r\n",
        r#"{"type":"urn:ietf:params:acme:error:badNonce","detail":"no","status":400}"#,
    );
    let stranger = Stranger::start(move |line, base| acme(line, base, &refusal)).await;
    let account = stranger.register().await.unwrap();
    let failure = order(&account, &Keeper::default(), SOON).await;
    assert!(matches!(&failure, IssueFailure::Refused { kind, .. } if kind == "badNonce"), "{failure}");
}

/// An order whose authorization has these words in it.
fn hostile(name: &str, token: &str, more: &str) -> String {
    let order = r#"{"status":"pending","authorizations":["$base/x"],"finalize":"$base/f"}"#;
    let authorization = format!(
        r#"{{"status":"pending","identifier":{{"type":"dns","value":"{name}"}},"challenges":
        [{{"type":"http-01","url":"$base/c","status":"pending","token":"{token}"}}]}}"#
    );
    // One body that is both.
    let both = format!("{},{}", order.trim_end_matches('}'), authorization.trim_start_matches('{'));
    let both = both.replacen(r#","status":"pending","identifier""#, r#","identifier""#, 1);
    let both = both.replacen(r#""status":"pending","identifier""#, r#""identifier""#, 1);
    answer("201 Created", &format!("Replay-Nonce: abc\r\nLocation: $base/order/1\r\n{more}"), &both)
}

/// The lengths that were counted before `$base` was replaced are not right any more.
fn recount(text: String) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let head: Vec<&str> = head.lines().filter(|line| !line.starts_with("Content-Length")).collect();
    format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.join("\r\n"), body.len())
}

#[tokio::test]
async fn tokens_and_names_that_lead_astray_reach_no_solver() {
    for (name, token) in [("a.example.com", "../../etc/passwd"), ("a.example.com", ""), ("evil.example.org", "abc")] {
        let order_text = hostile(name, token, "");
        let stranger = Stranger::start(move |line, base| recount(acme(line, base, &order_text))).await;
        let account = stranger.register().await.unwrap();
        let solver = Keeper::default();
        let failure = order(&account, &solver, SOON).await;
        assert!(matches!(failure, IssueFailure::NotAcme { .. }), "{name} {token}: {failure}");
        assert!(solver.given.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn orders_that_go_no_further() {
    let http = ChallengeKind::Http01;
    let name = || "a.example.com".to_owned();
    let order_text = hostile("a.example.com", "abc", "");
    let stranger = Stranger::start(move |line, base| recount(acme(line, base, &order_text))).await;
    let account = stranger.register().await.unwrap();

    let solver = Keeper { fails: true, ..Keeper::default() };
    let failure = order(&account, &solver, SOON).await;
    assert_eq!(failure, IssueFailure::NotPresented { name: name(), challenge: http });
    assert_eq!(solver.cleaned.lock().unwrap().len(), 1, "it may be there in part");

    let challenge = ChallengeKind::Dns01;
    let failure = order_by(challenge, &account, &Keeper::default(), SOON).await;
    assert_eq!(failure, IssueFailure::NotOffered { name: name(), challenge, offered: "HTTP-01".into() });

    let order_text = hostile("a.example.com", "abc", "").replace("pending", "invalid");
    let stranger = Stranger::start(move |line, base| recount(acme(line, base, &order_text))).await;
    let solver = Keeper::default();
    assert_eq!(order(&stranger.register().await.unwrap(), &solver, SOON).await, IssueFailure::OrderInvalid);
    assert!(solver.given.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_deadline_holds_and_what_was_put_in_place_is_taken_away() {
    for (never, more) in [(false, ""), (true, ""), (false, "Retry-After: 18446744073709551615\r\n")] {
        let order_text = hostile("a.example.com", "abc", more);
        let stranger = Stranger::start(move |line, base| {
            let challenge = r#"{"type":"http-01","url":"$base/c","status":"processing","token":"abc"}"#;
            let challenge = answer("200 OK", "Replay-Nonce: abc\r\n", challenge);
            recount(acme(line, base, if line.contains(" /c ") { &challenge } else { &order_text }))
        })
        .await;
        let account = stranger.register().await.unwrap();
        let solver = Keeper { never, ..Keeper::default() };
        let start = Instant::now();
        let failure = order(&account, &solver, Duration::from_secs(2)).await;
        assert!(start.elapsed() < Duration::from_secs(10));
        match (&failure, more) {
            (IssueFailure::Deadline { seconds: 2 }, "") => {}
            (IssueFailure::RateLimited { retry_after: Some(604_000..), .. }, _) => {}
            _ => panic!("{failure}"),
        }
        let given = solver.given.lock().unwrap().clone();
        assert_eq!(given.len(), 1);
        assert_eq!(*solver.cleaned.lock().unwrap(), given);
    }
}
