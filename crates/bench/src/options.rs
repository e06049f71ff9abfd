//! The command line.

use crate::proxy::{Kind, Programs};
use crate::scale::Scale;
use crate::workload::Workload;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

pub struct Options {
    pub programs: Programs,
    /// For everything that is written.
    pub folder: PathBuf,
    pub rounds: usize,
    /// Of a measurement at saturation; at half load half of it.
    pub seconds: f64,
    pub workloads: Vec<Workload>,
    pub kinds: Vec<Kind>,
    pub memory: bool,
    /// The engine beside itself, with more services and with changes.
    pub scale: Vec<Scale>,
    /// Of everything that runs; below 0 other work on the machine disturbs less.
    pub nice: i32,
}

const USAGE: &str = "bench --engine PROGRAM --envoy PROGRAM --folder FOLDER [--rounds 5] [--seconds 2] \
                     [--only get,post,tls,handshakes,http2,grpc,events,websockets,memory,scale,changes,publishes,observer] [--proxies engine,nginx,…] [--nice -10]";

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (mut engine, mut envoy, mut folder) = (None, None, None);
        let (mut rounds, mut seconds, mut nice) = (5, 2.0, 0);
        let (mut workloads, mut kinds) = (Workload::ALL.to_vec(), Kind::ALL.to_vec());
        let (mut memory, mut scale) = (true, Scale::ALL.to_vec());
        while let Some(name) = arguments.next() {
            let value = arguments.next().context(USAGE)?;
            match name.as_str() {
                "--engine" => engine = Some(PathBuf::from(value)),
                "--envoy" => envoy = Some(PathBuf::from(value)),
                "--folder" => folder = Some(PathBuf::from(value)),
                "--rounds" => rounds = value.parse()?,
                "--seconds" => seconds = value.parse()?,
                "--nice" => nice = value.parse()?,
                "--only" => {
                    let has = |wanted: &str| value.split(',').any(|name| name == wanted);
                    memory = has("memory");
                    scale.retain(|part| has(part.name()));
                    let of_engine = Scale::ALL.map(Scale::name);
                    let named = value.split(',').filter(|name| *name != "memory" && !of_engine.contains(name));
                    workloads = named.map(Workload::parse).collect::<Result<_>>()?;
                }
                "--proxies" => {
                    let named = |kind: &Kind| value.split(',').any(|name| name.eq_ignore_ascii_case(kind.name()));
                    kinds = Kind::ALL.into_iter().filter(named).collect();
                }
                _ => bail!("{USAGE}"),
            }
        }
        let programs = Programs { engine: engine.context(USAGE)?, envoy: envoy.context(USAGE)? };
        Ok(Self { programs, folder: folder.context(USAGE)?, rounds, seconds, workloads, kinds, memory, scale, nice })
    }
}
