//! Network namespaces: as if there were several machines. Nothing outside of those that are made here is touched.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::os::fd::AsFd;
use std::panic::resume_unwind;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static MADE: AtomicUsize = AtomicUsize::new(0);

/// Gone when it is dropped, also by a panic.
pub struct Namespace {
    name: String,
}

/// Whether namespaces can be made here, and clients run in them; prints why not.
pub fn can_be_made() -> bool {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can make network namespaces");
        return false;
    }
    for (program, argument, package) in [("ip", "netns", "iproute2"), ("curl", "--version", "curl")] {
        let probe = Command::new(program).arg(argument).output();
        if !probe.as_ref().is_ok_and(|output| output.status.success()) {
            println!("skipped: `{program} {argument}` does not work here; install Debian's {package}: {probe:?}");
            return false;
        }
    }
    true
}

fn run(args: &[&str]) {
    let output = Command::new("ip").args(args).output().unwrap();
    assert!(output.status.success(), "ip {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
}

impl Namespace {
    pub fn new() -> Self {
        let name = format!("ig-networks-{}-{}", std::process::id(), MADE.fetch_add(1, Relaxed));
        run(&["netns", "add", &name]);
        let made = Self { name };
        made.ip("link set lo up");
        made
    }

    /// As `ip`, in here.
    pub fn ip(&self, command: &str) {
        let args: Vec<&str> = ["-n", &self.name].into_iter().chain(command.split(' ')).collect();
        run(&args);
    }

    /// Another machine on a wire of its own. The wire's end here is called `interface` and has the addresses `here`;
    /// the other end has `there`. Addresses with prefix length. All that the other machine does not know goes over the
    /// wire.
    pub fn neighbour(&self, interface: &str, here: &[&str], there: &[&str]) -> Self {
        let other = Self::new();
        self.ip(&format!("link add name {interface} type veth peer name eth0 netns {}", other.name));
        for (machine, device, addresses) in [(self, interface, here), (&other, "eth0", there)] {
            for address in addresses {
                machine.add(address, device);
            }
            machine.ip(&format!("link set {device} up"));
        }
        for is_v6 in [false, true] {
            let gateway = here.iter().find(|address| address.contains(':') == is_v6);
            if let Some((gateway, _)) = gateway.and_then(|address| address.split_once('/')) {
                other.ip(&format!("route add default via {gateway}"));
            }
        }
        other
    }

    /// An address with prefix length. An IPv6 one is the machine's at once: on these wires nobody else can have it, so
    /// nobody is asked.
    pub fn add(&self, address: &str, device: &str) {
        let unasked = if address.contains(':') { " nodad" } else { "" };
        self.ip(&format!("addr add {address} dev {device}{unasked}"));
    }

    /// Does it in here: sockets it opens and programs it starts, too, but none that are open already.
    pub fn within<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let file = File::open(format!("/run/netns/{}", self.name)).unwrap();
        // A thread of its own: it does not come back. Those that it starts live there, too.
        let done = std::thread::scope(|scope| {
            let inside = || {
                move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
                work()
            };
            scope.spawn(inside).join()
        });
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).output();
    }
}
