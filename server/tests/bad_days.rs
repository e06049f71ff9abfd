//! Occupied ports, damaged files, full disks: one clear sentence that names the thing and the remedy, and nothing
//! lost.
#![allow(clippy::unwrap_used)]

mod common;

use common::http::{get, get_with};
use common::model::open_gateway;
use common::{Product, told, until};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn occupy(address: SocketAddr) -> TcpListener {
    TcpListener::bind(address).unwrap()
}

fn greets(door: SocketAddr) -> Option<()> {
    get(door, "/").is_ok_and(|answer| answer.status == 200).then_some(())
}

#[test]
fn an_occupied_console_port_ends_the_start() {
    let product = Product::prepared();
    let _other = occupy(product.ports.console());
    let (_, error, code) = told(&product.run(&["serve"]));
    assert_eq!(code, Some(78), "starting again would not help: {error}");
    let sentence =
        format!("cannot listen on {}; stop what uses it or choose another --console-addr", product.ports.console());
    assert_eq!(error.matches(&sentence).count(), 1, "{error}");
}

#[test]
fn an_occupied_shared_door_is_opened_when_it_is_free() {
    let mut product = Product::prepared();
    let shared = product.ports.http();
    let other = occupy(shared);
    product.serve();
    let mut console = product.administrator();
    // By port everything works meanwhile.
    let (gateway, _) = open_gateway(&mut console, "first");
    let said = format!("cannot listen; trying again every second address={shared}");
    until("the engine to say so", || product.log().contains(&said).then_some(()));
    assert_eq!(product.log().matches(&said).count(), 1, "said once, not every second");
    drop(other);
    let host = format!("{gateway}.local.gw.localhost");
    until("the shared door", || get_with(shared, "/", &[("Host", &host)]).ok().filter(|answer| answer.status == 200));
}

#[test]
fn an_occupied_own_door_shows_as_failed_and_heals() {
    let product = Product::start();
    let mut console = product.administrator();
    let other = occupy(product.ports.own());
    let gateway = console.buy("first").id();
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    let internet = until("the portal to fail", || {
        let internet = console.gateway(&gateway)["internet"].clone();
        (internet["status"] == "failed").then_some(internet)
    });
    assert_eq!(internet["conditions"][0]["reason"], "bind_failed");
    let detail = internet["conditions"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("in use"), "{detail}");
    drop(other);
    until("the portal", || (console.gateway(&gateway)["internet"]["status"] == "activated").then_some(()));
    assert_eq!(get(product.ports.own(), "/").unwrap().status, 403);
}

#[test]
fn a_damaged_snapshot_is_set_aside_and_comes_back_from_the_console() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let (_, door) = open_gateway(&mut console, "first");
    product.stop();
    let base = product.data.join("engine/snapshot.base");
    std::fs::write(&base, "nonsense").unwrap();
    product.serve();
    until("the gateway to greet", || greets(door));
    let sentence = format!("{} is damaged or was written with another key", base.display());
    assert_eq!(product.log().matches(&sentence).count(), 1, "{}", product.log());
    assert!(product.log().contains("nothing else is to be done"));
    assert!(base.with_extension("base.corrupt").exists(), "it is kept for whoever wants to look at it");
}

#[test]
fn a_damaged_database_stops_the_console_and_nothing_else() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    // A backup as an operator would have one, and then the damage.
    product.stop();
    let database = product.data.join("console.db");
    let backup = std::fs::read(&database).unwrap();
    product.serve();
    until("the gateway to greet", || greets(door));
    let engine = product.pid("engine");
    for name in ["console.db-wal", "console.db-shm"] {
        let _ = std::fs::remove_file(product.data.join(name));
    }
    std::fs::write(&database, "this is no database, and long enough to look at ".repeat(1000)).unwrap();
    product.kill9("console");
    let sentence = until("the console to say so", || {
        let log = product.log();
        let line = log.lines().find(|line| line.starts_with("inference-gateway: ") && line.contains("console.db"));
        line.map(str::to_owned)
    });
    println!("{sentence}");
    assert!(sentence.contains(&database.display().to_string()), "{sentence}");
    assert_eq!(get(door, "/").unwrap().status, 200, "the engine goes on");
    assert_eq!(product.pid("engine"), engine);

    for name in ["console.db-wal", "console.db-shm"] {
        let _ = std::fs::remove_file(product.data.join(name));
    }
    std::fs::write(&database, backup).unwrap();
    product.wait_for_console();
    assert_eq!(console.again().gateway(&gateway)["internet"]["enabled"], true);
}

