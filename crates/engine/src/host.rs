//! The addresses and network interfaces of the engine's host, as they are now.

use domain::cidr::Cidr;
use domain::network::HostAddress;
use nix::errno::Errno;
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::if_nametoindex;
use nix::sys::socket::SockaddrStorage;
use std::collections::HashSet;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// What differs is looked at again after it: a list that is made while addresses come and go may lack others, and doors
/// would be closed for it.
const AGAIN: Duration = Duration::from_millis(100);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// In order, none twice.
    pub addresses: Vec<HostAddress>,
    singly: HashSet<IpAddr>,
    /// Networks all of whose addresses are the host's.
    wholly: Vec<Cidr>,
}

impl Host {
    /// What it is now.
    ///
    /// # Errors
    /// When the system does not say, as when no more files may be opened.
    pub fn look() -> io::Result<Self> {
        let mut host = Self::default();
        for each in getifaddrs()? {
            host.add(&each);
        }
        host.addresses.sort();
        host.addresses.dedup();
        Ok(host)
    }

    fn add(&mut self, each: &InterfaceAddress) {
        // Interfaces are in the list, too, without one.
        let Some(address) = each.address.as_ref().and_then(ip) else { return };
        // An IPv4 address may have a label of its own behind the interface's name.
        let interface = each.interface_name.split(':').next().unwrap_or_default().to_owned();
        let prefix = each.netmask.as_ref().and_then(ip).map_or(0, ones);
        self.addresses.push(HostAddress { interface, address, prefix });
        self.singly.insert(address);
        // The kernel answers on all of it.
        if address.is_ipv4()
            && address.is_loopback()
            && let Ok(network) = Cidr::parse(&format!("{address}/{prefix}"))
        {
            self.wholly.push(network);
        }
    }

    /// Whether one of its interfaces has this address.
    pub fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_unspecified()
            || self.singly.contains(&address)
            || self.wholly.iter().any(|network| network.contains(address))
    }
}

/// The number of the interface with this name, `None` if there is none. One that goes and comes back has another.
///
/// # Errors
/// When the system does not say, as when no more files may be opened.
pub fn device(name: &str) -> io::Result<Option<u32>> {
    match if_nametoindex(name) {
        Ok(number) => Ok(Some(number)),
        Err(Errno::ENODEV | Errno::ENXIO) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let four = address.as_sockaddr_in().map(|four| IpAddr::from(four.ip()));
    four.or_else(|| address.as_sockaddr_in6().map(|six| IpAddr::from(six.ip())))
}

fn ones(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().count_ones(),
        IpAddr::V6(mask) => mask.to_bits().count_ones(),
    };
    u8::try_from(ones).unwrap_or(0)
}

/// Looks every second and tells what changed; ends with who listens.
pub async fn watch(told: watch::Sender<Arc<Host>>) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    while !told.is_closed() {
        ticks.tick().await;
        let known = told.borrow().clone();
        match look_twice(&known).await {
            Ok(host) => {
                failing = false;
                if let Some(host) = host {
                    told.send_replace(Arc::new(host));
                }
            }
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "the host's addresses cannot be read; going on with those known so far");
                }
                failing = true;
            }
        }
    }
}

/// Another one than is known, if it is the same twice.
async fn look_twice(known: &Host) -> io::Result<Option<Host>> {
    // A host may have thousands; the thread of the sessions has other things to do meanwhile.
    let look = async || tokio::task::spawn_blocking(Host::look).await.map_err(io::Error::other).flatten();
    let first = look().await?;
    if first == *known {
        return Ok(None);
    }
    sleep(AGAIN).await;
    let second = look().await?;
    Ok((second == first).then_some(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_there_as_a_whole() {
        let host = Host::look().expect("addresses");
        let loopback = HostAddress { interface: "lo".into(), address: [127, 0, 0, 1].into(), prefix: 8 };
        assert!(host.addresses.contains(&loopback), "{host:?}");
        assert!(host.addresses.is_sorted());
        assert!(device("lo").expect("an answer").is_some() && device("lo0").expect("an answer").is_none());
        for (text, has) in [
            ("127.0.0.1", true),
            ("127.88.1.10", true),
            ("::ffff:127.3.2.1", true),
            ("0.0.0.0", true),
            ("::", true),
            ("192.0.2.77", false),
            ("128.0.0.1", false),
            ("2001:db8::77", false),
        ] {
            assert_eq!(host.has(text.parse().expect("an address")), has, "{text}");
        }
    }
}
