//! Takes the framing off a body as it comes, piece by piece.

use super::parse::Framing;
use std::ops::Range;

/// The line of a chunk's size, with its extensions, which nobody uses.
const SIZE_LINE: usize = 256;
const TRAILERS: usize = 16 * 1024;
pub const TRAILER_FIELDS: usize = 64;

pub enum Decoder {
    Done,
    Length(u64),
    UntilClose,
    Chunked(Chunked),
    /// Nothing that follows means anything.
    Broken,
}

pub enum Chunked {
    /// The begin of a size's line.
    Size(Vec<u8>),
    Data(u64),
    /// Behind a chunk: how much of its CR LF has come.
    DataEnd(u8),
    /// What came behind the last chunk.
    Trailers(Vec<u8>),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Nonsense;

/// What became of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// So many were taken.
    pub used: usize,
    /// Those among them that are of the body.
    pub data: Range<usize>,
}

impl Decoder {
    pub fn of(framing: Framing) -> Self {
        match framing {
            Framing::Length(0) => Self::Done,
            Framing::Length(length) => Self::Length(length),
            Framing::UntilClose => Self::UntilClose,
            Framing::Chunked => Self::Chunked(Chunked::Size(Vec::new())),
        }
    }

    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Of bytes that are there; one piece of the body at most. At the end it is `Done`, and the trailers are in
    /// `trailers` as they came.
    pub fn step(&mut self, bytes: &[u8], trailers: &mut Vec<u8>) -> Result<Step, Nonsense> {
        let step = self.try_step(bytes, trailers);
        if step.is_err() {
            *self = Self::Broken;
        }
        step
    }

    fn try_step(&mut self, bytes: &[u8], trailers: &mut Vec<u8>) -> Result<Step, Nonsense> {
        match self {
            Self::Broken => Err(Nonsense),
            Self::Done => Ok(Step { used: 0, data: 0..0 }),
            Self::UntilClose => Ok(Step { used: bytes.len(), data: 0..bytes.len() }),
            Self::Length(left) => {
                let here = piece(left, bytes);
                if *left == 0 {
                    *self = Self::Done;
                }
                Ok(Step { used: here, data: 0..here })
            }
            Self::Chunked(chunked) => {
                let mut used = 0;
                while used < bytes.len() {
                    let step = chunked.step(&bytes[used..])?;
                    let data = used + step.data.start..used + step.data.end;
                    used += step.used;
                    if let Chunked::Trailers(lines) = chunked
                        && let Some(end) = end_of_trailers(lines)
                    {
                        *trailers = std::mem::take(lines);
                        // What came behind them is the next message's.
                        used -= trailers.len() - end;
                        trailers.truncate(end);
                        if !are_fields(trailers) {
                            return Err(Nonsense);
                        }
                        *self = Self::Done;
                        return Ok(Step { used, data: 0..0 });
                    }
                    if !data.is_empty() {
                        return Ok(Step { used, data });
                    }
                }
                Ok(Step { used, data: 0..0 })
            }
        }
    }

    /// So much is left, if it is known.
    pub fn left(&self) -> Option<u64> {
        match self {
            Self::Done => Some(0),
            Self::Length(left) => Some(*left),
            Self::UntilClose | Self::Chunked(_) | Self::Broken => None,
        }
    }
}

fn piece(left: &mut u64, bytes: &[u8]) -> usize {
    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    *left -= here as u64;
    here
}

