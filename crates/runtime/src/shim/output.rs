//! A replica's output: files of bounded size, `output.log` the newest, then `output.log.1` and so on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Characters of the last line that are told.
const LINE: usize = 200;
/// Bytes kept to find it.
const TAIL: usize = 8 * 1024;

pub struct Output {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    most: u64,
    files: u32,
    /// The newest bytes of this start.
    tail: Vec<u8>,
}

impl Output {
    pub fn open(path: PathBuf, most: u64, files: u32) -> io::Result<Self> {
        let file = append(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file: Some(file), size, most: most.max(1), files: files.max(1), tail: Vec::new() })
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
                return;
            }
            rest = &rest[part.len()..];
            self.size = if rest.is_empty() { self.size + part.len() as u64 } else { self.most };
        }
    }

    fn rotate(&mut self) {
        let name = |n: u32| match n {
            0 => self.path.clone(),
            n => PathBuf::from(format!("{}.{n}", self.path.display())),
        };
        for n in (1..self.files).rev() {
            let _ = fs::rename(name(n - 1), name(n));
        }
        if self.files == 1 {
            let _ = fs::remove_file(&self.path);
        }
        self.file = append(&self.path).ok();
        self.size = self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |entry| entry.len());
        if self.size >= self.most {
            // The old file could not be moved away; better an empty one than none.
            self.file = File::create(&self.path).ok();
            self.size = 0;
        }
    }

    /// The last line of this start that is not empty, without control characters.
    pub fn last_line(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.tail);
        let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(LINE).collect())
    }
}

fn append(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotates_and_keeps_lines_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut output = Output::open(path.clone(), 100, 3).unwrap();
        for n in 0..100 {
            output.write(format!("line {n:03}\nmore {n:03}\n").as_bytes());
        }
        let names = ["output.log", "output.log.1", "output.log.2"];
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), names.len());
        let all: String = names.iter().rev().map(|n| fs::read_to_string(folder.path().join(n)).unwrap()).collect();
        assert!(all.len() > 150 && all.len() <= 300, "{}", all.len());
        assert!(all.ends_with("line 099\nmore 099\n"));
        assert!(all.lines().all(|line| line.len() == 8), "{all}");
        drop(output);
        let mut output = Output::open(path.clone(), 100, 3).unwrap();
        output.write(b"next start\n");
        assert!(fs::read_to_string(&path).unwrap().ends_with("next start\n"));
    }

    #[test]
    fn a_line_longer_than_a_file_is_split() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path().join("o"), 10, 2).unwrap();
        output.write(&[b'x'; 1000]);
        assert_eq!(fs::read(folder.path().join("o")).unwrap().len(), 10);
    }

    #[test]
    fn the_last_line_is_short_and_inert() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path().join("o"), 1_000_000, 2).unwrap();
        assert_eq!(output.last_line(), None);
        output.write(b"first\nred \x1b[31m\xff\n  \n\n");
        assert_eq!(output.last_line().as_deref(), Some("red \u{fffd}[31m\u{fffd}"));
        output.write(&[b'y'; 100_000]);
        assert_eq!(output.last_line().map(|line| line.len()), Some(200));
    }
}
