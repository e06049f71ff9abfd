//! Where a replica has to listen, in the words of its command.
//!
//! No shell is involved when a replica is started, so `$PORT` in a command would stay what it is. `${PORT}` and
//! `${HOST}` are replaced by whoever starts the replica, in the words of its command, in the values of its environment
//! and in the commands of its checks. All else that looks like a variable stays: in a script the shell knows it.

use super::workload::{Check, Probe, Workload};

impl Workload {
    /// The same for a replica that has to listen on this port of this address. Whoever starts a replica starts what
    /// this gives: a process with the address and the port that it was given, a container with `0.0.0.0` and the port
    /// inside of it.
    pub fn listening_on(&self, host: &str, port: u16) -> Self {
        let filled = |text: &String| filled(text, host, port);
        let checked = |check: &Check| match &check.method {
            Probe::Exec { command } => {
                Check { method: Probe::Exec { command: command.iter().map(filled).collect() }, pace: check.pace }
            }
            _ => check.clone(),
        };
        Self {
            command: self.command.iter().map(filled).collect(),
            env: self.env.iter().map(|(name, value)| (name.clone(), filled(value))).collect(),
            readiness: checked(&self.readiness),
            startup: self.startup.as_ref().map(checked),
            liveness: self.liveness.as_ref().map(checked),
            ..self.clone()
        }
    }
}

/// One pass, so that what is put in is not looked at again.
fn filled(text: &str, host: &str, port: u16) -> String {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(rest) = part.strip_prefix("PORT}") {
            filled.push_str(&port.to_string());
            filled.push_str(rest);
        } else if let Some(rest) = part.strip_prefix("HOST}") {
            filled.push_str(host);
            filled.push_str(rest);
        } else {
            filled.push_str("${");
            filled.push_str(part);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_where_to_listen() {
        let workload = Workload {
            command: ["serve", "--port=${PORT}", "${HOST}:${PORT}", "${PORTS} $PORT ${", "${${PORT}}"]
                .map(str::to_owned)
                .to_vec(),
            env: vec![("URL".into(), "http://${HOST}:${PORT}/${X}".into())],
            ..Workload::default()
        };
        let replica = workload.listening_on("127.0.0.9", 4321);
        let wanted = ["serve", "--port=4321", "127.0.0.9:4321", "${PORTS} $PORT ${", "${4321}"];
        assert_eq!(replica.command, wanted);
        assert_eq!(replica.env[0].1, "http://127.0.0.9:4321/${X}");
        assert_eq!(workload.listening_on("${PORT}", 1).command[2], "${PORT}:1", "what is put in stays");
    }
}
