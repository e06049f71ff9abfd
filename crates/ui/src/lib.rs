//! The design system: native elements, server-rendered, usable without JavaScript.
//!
//! Everything is exported flat (`use ui::*`). Every text a reader sees comes in as a prop, so a page decides the
//! language; every class is a static string defined in `style/`.
#![recursion_limit = "256"]

mod action;
#[cfg(feature = "hydrate")]
mod browser;
mod chart;
mod data;
mod escape;
mod feedback;
mod field;
mod href;
mod icon;
mod layout;
mod page_title;
mod slot;
mod text;
mod tone;

pub use action::*;
#[cfg(feature = "hydrate")]
pub use browser::file_base64;
pub use chart::*;
pub use data::*;
pub use feedback::*;
pub use field::*;
pub use icon::*;
pub use layout::*;
pub use page_title::*;
pub use slot::*;
pub use text::*;
pub use tone::*;
