//! The command line.

use crate::config::Overrides;
use clap::{Parser, Subcommand};
use std::net::IpAddr;
use std::path::PathBuf;

/// A self-hosted inference gateway: a web console and a proxy engine in one program.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// Configuration file (TOML); every option below can stand in it, with _ for -
    #[arg(long, global = true, env = "INFERENCE_GATEWAY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub overrides: Overrides,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything: starts console, engine and agent and keeps them running
    Serve,
    /// Make this machine a host of a console elsewhere; its Hosts page shows the command
    Join {
        /// The console's --link-addr
        console: String,
        /// Works once
        token: String,
    },
    /// Run the console alone
    Console,
    /// Run the engine alone
    Engine,
    /// Run the agent alone
    Agent,
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Help users who cannot sign in
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Run a small HTTP predictor to try a gateway with
    SampleModel {
        /// Port to listen on
        #[arg(long, env = "PORT", default_value_t = 8000)]
        port: u16,
        /// Address to listen on
        #[arg(long, env = "HOST", default_value = "127.0.0.1")]
        host: IpAddr,
    },
    /// Watches over one replica; started by the agent
    #[command(hide = true)]
    ReplicaShim { folder: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every value and where it comes from
    Show,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Give a user a new random password, print it, and end all of the user's sessions
    ResetPassword { name: String },
    /// Print a new one-time link that makes the first administrator
    SetupLink,
}
