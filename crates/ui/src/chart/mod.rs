//! Charts as the server draws them: no script, no library.

mod line_chart;
mod shape;

pub use line_chart::*;
