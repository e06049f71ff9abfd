mod brand;
mod centered;
mod fold;
mod nav_item;
mod page_header;
mod section;
mod shell;
mod steps;
mod tabs;

pub use brand::*;
pub use centered::*;
pub use fold::*;
pub use nav_item::*;
pub use page_header::*;
pub use section::*;
pub use shell::*;
pub use steps::*;
pub use tabs::*;
