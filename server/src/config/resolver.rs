//! Who is asked about names.

use control::Resolver;
use std::net::SocketAddr;

const EXAMPLE: &str = "name DNS servers as 192.0.2.53:53 or [2001:db8::53]:53, separated by commas, or system for the \
                       host's own";
/// More are a mistake: each that is away costs seconds.
const MOST: usize = 8;

/// The error is a sentence.
pub fn resolver(text: &str) -> Result<Resolver, String> {
    if text.trim() == "system" {
        return Ok(Resolver::System);
    }
    let servers = text.split(',').map(server).collect::<Result<Vec<_>, _>>()?;
    if servers.len() > MOST {
        return Err(format!("{} servers are more than {MOST}; {EXAMPLE}", servers.len()));
    }
    Ok(Resolver::Servers(servers))
}

fn server(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let address: SocketAddr = text.parse().map_err(|_| format!("{text:?} is no address and port; {EXAMPLE}"))?;
    if address.port() == 0 {
        return Err(format!("{text:?}: nobody answers on port 0; {EXAMPLE}"));
    }
    if address.ip().is_unspecified() || address.ip().is_multicast() {
        return Err(format!("{text:?} is not the address of one server; {EXAMPLE}"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_or_addresses() {
        assert_eq!(resolver(" system "), Ok(Resolver::System));
        let servers = ["192.0.2.53:53", "[2001:db8::53]:5353"].map(|each| each.parse().expect("an address"));
        assert_eq!(resolver("192.0.2.53:53, [2001:db8::53]:5353"), Ok(Resolver::Servers(servers.to_vec())));
    }

    #[test]
    fn what_cannot_be_one_is_said_with_what_can() {
        let many = ["192.0.2.53:53"; 9].join(",");
        for bad in [
            "",
            "off",
            "System,192.0.2.53:53",
            "192.0.2.53",
            "192.0.2.53:0",
            "192.0.2.53:99999",
            "2001:db8::53",
            "dns.example.com:53",
            "https://192.0.2.53:53",
            "0.0.0.0:53",
            "[::]:53",
            "224.0.0.251:5353",
            "192.0.2.53:53,",
            "192.0.2.53:53 192.0.2.54:53",
            many.as_str(),
        ] {
            let said = resolver(bad).expect_err(bad);
            assert!(said.contains("192.0.2.53:53") && said.contains("system"), "{bad}: {said}");
        }
    }
}
