//! Docker Engine and Podman of Debian's packages, started for these tests alone: in a network and mounts of their own,
//! with all their files in a folder that is gone afterwards.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod home;
mod image;
mod registry;

pub use registry::{PASSWORD, Registry, USER};

use home::Home;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
/// What replicas of the tests run.
pub const IMAGE: &str = "sample:1";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Docker,
    Podman,
}

/// Dropped, it is gone with all its containers.
pub struct Engine {
    pub kind: Kind,
    home: Home,
    daemon: Mutex<Option<std::process::Child>>,
    /// Docker's containerd, which goes on without it.
    containerd: Option<std::process::Child>,
    folder: TempDir,
}

/// One of each kind for all tests that run at the same time.
static SHARED: Mutex<[Weak<Engine>; 2]> = Mutex::new([Weak::new(), Weak::new()]);

/// Runs a test in the network of an engine that it shares with others; prints why not, where there is none.
pub fn with<F: Future<Output = ()>>(kind: Kind, test: impl FnOnce(Arc<Engine>) -> F + Send + 'static) {
    let engine = {
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let place = &mut shared[usize::from(kind == Kind::Podman)];
        match place.upgrade() {
            Some(engine) => Ok(engine),
            None => Engine::start(kind).map(|engine| {
                let engine = Arc::new(engine);
                *place = Arc::downgrade(&engine);
                engine
            }),
        }
    };
    run(kind, engine, test);
}

/// The same with an engine of its own, that it may kill.
pub fn alone<F: Future<Output = ()>>(kind: Kind, test: impl FnOnce(Arc<Engine>) -> F + Send + 'static) {
    run(kind, Engine::start(kind).map(Arc::new), test);
}

fn run<F: Future<Output = ()>>(
    kind: Kind,
    engine: Result<Arc<Engine>, String>,
    test: impl FnOnce(Arc<Engine>) -> F + Send + 'static,
) {
    let engine = match engine {
        Ok(engine) => engine,
        Err(reason) => return println!("SKIPPED: no {kind:?} for tests here: {reason}"),
    };
    // A thread of its own: it never comes back from the engine's network.
    let thread = std::thread::spawn(move || {
        engine.home.enter();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test(engine));
    });
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