/// Behind the empty line that ends them.
fn end_of_trailers(lines: &[u8]) -> Option<usize> {
    if lines.starts_with(b"\r\n") {
        return Some(2);
    }
    lines.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn are_fields(lines: &[u8]) -> bool {
    let mut room = [httparse::EMPTY_HEADER; TRAILER_FIELDS];
    let whole = matches!(httparse::parse_headers(lines, &mut room), Ok(httparse::Status::Complete((len, _))) if len == lines.len());
    whole && !super::parse::bare_line_end(lines)
}

impl Chunked {
    fn step(&mut self, bytes: &[u8]) -> Result<Step, Nonsense> {
        match self {
            Self::Size(line) => {
                let end = memchr::memchr(b'\n', bytes);
                let used = end.map_or(bytes.len(), |at| at + 1);
                if line.len() + used > SIZE_LINE {
                    return Err(Nonsense);
                }
                // Usually it is there whole.
                let size = match end {
                    Some(_) if line.is_empty() => Some(size_of(&bytes[..used])?),
                    Some(_) => {
                        line.extend_from_slice(&bytes[..used]);
                        Some(size_of(line)?)
                    }
                    None => {
                        line.extend_from_slice(bytes);
                        None
                    }
                };
                match size {
                    None => {}
                    Some(0) => *self = Self::Trailers(Vec::new()),
                    Some(size) => *self = Self::Data(size),
                }
                Ok(Step { used, data: 0..0 })
            }
            Self::Data(left) => {
                let here = piece(left, bytes);
                if *left == 0 {
                    *self = Self::DataEnd(0);
                }
                Ok(Step { used: here, data: 0..here })
            }
            Self::DataEnd(seen) => {
                let mut used = 0;
                for byte in bytes.iter().take(usize::from(2 - *seen)) {
                    if *byte != b"\r\n"[usize::from(*seen)] {
                        return Err(Nonsense);
                    }
                    *seen += 1;
                    used += 1;
                }
                if *seen == 2 {
                    *self = Self::Size(Vec::new());
                }
                Ok(Step { used, data: 0..0 })
            }
            Self::Trailers(lines) => {
                lines.extend_from_slice(bytes);
                if lines.len() > TRAILERS && end_of_trailers(lines).is_none_or(|end| end > TRAILERS) {
                    return Err(Nonsense);
                }
                Ok(Step { used: bytes.len(), data: 0..0 })
            }
        }
    }
}

/// Of such a line, with its end.
fn size_of(line: &[u8]) -> Result<u64, Nonsense> {
    let line = line.strip_suffix(b"\r\n").ok_or(Nonsense)?;
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(digits);
    let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let rest = &rest[blank..];
    let fine = rest.is_empty() || (rest[0] == b';' && !rest.iter().any(|byte| *byte < b' ' && *byte != b'\t'));
    if !fine || digits.len() > 16 {
        return Err(Nonsense);
    }
    let digits = std::str::from_utf8(digits).map_err(|_| Nonsense)?;
    u64::from_str_radix(digits, 16).map_err(|_| Nonsense)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Body, trailers and what is left, when it comes in pieces of this size.
    fn decoded(text: &[u8], framing: Framing, size: usize) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        let (mut decoder, mut trailers, mut body) = (Decoder::of(framing), Vec::new(), Vec::new());
        let mut waiting = Vec::new();
        for piece in text.chunks(size) {
            waiting.extend_from_slice(piece);
            while !waiting.is_empty() && !decoder.is_done() {
                let step = decoder.step(&waiting, &mut trailers).ok()?;
                body.extend_from_slice(&waiting[step.data]);
                waiting.drain(..step.used);
            }
        }
        decoder.is_done().then_some((body, trailers, waiting))
    }

    #[test]
    fn chunks() {
        let text = b"3;x=y\r\nabc\r\n0A \r\n0123456789\r\n0\r\nA: b\r\n\r\nGET";
        for size in [1, 2, 3, 5, 7, 100] {
            let whole = decoded(text, Framing::Chunked, size).expect("chunks");
            assert_eq!(whole, (b"abc0123456789".to_vec(), b"A: b\r\n\r\n".to_vec(), b"GET".to_vec()), "{size}");
        }
        let bare = decoded(b"0\r\n\r\n", Framing::Chunked, 1).expect("chunks");
        assert_eq!(bare, (Vec::new(), b"\r\n".to_vec(), Vec::new()));
        for bad in [
            "3\nabc\r\n0\r\n\r\n",
            "3\r\nabcd\r\n0\r\n\r\n",
            "3\r\nabc\n0\r\n\r\n",
            "+3\r\nabc\r\n0\r\n\r\n",
            "0x3\r\nabc\r\n0\r\n\r\n",
            " 3\r\nabc\r\n0\r\n\r\n",
            "3 a\r\nabc\r\n0\r\n\r\n",
            "\r\nabc\r\n0\r\n\r\n",
            "3;\n\r\nabc\r\n0\r\n\r\n",
            "3\r\r\nabc\r\n0\r\n\r\n",
            "0\r\nA: b\n\r\n\r\n",
            "0\r\nA\r\n\r\n",
            "00000000000000003\r\nabc\r\n0\r\n\r\n",
            "0\r\n",
        ] {
            for size in [1, 4, 100] {
                assert_eq!(decoded(bad.as_bytes(), Framing::Chunked, size), None, "{bad:?}");
            }
        }
    }

    #[test]
    fn a_length() {
        assert_eq!(decoded(b"abcGET", Framing::Length(3), 2), Some((b"abc".to_vec(), Vec::new(), b"GET".to_vec())));
    }

    proptest! {
        #[test]
        fn pieces_change_nothing(text in "[0-3a;\r\n ]{0,40}", size in 1usize..9) {
            let whole = decoded(text.as_bytes(), Framing::Chunked, 1000);
            prop_assert_eq!(decoded(text.as_bytes(), Framing::Chunked, size), whole);
        }
    }
}
