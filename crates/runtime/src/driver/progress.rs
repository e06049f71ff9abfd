//! How far a preparation is, for who waits for it.

use crate::board::Board;
use crate::output::Writer;
use crate::spec::{OUTPUT_BYTES, OUTPUT_FILES};
use domain::endpoint::ReplicaReport;
use domain::id::ReplicaId;
use domain::status::ReplicaState;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Tells the report of one replica.
pub struct Progress {
    board: Arc<Board>,
    id: ReplicaId,
}

impl Progress {
    pub fn new(board: Arc<Board>, id: ReplicaId) -> Self {
        Self { board, id }
    }

    /// A few words: "pulling the image, 40 %". Console and browser hear of each change, so not more than a few a
    /// second.
    pub fn say(&self, words: &str) {
        self.tell(|report| report.detail = Some(words.to_owned()));
    }

    /// The same with what was printed last.
    pub fn say_with(&self, words: &str, last_lines: Vec<String>) {
        self.tell(|report| {
            report.detail = Some(words.to_owned());
            report.last_lines = last_lines;
        });
    }

    fn tell(&self, f: impl FnOnce(&mut ReplicaReport)) {
        self.board.update(&self.id, |report| {
            if report.state == ReplicaState::BackOff {
                report.state = ReplicaState::Starting;
            }
            f(report);
        });
    }

    /// The replica's output, for what a preparation prints; nobody else writes to it before the start.
    pub fn output(&self, folder: &Path) -> io::Result<Writer> {
        Writer::open(folder, OUTPUT_BYTES, OUTPUT_FILES)
    }
}
