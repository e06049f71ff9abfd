//! What many services, many changes and looking closely cost the engine. It is compared with itself.

mod change;
mod clients;
mod cost;
mod observer;
mod publish;
mod running;
mod setting;

use crate::options::Options;
use crate::ports;
use crate::scene::{Backends, Scene};
use anyhow::Result;
use running::Running;
use setting::Setting;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Of a request, with 100,000 services.
    Cost,
    /// How long one takes.
    Changes,
    /// What traffic notices of many.
    Publishes,
    /// Reading models' answers as they pass.
    Observer,
}

impl Scale {
    pub const ALL: [Self; 4] = [Self::Cost, Self::Changes, Self::Publishes, Self::Observer];

    /// On the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cost => "scale",
            Self::Changes => "changes",
            Self::Publishes => "publishes",
            Self::Observer => "observer",
        }
    }

    pub async fn measure(self, options: &Options, scene: &Scene) -> Result<String> {
        match self {
            Self::Cost => cost::measure(options, scene).await,
            Self::Changes => change::measure(options, scene).await,
            Self::Publishes => publish::measure(options, scene).await,
            Self::Observer => observer::measure(options, scene).await,
        }
    }
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// At these shares of them, in order.
fn shares<const N: usize>(values: &mut [f64], shares: [f64; N]) -> [f64; N] {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    shares.map(|share| values.get((last * share).round() as usize).copied().unwrap_or(f64::NAN))
}

async fn start(options: &Options, backends: Backends, setting: &Setting, folder: &Path) -> Result<Running> {
    eprintln!("starting an engine with {} services", setting.services());
    let mut running = Running::start(&options.programs.engine, backends, setting, folder).await?;
    ports::wait(&[running.door], &mut running.process).await?;
    Ok(running)
}