/// A file system of its own, so small that a test can fill it.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8m,mode=0711", "tmpfs"]).arg(folder.path());
        mount.output().is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_writes_and_loses_none() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: mounting a small file system needs root");
        return;
    };
    let mut product = Product::prepared();
    product.data = disk.0.path().join("data");
    product.serve();
    let mut console = product.administrator();
    let (first, door) = open_gateway(&mut console, "first");
    disk.fill();

    // What the database's files still have room for is taken; then it says so.
    let mut acknowledged = vec![first];
    let refused = loop {
        let answer = console.try_call("gateway.buy_managed", &purchase(acknowledged.len())).unwrap();
        if answer.status != 200 {
            break answer;
        }
        acknowledged.push(location(answer.header("location").unwrap()));
        assert!(acknowledged.len() < 5000, "the disk is not full");
    };
    println!("full after {} purchases: {} {}", acknowledged.len() - 1, refused.status, refused.body);
    assert_eq!((refused.status, refused.code().as_str()), (507, "disk_full"), "{}", product.log());
    assert!(product.log().contains("is full; free some space, nothing was changed"), "{}", product.log());
    assert_eq!(get(door, "/").unwrap().status, 200, "traffic needs no disk");
    let page = console.page("/gateways");
    assert_eq!(page.status, 200, "reading needs none either");

    // Processes that are started on a full disk: the engine serves, the console does or says why not.
    let old = product.kill9("engine");
    product.next_pid("engine", old);
    until("the gateway to greet", || greets(door));
    product.kill9("console");
    let full = "inference-gateway: the disk of the database";
    let back = until("the console to come back or to say why not", || {
        let back = get(product.console_address(), "/health").is_ok_and(|answer| answer.status == 200);
        (back || product.log().contains(full)).then_some(back)
    });
    println!("a console started on the full disk {}", if back { "comes back" } else { "says that it is full" });

    // With room again it writes again, and all that was acknowledged is there, also after a restart.
    std::fs::remove_file(disk.filler()).unwrap();
    product.wait_for_console();
    let mut console = console.again();
    let again = until("room to write", || {
        console
            .try_call("gateway.buy_managed", &purchase(acknowledged.len()))
            .ok()
            .filter(|answer| answer.status == 200)
    });
    acknowledged.push(location(again.header("location").unwrap()));
    let old = product.kill9("console");
    product.next_pid("console", old);
    product.wait_for_console();
    let mut console = console.again();
    for id in &acknowledged {
        assert_eq!(console.gateway(id)["summary"]["id"], id.as_str());
    }
}

fn purchase(number: usize) -> [(&'static str, &'static str); 4] {
    // Names are leaked: there are a few hundred of them, in a test.
    let name = format!("full-{number}").leak();
    [("name", name), ("spec", "2c4g"), ("nodes", "1"), ("charge", "PostPaid")]
}

fn location(location: &str) -> String {
    location.split(['/', '?']).find(|part| part.starts_with("gw-")).unwrap().to_owned()
}

#[test]
fn a_second_one_on_the_same_folder_names_the_first() {
    let product = Product::start();
    let (_, error, code) = told(&product.run(&["serve"]));
    assert_eq!(code, Some(78), "{error}");
    let sentence = format!("runs already (process {}); stop it, or choose another --data-dir", product.pid("serve"));
    assert!(error.contains(&sentence), "{error}");
    // The first one did not notice.
    assert_eq!(get(product.console_address(), "/health").unwrap().status, 200);
}

#[test]
fn a_wrong_option_names_itself_and_its_source() {
    let mut product = Product::prepared();
    product.options.push("--http-addr=nonsense".into());
    let (_, error, code) = told(&product.run(&["serve"]));
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("http-addr (from command line): \"nonsense\" is not an address and port"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");

    let product = Product::prepared();
    let mut command = product.command("serve");
    command.env("INFERENCE_GATEWAY_REGION", "Over There").stderr(std::process::Stdio::piped());
    let (_, error, code) = told(&command.output().unwrap());
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("region (from environment INFERENCE_GATEWAY_REGION): \"Over There\""), "{error}");
}

#[test]
fn every_value_tells_where_it_comes_from() {
    let product = Product::prepared();
    let file = product.home().join("config.toml");
    std::fs::write(&file, "base_domain = \"models.example\"\nregion = \"from-file\"\n").unwrap();
    let mut command = product.command("config");
    command.args(["show", "--config"]).arg(&file).env("INFERENCE_GATEWAY_REGION", "from-env");
    let (shown, error, code) = told(&command.output().unwrap());
    assert_eq!(code, Some(0), "{error}");
    let line = |name: &str| {
        let line = shown.lines().find(|line| line.split('=').next().unwrap_or_default().trim() == name);
        line.unwrap_or_else(|| panic!("no {name} in {shown}")).to_owned()
    };
    assert!(line("workers").ends_with("# default"), "{shown}");
    assert!(line("base_domain").ends_with(&format!("# file {}", file.display())), "{shown}");
    // The environment comes before the file, the command line before both.
    assert!(line("region").contains("\"from-env\""), "{shown}");
    assert!(line("region").ends_with("# environment INFERENCE_GATEWAY_REGION"), "{shown}");
    assert!(line("http_addr").contains(&product.ports.http().to_string()), "{shown}");
    assert!(line("http_addr").ends_with("# command line"), "{shown}");
}

#[test]
fn a_configuration_file_that_is_not_there() {
    let product = Product::prepared();
    let missing = Path::new("/nonexistent/config.toml");
    let mut command = product.command("serve");
    let (_, error, code) = told(&command.arg("--config").arg(missing).output().unwrap());
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("the configuration file /nonexistent/config.toml cannot be read"), "{error}");
}
