//! Reads requests from bytes as a connection does, for those who compare.

use super::decode::Decoder;
use super::parse::{self, Parsed};
use crate::message::Head;

/// All requests that are whole, when the bytes come in pieces of this size.
pub fn requests(input: &[u8], size: usize) -> Vec<(Head, Vec<u8>)> {
    let mut all = Vec::new();
    let mut waiting = Vec::new();
    let mut pieces = input.chunks(size);
    let mut more = |waiting: &mut Vec<u8>| pieces.next().map(|piece| waiting.extend_from_slice(piece)).is_some();
    loop {
        let message = match parse::request(&waiting) {
            Parsed::Whole { message, len } => {
                waiting.drain(..len);
                message
            }
            Parsed::More if more(&mut waiting) => continue,
            Parsed::More | Parsed::Bad(_) => return all,
        };
        let Ok(framing) = message.framing else { return all };
        let (mut decoder, mut trailers, mut body) = (Decoder::of(framing), Vec::new(), Vec::new());
        while !decoder.is_done() {
            if waiting.is_empty() && !more(&mut waiting) {
                return all;
            }
            let Ok(step) = decoder.step(&waiting, &mut trailers) else { return all };
            body.extend_from_slice(&waiting[step.data]);
            waiting.drain(..step.used);
        }
        all.push((message.head, body));
        if !message.keep_alive {
            return all;
        }
    }
}
