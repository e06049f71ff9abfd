//! How far a container's output has been copied.
//!
//! Daemons count no bytes of what a container prints, but write a time in front of every line. So the place is, for
//! each of both streams, the newest time and how many lines of that very time have been taken: some daemons know
//! seconds only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    at: DateTime<Utc>,
    lines: u64,
}

/// Kept in the replica's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which container: another one's output begins anew.
    container: String,
    out: Option<Mark>,
    err: Option<Mark>,
    /// Where the copy ends, bytes from the first that the replica ever printed.
    end: u64,
}

impl Position {
    /// Nothing has been copied yet; the copy begins at `end`.
    pub fn of(container: &str, end: u64) -> Self {
        Self { container: container.into(), out: None, err: None, end }
    }

    pub fn is_of(&self, container: &str) -> bool {
        self.container == container
    }

    pub fn end(&self) -> u64 {
        self.end
    }

    pub fn copied(&mut self, bytes: usize) {
        self.end = self.end.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// From where to ask again, seconds since 1970; 0: all. A second earlier than needed, since some daemons give only
    /// what is later and both streams are written side by side.
    pub fn since(&self) -> i32 {
        let newest = self.out.max_by_time(self.err).map_or(0, |mark| mark.at.timestamp() - 1);
        i32::try_from(newest.max(0)).unwrap_or(0)
    }

    fn mark(&mut self, stream: Stream) -> &mut Option<Mark> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

trait Newer {
    fn max_by_time(self, other: Self) -> Self;
}

impl Newer for Option<Mark> {
    fn max_by_time(self, other: Self) -> Self {
        [self, other].into_iter().flatten().max_by_key(|mark| mark.at)
    }
}

/// One reading of the output from [`Position::since`] on: passes over what was taken before.
pub struct Reading {
    before: Position,
    /// Lines of the newest time before, of each stream.
    passed: [u64; 2],
    pub position: Position,
}

impl Reading {
    pub fn from(position: Position) -> Self {
        Self { before: position.clone(), passed: [0, 0], position }
    }

    /// What is new in a line as the daemon sends it: `<time> <bytes>`. A line without a time is always new.
    pub fn take<'a>(&mut self, stream: Stream, line: &'a [u8]) -> Option<&'a [u8]> {
        let Some((at, text)) = split(line) else { return Some(line) };
        if let Some(before) = *self.before.mark(stream) {
            if at < before.at {
                return None;
            }
            let passed = &mut self.passed[usize::from(stream == Stream::Err)];
            if at == before.at && *passed < before.lines {
                *passed += 1;
                return None;
            }
        }
        let mark = self.position.mark(stream);
        let lines = mark.filter(|mark| mark.at == at).map_or(0, |mark| mark.lines);
        *mark = Some(Mark { at, lines: lines + 1 });
        Some(text)
    }
}

fn split(line: &[u8]) -> Option<(DateTime<Utc>, &[u8])> {
    let end = line.iter().take(40).position(|byte| *byte == b' ')?;
    let at = DateTime::parse_from_rfc3339(std::str::from_utf8(line.get(..end)?).ok()?).ok()?;
    Some((at.to_utc(), line.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(position: Position, lines: &[(Stream, &str)]) -> (Vec<String>, Position) {
        let mut reading = Reading::from(position);
        let taken = lines.iter().filter_map(|(stream, line)| reading.take(*stream, line.as_bytes()));
        let taken = taken.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        (taken, reading.position)
    }

    #[test]
    fn nothing_twice_and_nothing_lost_with_times_of_any_precision() {
        use Stream::{Err, Out};
        for time in ["2026-01-02T03:04:05.000000007Z", "2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00"] {
            let lines = ["a", "b", "c", "d"].map(|text| format!("{time} {text}\n"));
            let all: Vec<_> = lines.iter().zip([Out, Err, Out, Out]).map(|(line, to)| (to, line.as_str())).collect();
            // Ended after any number of them, and read again from the beginning.
            for cut in 0..=all.len() {
                let (first, position) = read(Position::of("x", 0), &all[..cut]);
                let written = serde_json::to_string(&position).unwrap();
                let (rest, _) = read(serde_json::from_str(&written).unwrap(), &all);
                assert_eq!([first, rest].concat(), ["a\n", "b\n", "c\n", "d\n"], "{time} {cut}");
            }
        }
    }

    #[test]
    fn both_streams_have_a_place_of_their_own() {
        use Stream::{Err, Out};
        let (_, position) = read(Position::of("x", 0), &[(Out, "2026-01-02T03:04:05.5Z o\n")]);
        let lines = [(Err, "2026-01-02T03:04:05.4Z late\n"), (Out, "2026-01-02T03:04:05.5Z o\n")];
        assert_eq!(read(position.clone(), &lines).0, ["late\n"]);
        assert_eq!(position.since(), 1_767_323_044);
        assert_eq!(Position::of("x", 0).since(), 0);
    }

    #[test]
    fn odd_lines_are_kept_whole() {
        let mut reading = Reading::from(Position::of("x", 0));
        for odd in ["", " ", "no time", "2026-99-02T03:04:05Z x", "\u{0}\u{ff}"] {
            assert_eq!(reading.take(Stream::Out, odd.as_bytes()), Some(odd.as_bytes()));
        }
    }
}
