//! Heads of requests and answers, whatever protocol they came by.

mod answer;
mod fields;
mod id;
pub mod name;
mod request;
pub mod trailers;

pub use answer::{AnswerFields, AnswerHead, Own};
pub use fields::{Fields, LONGEST, tokens};
pub use id::{RequestId, write_hex};
pub use name::Name;
pub use request::{Head, Target};
