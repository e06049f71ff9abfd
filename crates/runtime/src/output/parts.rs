//! The files of an output and where each starts.

use super::{MOST_FILES, START, file};
use crate::files;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// In `output.start`. The number tells the file also after it was renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Start {
    inode: u64,
    at: u64,
}

pub struct Part {
    pub file: File,
    pub at: u64,
    pub len: u64,
    inode: u64,
}

/// `current` starts at `at`.
pub fn write_start(folder: &Path, current: &File, at: u64) -> io::Result<()> {
    files::write_json(&folder.join(START), &Start { inode: current.metadata()?.ino(), at }, false)
}

/// All that are kept, the oldest first. Also true while another process rotates them.
pub fn parts(folder: &Path) -> io::Result<Vec<Part>> {
    for _ in 0..10 {
        let mut all = open_all(folder)?;
        let start: Option<Start> = files::read_json(&folder.join(START)).unwrap_or_default();
        let unmoved = |n: usize, part: &Part| {
            u32::try_from(n).is_ok_and(|n| fs::metadata(file(folder, n)).is_ok_and(|entry| entry.ino() == part.inode))
        };
        if !all.iter().enumerate().all(|(n, part)| unmoved(n, part)) {
            continue;
        }
        all.reverse();
        let known = all.iter().position(|part| start.is_some_and(|start| start.inode == part.inode));
        let before: u64 = all.iter().take(known.unwrap_or(0)).map(|part| part.len).sum();
        // Without a known file they are from before places were counted.
        let mut at = start.map_or(0, |start| start.at).saturating_sub(before);
        for part in &mut all {
            part.at = at;
            at += part.len;
        }
        return Ok(all);
    }
    Err(io::Error::other("its files change too fast; try again"))
}

/// The newest first.
fn open_all(folder: &Path) -> io::Result<Vec<Part>> {
    let mut all = Vec::new();
    for n in 0..MOST_FILES {
        let file = match File::open(file(folder, n)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        };
        let entry = file.metadata()?;
        all.push(Part { at: 0, len: entry.len(), inode: entry.ino(), file });
    }
    Ok(all)
}

/// The place behind the newest byte; 0 where nothing was ever printed.
pub fn end(folder: &Path) -> u64 {
    parts(folder).ok().and_then(|parts| parts.last().map(|part| part.at + part.len)).unwrap_or(0)
}
