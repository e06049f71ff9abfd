//! What did not reach the collector, said now and then: as a line for each batch it would be one more flood.

use std::time::Duration;
use tokio::time::Instant;

/// Between two sentences.
const SILENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Losses {
    /// Records that gave way to newer ones, as far as they were told.
    given_up: u64,
    /// Spans that the collector did not want, since they were told.
    refused: u64,
    why: String,
    told: Option<Instant>,
}

impl Losses {
    pub fn refused(&mut self, spans: u64, why: String) {
        self.refused += spans;
        self.why = why;
    }

    /// `given_up` is how many there have been since the start.
    pub fn tell(&mut self, given_up: u64) {
        if self.told.is_some_and(|told| told.elapsed() < SILENCE) {
            return;
        }
        let new = given_up.saturating_sub(self.given_up);
        if new > 0 {
            tracing::warn!(
                records = new,
                in_all = given_up,
                "records were given up before they were exported; the collector has to take more, or sooner"
            );
        }
        if self.refused > 0 {
            let (spans, why) = (self.refused, &self.why);
            tracing::warn!(spans, why, "the collector refused spans, which are lost; see its settings and its log");
        }
        if new > 0 || self.refused > 0 {
            *self = Self { given_up, told: Some(Instant::now()), ..Self::default() };
        }
    }
}
