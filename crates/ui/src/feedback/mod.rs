mod badge;
mod callout;
mod empty_state;
mod flash;

pub use badge::*;
pub use callout::*;
pub use empty_state::*;
pub use flash::*;
