//! Ending with one clear sentence.

use std::process::ExitCode;

/// Starting again would not help: a setting, a port or a file has to be changed first (`EX_CONFIG`).
pub const CONFIG: u8 = 78;
/// Starting again may help.
pub const FAILED: u8 = 1;

#[derive(Debug)]
pub struct Failed {
    pub error: anyhow::Error,
    pub code: u8,
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), code: FAILED }
    }
}

/// For errors that need somebody to change something.
pub fn config(error: impl Into<anyhow::Error>) -> Failed {
    Failed { error: error.into(), code: CONFIG }
}

pub fn with(error: &anyhow::Error, code: u8) -> ExitCode {
    // `{:#}` puts the causes behind the sentence.
    eprintln!("inference-gateway: {error:#}");
    ExitCode::from(code)
}
