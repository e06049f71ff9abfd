//! That something changed, never what: whoever listens asks again, with their own permissions.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Gateways, services or what was observed of them.
    Changed,
}
