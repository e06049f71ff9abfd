//! Whom a new connection on a shared door is for, before anything of it is taken: the bytes stay in the socket.

use super::peek;
use crate::config::offers_only_proof;
use rustls::server::{Acceptor, ClientHello};
use std::io;
use tokio::net::TcpStream;

/// A ClientHello, or the head of a request, that is longer does not say in time whom it is for.
const LONGEST: usize = 16 * 1024;

enum Found {
    Name(Option<Box<str>>),
    More,
    TooLong,
}

/// The server name of a TLS connection, lower case.
///
/// # Errors
/// Also if the hello is so long that the name could come behind what is looked at: what is decided by name is decided
/// before the handshake.
pub async fn server_name(stream: &TcpStream) -> io::Result<Option<Box<str>>> {
    let name = |hello: &ClientHello<'_>| hello.server_name().map(|name| name.to_ascii_lowercase().into());
    named(stream, |bytes| read(bytes, name)).await
}

fn read(mut bytes: &[u8], name: impl Fn(&ClientHello<'_>) -> Option<Box<str>>) -> Found {
    let mut acceptor = Acceptor::default();
    let seen = bytes.len();
    while !bytes.is_empty() {
        if acceptor.read_tls(&mut bytes).is_err() {
            return Found::Name(None);
        }
    }
    match acceptor.accept() {
        Ok(Some(accepted)) => Found::Name(name(&accepted.client_hello())),
        Ok(None) if seen >= LONGEST => Found::TooLong,
        Ok(None) => Found::More,
        // The handshake will say what is wrong with it.
        Err(_) => Found::Name(None),
    }
}

/// The server name of a TLS connection with which somebody wants to see a proof (TLS-ALPN-01); `None` for all others.
pub async fn proof(stream: &TcpStream) -> io::Result<Option<Box<str>>> {
    let name = |hello: &ClientHello<'_>| {
        let alone = offers_only_proof(hello);
        hello.server_name().filter(|_| alone).map(|name| name.to_ascii_lowercase().into())
    };
    named(stream, |bytes| read(bytes, name)).await
}

/// The Host of the first request; of HTTP/2 in clear it is not looked for.
pub async fn host(stream: &TcpStream) -> io::Result<Option<Box<str>>> {
    named(stream, |bytes| {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        let whole = request.parse(bytes);
        let host = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("host"));
        match (host, whole) {
            (Some(host), _) => Found::Name(std::str::from_utf8(host.value).ok().map(Into::into)),
            (None, Ok(httparse::Status::Partial)) => Found::More,
            (None, _) => Found::Name(None),
        }
    })
    .await
}

async fn named(stream: &TcpStream, find: impl Fn(&[u8]) -> Found) -> io::Result<Option<Box<str>>> {
    let mut buffer = vec![0; 2048];
    let mut seen = 0;
    loop {
        let Some(now) = peek::more(stream, &mut buffer, seen).await? else { return Ok(None) };
        seen = now;
        match find(&buffer[..now]) {
            Found::Name(name) => return Ok(name),
            Found::TooLong => return Err(io::ErrorKind::InvalidData.into()),
            Found::More if now == buffer.len() && now >= LONGEST => return Ok(None),
            Found::More if now == buffer.len() => buffer.resize(LONGEST, 0),
            Found::More => {}
        }
    }
}
