//! `inference-gateway`: a supervisor, and the console, engine and agent that it starts; one binary.

mod cli;
mod command;
mod config;
mod console;
mod data_dir;
mod exit;
mod lock;
mod logging;
mod membership;
mod supervisor;

use clap::Parser;
use cli::{Cli, Command, ConfigCommand, UserCommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Neither of these is part of the product's configuration; the shim must stay small.
    match &cli.command {
        Command::ReplicaShim { folder } => return runtime::shim_main(folder),
        Command::SampleModel { port, host } => return command::sample_model(*port, *host),
        _ => {}
    }
    // Replicas run as another user on this machine: nothing that is made from here on is for others to read.
    rustix::process::umask(rustix::fs::Mode::from_bits_retain(0o077));
    let loaded = match config::load(cli.config.as_deref(), &cli.overrides) {
        Ok(loaded) => loaded,
        Err(error) => return exit::with(&error, exit::CONFIG),
    };
    logging::start(&loaded.config.log);
    let config = loaded.config.clone();
    let done = match cli.command {
        Command::Serve => command::serve(config),
        Command::Console => command::console(config),
        Command::Engine => command::engine(config),
        Command::Agent => command::agent(config),
        Command::Join { console, token } => command::join(config, &console, &token),
        Command::Config { command: ConfigCommand::Show } => {
            print!("{}", loaded.show());
            Ok(())
        }
        Command::User { command: UserCommand::ResetPassword { name } } => command::reset_password(config, &name),
        Command::User { command: UserCommand::SetupLink } => command::setup_link(config),
        Command::ReplicaShim { .. } | Command::SampleModel { .. } => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => exit::with(&failed.error, failed.code),
    }
}
