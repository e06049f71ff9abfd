//! Online Debugging: a request to a service that the console makes, and what comes of it.

mod answer;
mod draft;

pub use answer::{Answer, Failure, Heard, MOST_SHOWN};
pub use draft::{CheckedRequest, DebugDraft, MAX_BODY, METHODS};
