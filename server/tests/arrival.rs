//! What an operator says about who arrives, on a real gateway: proxies that are believed, strangers that get no answer.
#![allow(clippy::unwrap_used)]

mod common;

use common::console::Console;
use common::http::{Answer, Http, get};
use common::model::open_gateway;
use common::{Product, until};
use socket2::{Domain, Socket, Type};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const CLIENT: &str = "203.0.113.7";

fn set(console: &mut Console, gateway: &str, strangers: &str, proxies: &str) -> common::console::Told {
    console.change("gateway.arrival", gateway, &[("strangers", strangers), ("proxies", proxies)])
}

/// The answer to `GET /` on a connection from this address of loopback that begins with `header`.
fn ask(from: [u8; 4], door: SocketAddr, header: &str) -> io::Result<Answer> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect_timeout(&door.into(), Duration::from_secs(20))?;
    let mut stream = TcpStream::from(socket);
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
