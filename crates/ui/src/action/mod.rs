mod button;
mod copy;
mod icon_button;
mod link;
mod menu;
mod switch;

pub use button::*;
pub use copy::*;
pub use icon_button::*;
pub use link::*;
pub use menu::*;
pub use switch::*;
