//! What is said of requests.

use domain::debugging::{Answer, Failure};
use ui::Tone;

pub(super) fn failure(why: Failure) -> String {
    match why {
        Failure::Refused => tr!(debugging.refused),
        Failure::Closed => tr!(debugging.ended_early),
        Failure::TimedOut => tr!(debugging.timed_out),
        Failure::Busy => tr!(debugging.busy),
    }
}

pub(super) fn tone(status: u16) -> Tone {
    match status {
        200..=299 => Tone::Good,
        300..=399 => Tone::Info,
        400..=499 => Tone::Warn,
        _ => Tone::Bad,
    }
}

/// Milliseconds with a place behind the point.
pub(super) fn ms(us: u64) -> String {
    format!("{}.{} ms", us / 1000, us % 1000 / 100)
}

/// The gateway did not let the console's host in.
pub(super) fn is_not_allowed(answer: &Answer) -> bool {
    answer.status == Some(403) && answer.text.contains("SourceNotAllowed")
}
