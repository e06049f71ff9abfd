//! Reads a part of what a replica printed.

use super::inert;
use super::parts::{Part, parts};
use link::message::{Output, ReadOutput};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes in one answer.
const MOST: u32 = 256 * 1024;
/// Bytes that are looked through for the last lines, how many of these are told, and how long each may be.
const TAIL: u64 = 8 * 1024;
const LINES: usize = 20;
const LINE: usize = 300;
/// Of a line within a sentence.
const SHORT: usize = 200;

/// Blocks. Why nothing could be read is in the answer.
pub fn read(folder: &Path, read: ReadOutput) -> Output {
    piece(folder, read).unwrap_or_else(|error| Output {
        refused: Some(format!("the replica's output cannot be read: {error}; look at the disk of the agent's host")),
        ..Output::default()
    })
}

fn piece(folder: &Path, read: ReadOutput) -> io::Result<Output> {
    let parts = parts(folder)?;
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(Output::default()) };
    let (oldest, end) = (first.at, last.at + last.len);
    let most = u64::from(read.bytes.clamp(1, MOST));
    let (mut from, mut to) = match read {
        ReadOutput { after: Some(after), .. } => {
            let from = after.clamp(oldest, end);
            (from, end.min(from + most))
        }
        ReadOutput { before, .. } => {
            let to = before.unwrap_or(end).clamp(oldest, end);
            (to.saturating_sub(most).max(oldest), to)
        }
    };
    let mut bytes = bytes(&parts, from, to)?;
    if read.after.is_some() {
        // The rest of a line comes with the next read; of one that never ends, as much as there is.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or_else(|| characters(&bytes), |end| end + 1);
        bytes.truncate(whole);
        to = from + whole as u64;
    } else if from > oldest {
        let cut = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if cut < bytes.len() {
            bytes.drain(..cut);
            from += cut as u64;
        }
    }
    Ok(Output { from, to, oldest, text: String::from_utf8_lossy(&bytes).into_owned(), refused: None })
}

/// Bytes without a character that is there in part only; all of them where that would be none.
fn characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => error.valid_up_to(),
        _ => bytes.len(),
    }
}

fn bytes(parts: &[Part], from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    for part in parts {
        let (start, end) = (from.max(part.at), to.min(part.at + part.len));
        if start < end {
            let mut piece = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
            part.file.read_exact_at(&mut piece, start - part.at)?;
            all.append(&mut piece);
        }
    }
    Ok(all)
}

/// The last lines behind `from` that are not empty, for a report. Untrusted text, without control characters.
pub fn last_lines(folder: &Path, from: u64) -> Vec<String> {
    let Ok(parts) = parts(folder) else { return Vec::new() };
    let end = parts.last().map_or(0, |part| part.at + part.len);
    let start = end.saturating_sub(TAIL);
    let Ok(bytes) = bytes(&parts, start.max(from), end) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let cut = usize::from(start > from);
    let lines: Vec<&str> = text.lines().skip(cut).map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(LINES)).map(|line| inert(line, LINE)).collect()
}

/// The last line of these bytes that is not empty, without control characters.
pub fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(|line| inert(line, SHORT))
}

#[cfg(test)]
mod tests {
    use super::super::Writer;
    use super::*;

    fn after(place: u64, bytes: u32) -> ReadOutput {
        ReadOutput { after: Some(place), before: None, bytes }
    }

    #[test]
    fn places_survive_rotation_and_another_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut all = String::new();
        let mut followed = String::new();
        let mut place = 0;
        for n in 0..100 {
            // Each start of a replica opens the files anew.
            let mut writer = Writer::open(folder.path(), 100, 3).unwrap();
            let line = format!("line {n}\n");
            writer.write(line.as_bytes());
            all.push_str(&line);
            let output = read(folder.path(), after(place, 1000));
            assert_eq!(output.from, place);
            followed.push_str(&output.text);
            place = output.to;
        }
        assert_eq!(followed, all);
        let kept = read(folder.path(), after(0, 1000));
        assert!(kept.oldest > 0 && kept.from == kept.oldest && kept.to == all.len() as u64);
        assert_eq!(kept.text, all[usize::try_from(kept.oldest).unwrap()..]);
        assert_eq!(end_of(&all, 20), last_lines(folder.path(), 0));
        assert_eq!(last_lines(folder.path(), all.len() as u64 - 8), ["line 99"]);
    }

    fn end_of(text: &str, lines: usize) -> Vec<String> {
        let all: Vec<&str> = text.lines().collect();
        all[all.len() - lines..].iter().map(|&line| line.into()).collect()
    }

    #[test]
    fn pieces_are_whole_lines_and_go_backwards_too() {
        let folder = tempfile::tempdir().unwrap();
        Writer::open(folder.path(), 1000, 3).unwrap().write(b"one\ntwo\nthree\nfo");
        let newest = read(folder.path(), ReadOutput { after: None, before: None, bytes: 10 });
        assert_eq!((newest.text.as_str(), newest.from, newest.to), ("three\nfo", 8, 16));
        let before = read(folder.path(), ReadOutput { after: None, before: Some(newest.from), bytes: 6 });
        assert_eq!((before.text.as_str(), before.from, before.to), ("two\n", 4, 8));
        assert_eq!(read(folder.path(), after(0, 9)).text, "one\ntwo\n");
        assert_eq!(read(folder.path(), after(14, 100)).text, "fo", "a prompt is seen");
        assert_eq!(read(folder.path(), after(99_999, 100)).text, "");
    }

    #[test]
    fn what_is_no_text_is_replaced_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), after(0, 10)), Output::default(), "nothing was ever printed");
        let mut writer = Writer::open(folder.path(), 10_000_000, 3).unwrap();
        writer.write("ä".repeat(400_000).as_bytes());
        let output = read(folder.path(), after(0, u32::MAX));
        assert_eq!((output.to, output.text.chars().all(|c| c == 'ä')), (u64::from(MOST), true));
        assert_eq!(read(folder.path(), after(0, 3)).text, "ä", "no half characters");
        writer.write(b"\n\xff\x1b[31m\n");
        let output = read(folder.path(), ReadOutput { bytes: 8, ..ReadOutput::default() });
        assert_eq!(output.text, "\u{fffd}\u{1b}[31m\n");
        assert_eq!(last_lines(folder.path(), 800_001), ["\u{fffd}\u{fffd}[31m"]);
        assert_eq!(last_lines(folder.path(), 0).last().unwrap(), "\u{fffd}\u{fffd}[31m");
    }
}
