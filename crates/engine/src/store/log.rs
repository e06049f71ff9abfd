//! The changes since the base: a header that names the base, then records, each with its length in front.

use super::seal::{NONCE, Seal};
use domain::snapshot::Delta;

const MAGIC: &[u8; 8] = b"IGWLOG1\n";
pub const HEADER: usize = MAGIC.len() + NONCE;
const LENGTH: usize = 4;

/// The base is recognised by its nonce, which is never used twice.
pub type BaseId = [u8; NONCE];

pub fn header(base: &BaseId) -> Vec<u8> {
    [MAGIC.as_slice(), base].concat()
}

fn place(base: &BaseId, number: u64) -> Vec<u8> {
    [b"log".as_slice(), base, &number.to_be_bytes()].concat()
}

/// A record as it is appended; `None` if it cannot be sealed.
pub fn record(seal: &Seal, base: &BaseId, number: u64, delta: Vec<u8>) -> Option<Vec<u8>> {
    let sealed = seal.seal(&place(base, number), delta).ok()?;
    let length = u32::try_from(sealed.len()).ok()?;
    Some([length.to_be_bytes().as_slice(), &sealed].concat())
}

pub struct Read {
    pub deltas: Vec<Delta>,
    /// Where the last good record ends.
    pub good: usize,
    /// There is something behind it.
    pub torn: bool,
}

/// The records up to the first that is not whole. `None` if this log belongs to another base.
pub fn read(seal: &Seal, base: &BaseId, content: &[u8]) -> Option<Read> {
    content.strip_prefix(header(base).as_slice())?;
    let mut read = Read { deltas: Vec::new(), good: HEADER, torn: false };
    while read.good < content.len() {
        let Some((delta, len)) = next(seal, base, read.deltas.len() as u64, &content[read.good..]) else {
            read.torn = true;
            break;
        };
        read.deltas.push(delta);
        read.good += len;
    }
    Some(read)
}

fn next(seal: &Seal, base: &BaseId, number: u64, content: &[u8]) -> Option<(Delta, usize)> {
    let (length, rest) = content.split_at_checked(LENGTH)?;
    let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let delta = seal.open(&place(base, number), rest.get(..length)?).ok()?;
    Some((serde_json::from_slice(&delta).ok()?, LENGTH + length))
}
