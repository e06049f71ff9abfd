//! The console as a script would drive it.

use super::http::{Answer, Http};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

pub const PASSWORD: &str = "correct horse battery staple";

pub struct Console {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    /// Kept between calls; a console that was restarted gets a new one.
    connection: Option<Http>,
}

/// A server function's answer that a test expects something of.
pub struct Told {
    what: String,
    pub answer: Answer,
}

impl Told {
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.answer.status, 200, "{} answered {}", self.what, self.answer.body);
        self.answer.json()
    }

    /// The id in the address that the browser would be led to.
    #[track_caller]
    pub fn id(self) -> String {
        let location = self.answer.header("location").unwrap_or_default().to_owned();
        self.ok();
        let id = location
            .split(['/', '?'])
            .find(|part| ["gw-", "svc-", "vpc-", "cert-"].iter().any(|kind| part.starts_with(kind)));
        id.unwrap_or_else(|| panic!("no id in {location}")).to_owned()
    }

    #[track_caller]
    pub fn refused(self, status: u16, code: &str) {
        let Answer { status: found, body, .. } = &self.answer;
        assert_eq!((*found, self.answer.code().as_str()), (status, code), "{} answered {body}", self.what);
    }
}

impl Console {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new(), connection: None }
    }

    /// Another client with the same session.
    pub fn again(&self) -> Self {
        Self { address: self.address, cookies: self.cookies.clone(), connection: None }
    }

    pub fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    #[track_caller]
    pub fn call(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> Told {
        let answer = match self.try_call(endpoint, fields) {
            Ok(answer) => answer,
            Err(error) => panic!("{endpoint}: {error}"),
        };
        Told { what: format!("{endpoint} {fields:?}").chars().take(300).collect(), answer }
    }

    /// Fails where the console went before it answered: then nobody knows what became of it.
    pub fn try_call(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> io::Result<Answer> {
        let origin = format!("http://{}", self.address);
        self.post(&format!("/api/_fn/{endpoint}"), &[("Origin", &origin)], fields)
    }

    pub fn post(&mut self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> io::Result<Answer> {
        let body = encode(fields);
        let cookie = self.cookie();
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", &cookie)];
        if !headers.iter().any(|(name, _)| *name == "Accept") {
            all.push(("Accept", "application/json"));
        }
        all.extend(headers);
        self.exchange(|connection| connection.post(path, &all, &body))
    }

    pub fn page(&mut self, path: &str) -> Answer {
        let cookie = self.cookie();
        let headers = [("Accept", "text/html"), ("Cookie", cookie.as_str())];
        self.exchange(|connection| connection.get(path, &headers)).unwrap()
    }

    fn exchange(&mut self, ask: impl FnOnce(&mut Http) -> io::Result<Answer>) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Http::connect(self.address)?,
        };
        let answer = ask(&mut connection)?;
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if answer.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    #[track_caller]
    pub fn join(&mut self, token: &str, name: &str) -> Told {
        let fields = [("token", token), ("name", name), ("password", PASSWORD), ("repeated", PASSWORD)];
        self.call("user.join", &fields)
    }

    #[track_caller]
    pub fn buy(&mut self, name: &str) -> Told {
        self.call("gateway.buy_managed", &[("name", name), ("spec", "2c4g"), ("nodes", "2"), ("charge", "PostPaid")])
    }

    #[track_caller]
    pub fn gateway(&mut self, id: &str) -> Value {
        self.call("gateway.read", &[("id", id)]).ok()
    }

    #[track_caller]
    pub fn service(&mut self, id: &str) -> Value {
        self.call("service.read", &[("id", id)]).ok()
    }

    /// Calls with the revision that is current.
    #[track_caller]
    pub fn change(&mut self, endpoint: &str, id: &str, fields: &[(&str, &str)]) -> Told {
        let read = if id.starts_with("gw-") { self.gateway(id) } else { self.service(id) };
        let revision = read["revision"].to_string();
        let mut all = vec![("id", id), ("revision", revision.as_str())];
        all.extend(fields);
        self.call(endpoint, &all)
    }
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        let mut escaped = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => escaped.push(char::from(byte)),
                other => escaped.push_str(&format!("%{other:02X}")),
            }
        }
        escaped
    };
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}
