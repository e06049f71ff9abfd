//! The product's language: what gateways, networks, services and snapshots are, and what is valid.
//!
//! No I/O, no clock, no randomness: the same code runs in the browser, in the console and in the engine.
#![forbid(unsafe_code)]

pub mod account;
pub mod alb;
pub mod arrival;
pub mod billing;
pub mod certificate;
pub mod cidr;
pub mod custom_domain;
pub mod debugging;
pub mod domain_check;
pub mod endpoint;
pub mod error;
pub mod gateway;
pub mod histogram;
pub mod host;
pub mod id;
pub mod label;
pub mod money;
pub mod name;
pub mod network;
pub mod order;
pub mod placement;
pub mod plan;
pub mod role;
pub mod secret;
pub mod service;
pub mod snapshot;
pub mod snippet;
pub mod spec;
pub mod status;
pub mod traffic;
pub mod view;
pub mod whitelist;

pub use error::{FieldError, FieldErrors, Invalid};
