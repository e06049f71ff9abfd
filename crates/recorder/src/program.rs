//! Programs, as their files of flags describe them.

use crate::command_line::Taken;
use std::collections::BTreeMap;

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    Nothing,
    Value,
    Values,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Argparse,
    Clap,
    Getopt,
    /// As llama.cpp does: no `--flag=value`.
    Llama,
}

#[derive(Debug, Default)]
pub struct Program {
    /// As it calls itself.
    pub name: String,
    pub style: Style,
    pub words: Vec<String>,
    pub positional: usize,
    pub flags: BTreeMap<String, Follows>,
    pub needs: Vec<String>,
    pub health: String,
    /// Flag and default of the address, then of the port.
    listens: Vec<String>,
    /// Flag of a file, key in it, default.
    settings: Vec<String>,
}

/// The program of this name.
pub fn named(name: &str) -> Option<Program> {
    let text = match name {
        "vllm" => include_str!("../flags/vllm.txt"),
        "python" | "python3" => include_str!("../flags/sglang.txt"),
        "llama-server" => include_str!("../flags/llama.txt"),
        "tritonserver" => include_str!("../flags/triton.txt"),
        "text-embeddings-router" => include_str!("../flags/tei.txt"),
        "torchserve" => include_str!("../flags/torchserve.txt"),
        _ => return None,
    };
    let mut program = Program { name: name.to_owned(), ..Program::default() };
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).for_each(|line| {
        program.line(line);
    });
    Some(program)
}

impl Program {
    fn line(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix('!') else {
            let (flag, follows) = match (line.strip_suffix('='), line.strip_suffix('+')) {
                (Some(flag), _) => (flag, Follows::Value),
                (_, Some(flag)) => (flag, Follows::Values),
                _ => (line, Follows::Nothing),
            };
            self.flags.insert(flag.to_owned(), follows);
            return;
        };
        let mut words = rest.split(' ').map(str::to_owned);
        match words.next().as_deref() {
            Some("words") => self.words = words.collect(),
            Some("positional") => self.positional = words.next().and_then(|n| n.parse().ok()).unwrap_or_default(),
            Some("listens") => self.listens = words.collect(),
            Some("settings") => self.settings = words.collect(),
            Some("health") => self.health = words.collect(),
            Some("needs") => self.needs.extend(words),
            Some("style") => {
                self.style = match words.next().as_deref() {
                    Some("clap") => Style::Clap,
                    Some("getopt") => Style::Getopt,
                    Some("llama") => Style::Llama,
                    _ => Style::Argparse,
                };
                self.name = words.next().unwrap_or_else(|| self.name.clone());
            }
            _ => {}
        }
    }

    /// Where it listens, as `address:port`.
    pub fn place(&self, taken: &Taken) -> Result<String, String> {
        if let [flag, key, default] = self.settings.as_slice() {
            let file = taken.value(flag).unwrap_or_default();
            let text = if file.is_empty() { Ok(String::new()) } else { std::fs::read_to_string(file) };
            let text = text.map_err(|error| format!("{}: {file}: {error}", self.name))?;
            let said = text.lines().find_map(|line| line.strip_prefix(key.as_str())?.trim_start().strip_prefix('='));
            let url = said.unwrap_or(default).trim();
            let place = url.strip_prefix("http://").ok_or_else(|| format!("{}: {url} is no address", self.name))?;
            return Ok(place.to_owned());
        }
        let [host, host_default, port, port_default] = self.listens.as_slice() else {
            return Err(format!("{}: its file does not say where it listens", self.name));
        };
        let said = |flag: &str, default: &str| taken.value(flag).unwrap_or(default).to_owned();
        Ok(format!("{}:{}", said(host, host_default), said(port, port_default)))
    }
}
