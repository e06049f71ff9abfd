//! An answer's bytes, as text as long as they are text.

use domain::debugging::Heard;

/// Bytes that are shown of what is no text.
const MOST_HEX: usize = 512;

#[derive(Default)]
pub(super) struct Parts {
    /// The beginning of a character whose rest has not come yet.
    carry: Vec<u8>,
    is_binary: bool,
    shown: usize,
}

impl Parts {
    pub fn take(&mut self, data: &[u8]) -> Option<Heard> {
        let mut bytes = std::mem::take(&mut self.carry);
        bytes.extend_from_slice(data);
        if self.is_binary {
            return self.binary(&bytes);
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) if !text.contains('\0') => Some(text).filter(|text| !text.is_empty()).map(said),
            // A character that is not whole yet, at the end.
            Err(error) if error.error_len().is_none() => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                self.carry = rest.to_vec();
                std::str::from_utf8(whole).ok().filter(|text| !text.is_empty()).map(said)
            }
            _ => {
                self.is_binary = true;
                self.binary(&bytes)
            }
        }
    }

    /// What is left when nothing more comes.
    pub fn end(&mut self) -> Option<Heard> {
        let rest = std::mem::take(&mut self.carry);
        if rest.is_empty() { None } else { self.binary(&rest) }
    }

    fn binary(&mut self, bytes: &[u8]) -> Option<Heard> {
        let hex: Vec<String> =
            bytes.iter().take(MOST_HEX.saturating_sub(self.shown)).map(|byte| format!("{byte:02x} ")).collect();
        self.shown += hex.len();
        Some(Heard::Binary { hex: hex.concat(), bytes: bytes.len() as u64 })
    }
}

fn said(text: &str) -> Heard {
    Heard::Text { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::debugging::Answer;

    fn heard(all: &[&[u8]]) -> Answer {
        let (mut parts, mut answer) = (Parts::default(), Answer::default());
        all.iter().filter_map(|part| parts.take(part)).for_each(|heard| answer.hear(heard));
        if let Some(rest) = parts.end() {
            answer.hear(rest);
        }
        answer
    }

    #[test]
    fn characters_that_come_in_parts_are_whole() {
        let bytes = "a推b".as_bytes();
        for at in 0..bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(heard(&[first, second]).text, "a推b", "{at}");
        }
        let cut = heard(&["推".as_bytes().split_at(2).0]);
        assert_eq!((cut.text.as_str(), cut.hex.as_str(), cut.binary_bytes), ("", "e6 8e ", 2));
    }

    #[test]
    fn what_is_no_text_is_shown_by_its_first_bytes() {
        let answer = heard(&[&[0x89, b'P', b'N', b'G', 0], &vec![7; 100_000], b"text"]);
        assert!(answer.hex.starts_with("89 50 4e 47 00 07"), "{}", answer.hex);
        assert_eq!((answer.text.as_str(), answer.binary_bytes), ("", 100_009));
        assert_eq!(answer.hex.len(), 3 * MOST_HEX);
        assert!(heard(&[b"a\0b"]).binary_bytes == 3);
    }
}
