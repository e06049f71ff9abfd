//! A registry that wants a password, in the network of an engine.

use super::{Engine, IMAGE, Kind, PATIENCE};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const USER: &str = "ci";
/// With the characters that base64 writes in two ways, at all places where that shows.
pub const PASSWORD: &str = "a?b~c>d?~>/+";
/// bcrypt's.
const HASH: &str = "$2y$05$abcdefghijklmnopqrstuuhbV7n69xUSjYnoCUQREl4GO.fjIe0Y6";
const PORT: u16 = 5000;

/// Ends when it is dropped.
pub struct Registry {
    child: std::process::Child,
    /// The image of the tests, there and nowhere else.
    pub image: String,
}

impl Registry {
    /// `None`, and why it is skipped printed, where Debian's `docker-registry` is not installed. Call it in the
    /// engine's network.
    pub fn start(engine: &Engine) -> Option<Self> {
        if !std::path::Path::new("/usr/bin/docker-registry").exists() {
            println!("SKIPPED: no registry for tests here: docker-registry is not installed");
            return None;
        }
        std::fs::write(engine.path("htpasswd"), format!("{USER}:{HASH}\n")).unwrap();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: \"127.0.0.1:{PORT}\", secret: tests}}\nauth: {{htpasswd: {{realm: tests, path: {}}}}}\n",
            engine.path("registry").display(),
            engine.path("htpasswd").display(),
        );
        std::fs::write(engine.path("registry.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(engine.path("registry.yml"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let registry = Self { child, image: format!("127.0.0.1:{PORT}/team/sample:1") };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", PORT)).is_err() {
            assert!(Instant::now() < deadline, "the registry does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry.push(engine);
        Some(registry)
    }

    fn push(&self, engine: &Engine) {
        let image = self.image.as_str();
        engine.ask(&["tag", IMAGE, image]);
        match engine.kind {
            Kind::Docker => {
                let server = format!("127.0.0.1:{PORT}");
                engine.ask(&["login", "-u", USER, "-p", PASSWORD, &server]);
                engine.ask(&["push", image]);
            }
            Kind::Podman => {
                let credentials = format!("{USER}:{PASSWORD}");
                engine.ask(&["push", "--tls-verify=false", "--creds", &credentials, image]);
            }
        }
        engine.ask(&["rmi", image]);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