impl Engine {
    fn start(kind: Kind) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("only root can start it".into());
        }
        let needed: &[&str] = match kind {
            Kind::Docker => &["dockerd", "docker", "containerd", "runc", "iptables", "ip", "tar", "ldd", "setpriv"],
            Kind::Podman => {
                &["podman", "conmon", "runc", "catatonit", "netavark", "iptables", "ip", "tar", "ldd", "setpriv"]
            }
        };
        for program in needed {
            let places = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/lib/podman", "/usr/libexec/podman"];
            if !places.iter().any(|place| Path::new(place).join(program).exists()) {
                return Err(format!("{program} is not installed"));
            }
        }
        let folder = tempfile::Builder::new().prefix("engine").tempdir().map_err(|error| error.to_string())?;
        let home = Home::new()?;
        let mut engine = Self { kind, home, daemon: Mutex::new(None), containerd: None, folder };
        if kind == Kind::Docker {
            engine.containerd = Some(engine.start_containerd().map_err(|error| error.to_string())?);
        }
        engine.start_daemon()?;
        engine.make_image()?;
        Ok(engine)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn socket(&self) -> PathBuf {
        self.path("engine.sock")
    }

    fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// A service of its own, as Debian has it.
    fn start_containerd(&self) -> std::io::Result<std::process::Child> {
        let config = "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n";
        std::fs::write(self.path("containerd.toml"), config)?;
        let log = std::fs::File::create(self.path("containerd.log"))?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "containerd", "--config"]).arg(self.path("containerd.toml"));
        command.arg("--root").arg(self.path("containerd")).arg("--state").arg(self.path("containerd-run"));
        command.arg("--address").arg(self.path("containerd.sock"));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = self.home.spawn(command)?;
        let deadline = Instant::now() + PATIENCE;
        while UnixStream::connect(self.path("containerd.sock")).is_err() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(child)
    }

    pub fn start_daemon(&self) -> Result<(), String> {
        let log = std::fs::File::create(self.path("daemon.log")).map_err(|error| error.to_string())?;
        let mut command = Command::new("setpriv");
        // Should the tests be killed, it ends too, and its containers with it.
        command.args(["--pdeathsig", "TERM"]);
        let path = |name: &str| self.path(name).into_os_string();
        match self.kind {
            Kind::Docker => {
                std::fs::write(self.path("daemon.json"), "{}").map_err(|error| error.to_string())?;
                command.args(["dockerd", "-H", &self.url(), "--config-file"]).arg(path("daemon.json"));
                command.arg("--data-root").arg(path("data")).arg("--exec-root").arg(path("exec"));
                command.arg("--pidfile").arg(path("pid")).arg("--containerd").arg(path("containerd.sock"));
            }
            Kind::Podman => {
                // The defaults ask for more than a container in a container may have; crun refuses hybrid groups.
                let settings = "[containers]\ndefault_ulimits=[\"nofile=4096:4096\",\"nproc=4096:4096\"]\n\
                    [engine]\nruntime=\"runc\"\ncgroup_manager=\"cgroupfs\"\nevents_logger=\"file\"\n";
                std::fs::write(self.path("containers.conf"), settings).map_err(|error| error.to_string())?;
                // As Docker has it by itself: no TLS on loopback.
                let registries = "[[registry]]\nlocation=\"127.0.0.1:5000\"\ninsecure=true\n";
                std::fs::write(self.path("registries.conf"), registries).map_err(|error| error.to_string())?;
                command.env("CONTAINERS_CONF", path("containers.conf")).arg("podman");
                command.env("CONTAINERS_REGISTRIES_CONF", path("registries.conf"));
                command.arg("--root").arg(path("data")).arg("--runroot").arg(path("run"));
                command.arg("--tmpdir").arg(path("tmp")).arg("--network-config-dir").arg(path("networks"));
                command.args(["system", "service", "--time=0", &self.url()]);
            }
        }
        // Podman's conmon leaves files where it was started.
        command.current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(|error| error.to_string())?).stderr(log);
        *self.daemon.lock().unwrap() = Some(self.home.spawn(command).map_err(|error| error.to_string())?);
        let deadline = Instant::now() + PATIENCE;
        while !self.answers() {
            if Instant::now() > deadline || !self.lives() {
                return Err(std::fs::read_to_string(self.path("daemon.log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn lives(&self) -> bool {
        self.daemon.lock().unwrap().as_mut().is_some_and(|daemon| matches!(daemon.try_wait(), Ok(None)))
    }

    fn answers(&self) -> bool {
        let ask = || {
            let mut stream = UnixStream::connect(self.socket())?;
            stream.write_all(b"GET /_ping HTTP/1.0\r\nhost: engine\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            std::io::Result::Ok(answer.contains("200 OK"))
        };
        ask().unwrap_or(false)
    }

    /// The daemon alone; `signal` as `kill` takes it.
    pub fn end_daemon(&self, signal: rustix::process::Signal) {
        let Some(mut daemon) = self.daemon.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take() else {
            return;
        };
        let deadline = Instant::now() + PATIENCE;
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&daemon), signal);
        while matches!(daemon.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = daemon.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn client(&self) -> Command {
        match self.kind {
            Kind::Docker => {
                let mut docker = Command::new("docker");
                docker.args(["-H", &self.url()]).env("DOCKER_CONFIG", self.path("client"));
                docker
            }
            Kind::Podman => {
                let mut podman = Command::new("podman");
                podman.env("CONTAINERS_CONF", self.path("containers.conf")).args(["--remote", "--url", &self.url()]);
                podman
            }
        }
    }

    /// What the engine's own client says.
    pub fn try_ask(&self, arguments: &[&str]) -> Output {
        self.client().args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    pub fn ask(&self, arguments: &[&str]) -> String {
        let output = self.try_ask(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {words}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Ids of the containers with this label, running or not.
    pub fn labelled(&self, label: &str) -> Vec<String> {
        let filter = format!("label={label}");
        let list = self.ask(&["ps", "-a", "-q", "--no-trunc", "--filter", &filter]);
        list.lines().map(str::to_owned).collect()
    }

    fn make_image(&self) -> Result<(), String> {
        let tar = self.path("image.tar");
        image::make(&self.path("image"), &tar).map_err(|error| error.to_string())?;
        let changes = ["-c", "ENV PATH=/bin", "-c", "ENTRYPOINT [\"runtime-testbin\"]", "-c", "CMD [\"sample-model\"]"];
        let output = self.client().arg("import").args(changes).arg(&tar).arg(IMAGE).output();
        let output = output.map_err(|error| error.to_string())?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.answers() {
            let list = self.try_ask(&["ps", "-a", "-q"]).stdout;
            let list = String::from_utf8_lossy(&list).into_owned();
            for id in list.lines() {
                self.try_ask(&["rm", "-f", id]);
            }
        }
        self.end_daemon(rustix::process::Signal::TERM);
        if let Some(containerd) = &mut self.containerd {
            let _ = containerd.kill();
            let _ = containerd.wait();
        }
        // What a killed daemon leaves: who watches over containers. All name the folder.
        home::kill_all_that_name(self.folder.path());
    }
}
