//! The console: pages and the server functions behind them.
#![recursion_limit = "512"]
#![forbid(unsafe_code)]

// The texts, from `locales/` by the build script.
#[allow(clippy::all, clippy::unwrap_used, warnings)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
}
pub use generated::i18n;

#[macro_use]
pub mod texts;
pub mod context;
mod defects;
pub mod error;
mod failures;
mod features;
mod layout;
pub mod paths;
mod refusals;
#[cfg(feature = "ssr")]
pub mod session;
pub mod shell;
