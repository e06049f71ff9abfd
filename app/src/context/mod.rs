//! What a page knows besides its own data.

mod draft;
mod live;
mod request;
mod viewer;

pub use draft::{Draft, FormState, form_state, form_state_of, form_state_or, provide_draft, use_draft};
pub use live::{Live, provide_live, use_live};
#[cfg(feature = "ssr")]
pub use request::{Outcome, RequestContext, authorised, request, respond, wants_html};
pub use viewer::{Viewer, provide_viewer, use_viewer};
