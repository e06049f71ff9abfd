//! Network namespaces: as if there were several machines. Nothing outside of those that are made here is touched.

use super::Client;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// For a connection that comes about or is refused; one that nobody answers takes longer.
const CONNECT: Duration = Duration::from_secs(3);

static MADE: AtomicUsize = AtomicUsize::new(0);

/// Gone when it is dropped, also by a panic.
pub struct Namespace {
    name: String,
}

/// Whether namespaces can be made here; prints why not.
pub fn can_be_made() -> bool {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can make network namespaces");
        return false;
    }
    let probe = Command::new("ip").args(["netns", "list"]).output();
    let works = probe.as_ref().is_ok_and(|output| output.status.success());
    if !works {
        println!("skipped: `ip netns` does not work here: {probe:?}");
    }
    works
}

fn run(args: &[&str]) {
    let output = Command::new("ip").args(args).output().unwrap();
    assert!(output.status.success(), "ip {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
}

impl Namespace {
    pub fn new() -> Self {
        let name = format!("ig-test-{}-{}", std::process::id(), MADE.fetch_add(1, Relaxed));
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

    pub fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.name)
    }

    /// A machine on a wire of its own: `interface` of this one has `here`, the only one of the other `there`, and all
    /// that it does not know goes over the wire. Addresses with prefix length.
    pub fn neighbour(&self, interface: &str, here: &str, there: &str) -> Self {
        let other = Self::new();
        self.wire(interface, here, &other, there);
        other
    }

    pub fn wire(&self, interface: &str, here: &str, other: &Self, there: &str) {
        self.ip(&format!("link add {interface} type veth peer name eth0 netns {}", other.name));
        self.ip(&format!("addr add {here} dev {interface}"));
        self.ip(&format!("link set {interface} up"));
        other.ip(&format!("addr add {there} dev eth0"));
        other.ip("link set eth0 up");
        other.ip(&format!("route add default via {}", here.split('/').next().unwrap()));
    }

    /// From in here.
    pub async fn connect(&self, address: SocketAddr) -> std::io::Result<Client> {
        let path = self.path();
        // A thread of its own: it does not come back.
        let connecting = std::thread::spawn(move || {
            enter(&path);
            TcpStream::connect_timeout(&address, CONNECT)
        });
        let stream = tokio::task::spawn_blocking(|| connecting.join().unwrap()).await.unwrap()?;
        stream.set_nonblocking(true)?;
        Ok(Client::over(tokio::net::TcpStream::from_std(stream)?))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).output();
    }
}

/// This thread, and those that it starts from now on, live there.
pub fn enter(path: &Path) {
    let file = std::fs::File::open(path).unwrap();
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
}
