mod code_block;
mod description;
mod filter_chip;
mod meter;
mod pagination;
mod stat;
mod table;
mod timestamp;
mod toolbar;

pub use code_block::*;
pub use description::*;
pub use filter_chip::*;
pub use meter::*;
pub use pagination::*;
pub use stat::*;
pub use table::*;
pub use timestamp::*;
pub use toolbar::*;
