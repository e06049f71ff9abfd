//! What a replica prints: files of bounded size, `output.log` the newest, then `output.log.1` and so on. Places in it
//! are counted in bytes from the first that the replica ever printed; `output.start` says where a file starts.

mod parts;
mod read;
mod writer;

pub use parts::end;
pub use read::{last_line, last_lines, read};
pub use writer::Writer;

use std::path::{Path, PathBuf};

/// Standard output and error of all starts.
const OUTPUT: &str = "output.log";
/// Where one of the files starts.
const START: &str = "output.start";
/// More files than anybody keeps.
const MOST_FILES: u32 = 16;

/// The `n`-th newest.
fn file(folder: &Path, n: u32) -> PathBuf {
    match n {
        0 => folder.join(OUTPUT),
        n => folder.join(format!("{OUTPUT}.{n}")),
    }
}

/// Untrusted text as part of a sentence or a page: without control characters, and not longer than so many others.
pub fn inert(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).take(most).collect()
}
