//! The PROXY protocol: a proxy in front says whose connection it is, before anything else.

use super::peek;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// The longest header that is read: version 2 with room for its extensions.
const LONGEST: usize = 2048;
/// Of version 1, its end included.
const LONGEST_LINE: usize = 107;

/// Takes the header off the stream. `None`: the proxy speaks for itself, as health checks do.
pub async fn client(stream: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut buffer = [0; LONGEST];
    let mut now = 0;
    loop {
        // How long it may take, the handshake's time says.
        now = peek::more(stream, &mut buffer, now).await?.unwrap_or(0);
        let (len, client) = match parse(&buffer[..now]) {
            Parsed::Header { len, client } => (len, client),
            Parsed::More if now > 0 && now < LONGEST => continue,
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "no PROXY header")),
        };
        stream.read_exact(&mut buffer[..len]).await?;
        return Ok(client);
    }
}

pub enum Parsed {
    Header { len: usize, client: Option<SocketAddr> },
    More,
    Nonsense,
}

pub fn parse(bytes: &[u8]) -> Parsed {
    use ppp::{HeaderResult, PartialResult, v1, v2};
    let mut bytes = bytes;
    if bytes.starts_with(b"PROXY") {
        // Version 1 is one line; what it says can be judged once its end is here, and not by what is behind it.
        match bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') {
            Some(end) if bytes[..end].ends_with(b"\r") => bytes = &bytes[..=end],
            None if bytes.len() < LONGEST_LINE => return Parsed::More,
            _ => return Parsed::Nonsense,
        }
    }
    let parsed = HeaderResult::parse(bytes);
    if parsed.is_incomplete() {
        return Parsed::More;
    }
    match parsed {
        HeaderResult::V1(Ok(header)) => Parsed::Header {
            len: header.header.len(),
            client: match header.addresses {
                v1::Addresses::Tcp4(tcp) => Some((IpAddr::from(tcp.source_address), tcp.source_port).into()),
                v1::Addresses::Tcp6(tcp) => Some((IpAddr::from(tcp.source_address), tcp.source_port).into()),
                v1::Addresses::Unknown => None,
            },
        },
        HeaderResult::V2(Ok(header)) => Parsed::Header {
            len: header.len(),
            client: match (header.command, header.addresses) {
                (v2::Command::Proxy, v2::Addresses::IPv4(ip)) => {
                    Some((IpAddr::from(ip.source_address), ip.source_port).into())
                }
                (v2::Command::Proxy, v2::Addresses::IPv6(ip)) => {
                    Some((IpAddr::from(ip.source_address), ip.source_port).into())
                }
                _ => None,
            },
        },
        _ => Parsed::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_versions() {
        let v1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 5000 443\r\nGET / HTTP/1.1\r\n";
        let Parsed::Header { len, client } = parse(v1) else { panic!("a header") };
        assert_eq!((len, client), (43, Some("203.0.113.7:5000".parse().expect("an address"))));
        let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
        v2.extend([203, 0, 113, 7, 192, 0, 2, 1, 0x13, 0x88, 1, 0xbb]);
        let Parsed::Header { len, client } = parse(&v2) else { panic!("a header") };
        assert_eq!((len, client), (28, Some("203.0.113.7:5000".parse().expect("an address"))));
        assert!(matches!(parse(&v2[..20]), Parsed::More));
        assert!(matches!(parse(b"PROXY TC"), Parsed::More));
        assert!(matches!(parse(b"GET / HTTP/1.1\r\n\r\n"), Parsed::Nonsense));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), v2 in any::<bool>()) {
            let mut all = if v2 { b"\r\n\r\n\0\r\nQUIT\n".to_vec() } else { b"PROXY ".to_vec() };
            all.extend(bytes);
            if let Parsed::Header { len, .. } = parse(&all) {
                prop_assert!(len <= all.len());
            }
        }
    }
}
