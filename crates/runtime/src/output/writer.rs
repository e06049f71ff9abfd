//! Writes a replica's output into files of bounded size.

use super::parts::{self, write_start};
use super::{file, last_line};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Bytes kept to find the last line.
const TAIL: usize = 8 * 1024;

/// The only one that writes to the files of its folder.
pub struct Writer {
    folder: PathBuf,
    file: Option<File>,
    /// Where the file starts, and its size.
    start: u64,
    size: u64,
    most: u64,
    files: u32,
    /// The newest bytes of this start.
    tail: Vec<u8>,
}

impl Writer {
    pub fn open(folder: &Path, most: u64, files: u32) -> io::Result<Self> {
        let file = append(&file(folder, 0))?;
        let size = file.metadata()?.len();
        let start = parts::end(folder).saturating_sub(size);
        write_start(folder, &file, start)?;
        let (most, files) = (most.max(1), files.max(1));
        Ok(Self { folder: folder.into(), file: Some(file), start, size, most, files, tail: Vec::new() })
    }

    /// Never fails and never waits: a replica must not stand still because the disk is full. What does not fit is
    /// lost.
    pub fn write(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.size >= self.most {
                self.rotate();
            }
            let room = usize::try_from(self.most - self.size).unwrap_or(usize::MAX);
            let mut part = &rest[..rest.len().min(room)];
            if part.len() < rest.len() {
                // Whole lines, where that is possible: what does not fit begins the next file.
                match part.iter().rposition(|byte| *byte == b'\n') {
                    Some(end) => part = &part[..=end],
                    None if self.size > 0 => part = &[],
                    None => {}
                }
            }
            if self.file.as_mut().is_none_or(|file| file.write_all(part).is_err()) {
                // A part of it may be there.
                self.size = self.length();
                return;
            }
            rest = &rest[part.len()..];
            self.size += part.len() as u64;
            if !rest.is_empty() {
                self.rotate();
            }
        }
    }

    fn length(&self) -> u64 {
        self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |entry| entry.len())
    }

    fn rotate(&mut self) {
        let name = |n| file(&self.folder, n);
        self.start += self.length();
        for n in (1..self.files).rev() {
            let _ = fs::rename(name(n - 1), name(n));
        }
        if self.files == 1 {
            let _ = fs::remove_file(name(0));
        }
        self.file = append(&name(0)).ok();
        self.size = self.length();
        if self.size >= self.most {
            // The old file could not be moved away; better an empty one than none.
            self.file = File::create(name(0)).ok();
            self.size = 0;
        }
        if let Some(file) = &self.file {
            let _ = write_start(&self.folder, file, self.start);
        }
    }

    /// The last line of this start that is not empty, without control characters.
    pub fn last_line(&self) -> Option<String> {
        last_line(&self.tail)
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotates_and_keeps_lines_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut output = Writer::open(folder.path(), 100, 3).unwrap();
        for n in 0..100 {
            output.write(format!("line {n:03}\nmore {n:03}\n").as_bytes());
        }
        let names = ["output.log", "output.log.1", "output.log.2"];
        assert!(!folder.path().join("output.log.3").exists());
        let all: String = names.iter().rev().map(|n| fs::read_to_string(folder.path().join(n)).unwrap()).collect();
        assert!(all.len() > 150 && all.len() <= 300, "{}", all.len());
        assert!(all.ends_with("line 099\nmore 099\n"));
        assert!(all.lines().all(|line| line.len() == 8), "{all}");
        drop(output);
        let mut output = Writer::open(folder.path(), 100, 3).unwrap();
        output.write(b"next start\n");
        assert!(fs::read_to_string(&path).unwrap().ends_with("next start\n"));
    }

    #[test]
    fn a_line_longer_than_a_file_is_split() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Writer::open(folder.path(), 10, 2).unwrap();
        output.write(&[b'x'; 1000]);
        assert_eq!(fs::read(folder.path().join("output.log")).unwrap().len(), 10);
    }

    #[test]
    fn the_last_line_is_short_and_inert() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Writer::open(folder.path(), 1_000_000, 2).unwrap();
        assert_eq!(output.last_line(), None);
        output.write(b"first\nred \x1b[31m\xff\n  \n\n");
        assert_eq!(output.last_line().as_deref(), Some("red \u{fffd}[31m\u{fffd}"));
        output.write(&[b'y'; 100_000]);
        assert_eq!(output.last_line().map(|line| line.len()), Some(200));
    }
}
