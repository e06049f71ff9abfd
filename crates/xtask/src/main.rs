//! The project's tasks. `./crates/xtask/x TASK` sets up what is missing first; the Makefile names them.

mod bench;
mod browser;
mod checks;
mod compress;
mod fuzz;
mod layers;
mod metadata;
mod run;
mod shell;
mod site;
mod test;

use anyhow::{Result, bail};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = arguments.split_first().map_or(("", &[][..]), |(task, rest)| (task.as_str(), rest));
    match start(task, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{task}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(task: &str, rest: &[String]) -> Result<()> {
    match task {
        "run" => run::run(rest),
        "site" => site::build(&metadata::Leptos::read()?).map(|_| ()),
        "check" => checks::all(),
        "test" => test::all(),
        "test-long" => test::long(),
        "bench" => bench::all(rest),
        "fuzz" => test::search(rest),
        "browser" => browser::journeys(rest),
        _ => bail!("there are the tasks run, site, check, test, test-long, fuzz, bench and browser"),
    }
}
