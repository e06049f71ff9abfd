//! What an operator says about who arrives, on a real gateway: proxies that are believed, strangers that get no answer.
#![allow(clippy::unwrap_used)]

mod common;

use common::console::Console;
use common::http::{Answer, Http, get};
use common::model::open_gateway;
use common::{Product, until};
use socket2::{Domain, Socket, Type};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const CLIENT: &str = "203.0.113.7";

fn set(console: &mut Console, gateway: &str, strangers: &str, proxies: &str) -> common::console::Told {
    console.change("gateway.arrival", gateway, &[("strangers", strangers), ("proxies", proxies)])
}

fn bound(from: [u8; 4], door: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect_timeout(&door.into(), Duration::from_secs(20))?;
    Ok(socket.into())
}

/// The answer to `GET /` on a connection from this address of loopback that begins with `header`.
fn ask(from: [u8; 4], door: SocketAddr, header: &str) -> io::Result<Answer> {
    let mut stream = bound(from, door)?;
    stream.write_all(header.as_bytes())?;
    Http::over(stream, door)?.get("/", &[])
}

fn proxied(client: &str) -> String {
    format!("PROXY TCP4 {client} 192.0.2.1 5000 80\r\n")
}

const TRUSTED: [u8; 4] = [127, 0, 0, 2];
const OTHER: [u8; 4] = [127, 0, 0, 1];

#[test]
fn a_trusted_proxy_says_who_it_is_and_nobody_else() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    console.change("gateway.whitelist_add", &gateway, &[("blocks", CLIENT), ("comment", "")]).ok();
    set(&mut console, &gateway, "refuse", "0.0.0.0/0").refused(422, "invalid");
    set(&mut console, &gateway, "refuse", "127.0.0.2\n192.0.2.0/24").ok();

    // The proxy is not on the list, its client is.
    let status = |from, header: &str| ask(from, door, header).map(|answer| answer.status).ok();
    until("the proxy to be believed", || (status(TRUSTED, &proxied(CLIENT)) == Some(200)).then_some(()));
    let other = ask(TRUSTED, door, &proxied("203.0.113.8")).unwrap();
    assert_eq!((other.status, other.code().as_str()), (403, "SourceNotAllowed"));
    assert_eq!(status(TRUSTED, ""), None, "without its header nobody knows who it is");
    // From anybody else it is a request that nobody can read; without it they are who they are.
    assert_eq!(status(OTHER, &proxied(CLIENT)), Some(400));
    assert_eq!(status(OTHER, ""), Some(200));

    // Taken back, it is nobody's proxy any more.
    set(&mut console, &gateway, "refuse", "").ok();
    until("the proxy to be a stranger", || (status(TRUSTED, "") == Some(403)).then_some(()));
    assert_eq!(status(TRUSTED, &proxied(CLIENT)), Some(400));
}

/// A load balancer in front of the doors that all gateways share.
#[test]
fn an_operators_load_balancer_is_believed_on_shared_doors() {
    let product = Product::with(&["--trusted-proxies=127.0.0.2,192.0.2.0/28"]);
    let mut console = product.administrator();
    let (gateway, own) = open_gateway(&mut console, "first");
    console.change("gateway.whitelist_add", &gateway, &[("blocks", CLIENT), ("comment", "")]).ok();
    let (http, https) = (product.ports.http(), product.ports.https());
    let host = format!("{gateway}.local.gw.localhost");
    let ask = |from: [u8; 4], header: &str| {
        let mut stream = bound(from, http)?;
        stream.write_all(header.as_bytes())?;
        Http::over(stream, http)?.get("/", &[("Host", &host)])
    };
    let status = |from, header: &str| ask(from, header).map(|answer| answer.status).ok();
    until("the client to be let in", || (status(TRUSTED, &proxied(CLIENT)) == Some(200)).then_some(()));
    let other = ask(TRUSTED, &proxied("203.0.113.8")).unwrap();
    assert_eq!((other.status, other.code().as_str()), (403, "SourceNotAllowed"));
    assert_eq!((status(TRUSTED, ""), status(OTHER, &proxied(CLIENT)), status(OTHER, "")), (None, Some(400), Some(200)));
    // Not on a gateway's own door, where its own settings say who is believed.
    assert_eq!(self::ask(TRUSTED, own, &proxied(CLIENT)).unwrap().status, 400);
    // Over TLS the header is in front of the handshake: without it there is none.
    let mut stream = bound(TRUSTED, https).unwrap();
    stream.write_all(&[22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, 0, 0, 0, 0, 0]).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0, "not a byte");
    for (wrong, says) in
        [("0.0.0.0/0", "everybody"), ("lb.example", "is not an IP address"), ("10.0.0.1,10.0.0.1", "twice")]
    {
        let said = product.run(&["config", "show", "--trusted-proxies", wrong]);
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("trusted-proxies") && said.contains(says), "{said}");
    }
}

#[test]
fn strangers_get_an_answer_or_none() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    assert_eq!(ask(TRUSTED, door, "").unwrap().status, 403);
    set(&mut console, &gateway, "drop", "").ok();
    until("strangers to be dropped", || ask(TRUSTED, door, "").is_err().then_some(()));
    assert_eq!(get(door, "/").unwrap().status, 200, "who is on the list gets in");
    let read = console.gateway(&gateway);
    assert_eq!(read["arrival"]["drop_strangers"], true);
    set(&mut console, &gateway, "refuse", "").ok();
    until("strangers to be told again", || {
        ask(TRUSTED, door, "").ok().filter(|answer| answer.status == 403).map(|_| ())
    });
}
