//! A worker's records. They are packed where they arise, while all they tell is at hand, into memory that goes to the
//! console as it is: the control thread has nothing to do for each of them.

use super::Ring;
use link::records::{Packer, Packing};
use std::cell::RefCell;

/// Bytes that go together.
const PACK: usize = 32 * 1024;
/// A record may be this much longer than where the pack should have ended.
const MARGIN: usize = 2 * 1024;

pub struct Recorder {
    packer: RefCell<Packer>,
    ring: Ring,
}

impl Recorder {
    pub fn new(ring: Ring) -> Self {
        Self { packer: RefCell::default(), ring }
    }

    pub fn push(&self, record: &Packing<'_>) {
        let mut packer = self.packer.borrow_mut();
        packer.push(record);
        if packer.len() >= PACK {
            self.ring.push_full(packer.take(PACK + MARGIN));
        }
    }

    /// What is there goes, so that it is not old when it is read.
    pub fn flush(&self) {
        let mut packer = self.packer.borrow_mut();
        if !packer.is_empty() {
            // As much comes again, or more.
            let room = if packer.len() > PACK / 4 { PACK + MARGIN } else { 0 };
            self.ring.push(packer.take(room));
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.flush();
    }
}
