//! What concerns several hosts.

use std::net::{IpAddr, SocketAddr};

/// Where replicas listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaAddr {
    /// Where the engines of other hosts reach this one; loopback where there are none.
    Auto,
    Fixed(IpAddr),
}

/// `None` for nowhere. The error is a sentence.
pub fn link(text: &str) -> Result<Option<SocketAddr>, String> {
    const EXAMPLE: &str =
        "name the address and port at which other hosts reach this one, such as 10.0.0.1:7443, or off";
    let text = text.trim();
    if text == "off" {
        return Ok(None);
    }
    let address: SocketAddr = text.parse().map_err(|_| format!("{text:?} is no address and port; {EXAMPLE}"))?;
    if address.port() == 0 {
        return Err(format!("{text:?}: other hosts could not know the port; {EXAMPLE}"));
    }
    if !is_one(address.ip()) {
        return Err(format!("{text:?} is not the address of one interface; {EXAMPLE}"));
    }
    Ok(Some(address))
}

/// The error is a sentence.
pub fn replicas(text: &str) -> Result<ReplicaAddr, String> {
    const EXAMPLE: &str = "name an address of this host such as 10.0.0.2, or auto";
    let text = text.trim();
    if text == "auto" {
        return Ok(ReplicaAddr::Auto);
    }
    let address: IpAddr = text.parse().map_err(|_| format!("{text:?} is no address; {EXAMPLE}"))?;
    if !is_one(address) {
        return Err(format!("{text:?} is not the address of one interface; {EXAMPLE}"));
    }
    Ok(ReplicaAddr::Fixed(address))
}

fn is_one(address: IpAddr) -> bool {
    let address = address.to_canonical();
    !address.is_unspecified() && !address.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_auto_or_one_address() {
        assert_eq!((link(" off "), replicas("auto ")), (Ok(None), Ok(ReplicaAddr::Auto)));
        assert_eq!(link("10.0.0.1:7443"), Ok("10.0.0.1:7443".parse().ok()));
        assert_eq!(link("[2001:db8::1]:7443"), Ok("[2001:db8::1]:7443".parse().ok()));
        assert_eq!(replicas("fd00::2"), Ok(ReplicaAddr::Fixed("fd00::2".parse().expect("an address"))));
    }

    #[test]
    fn what_cannot_be_one_is_said_with_what_can() {
        for bad in ["", "auto", "10.0.0.1", "10.0.0.1:0", "0.0.0.0:7443", "[::]:7443", "[::ffff:0.0.0.0]:7443", "x:1"] {
            assert!(link(bad).is_err_and(|said| said.contains("10.0.0.1:7443") && said.contains("off")), "{bad}");
        }
        for bad in ["", "off", "10.0.0.2:80", "0.0.0.0", "::", "224.0.0.1", "host", "10.0.0.1,10.0.0.2"] {
            assert!(replicas(bad).is_err_and(|said| said.contains("10.0.0.2") && said.contains("auto")), "{bad}");
        }
    }
}
