//! Which gateway's connection one is, and whether there is room for it.

use super::capacity::GatewayState;
use crate::answer::Refusal;
use crate::config::{Gateway, Table};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Kept by the connection. It belongs to the gateway whose door it came through or that it named in its handshake,
/// else to the one that its latest request was for.
#[derive(Default)]
pub struct Place(RefCell<Option<Held>>);

/// Counted until it is dropped.
struct Held(Arc<GatewayState>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Relaxed);
    }
}

impl Place {
    /// Once the door is known, and again once the handshake's name is.
    ///
    /// # Errors
    /// The gateway, if it has no room.
    pub fn arrive(&self, table: &Table, door: SocketAddr, server_name: Option<&str>) -> Result<(), Arc<Gateway>> {
        let Some(listener) = table.listeners.get(&door) else { return Ok(()) };
        let named = || table.sides.named(listener.vpc.as_ref(), server_name?);
        let gateway = listener.gateway.as_ref().or_else(named);
        gateway.map_or(Ok(()), |gateway| self.move_to(gateway).map_err(|_| gateway.clone()))
    }

    /// Whether some gateway has counted the connection.
    pub fn is_taken(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// For each request.
    pub fn move_to(&self, gateway: &Gateway) -> Result<(), Refusal> {
        let capacity = &gateway.capacity;
        let Some(most) = capacity.counted_up_to else { return Ok(()) };
        let mut held = self.0.borrow_mut();
        if held.as_ref().is_some_and(|held| Arc::ptr_eq(&held.0, &capacity.state)) {
            return Ok(());
        }
        let state = &capacity.state;
        let entered = state.connections.fetch_update(Relaxed, Relaxed, |open| (open < most).then_some(open + 1));
        if entered.is_err() {
            gateway.counters.connection_refused();
            return Err(Refusal::TooManyConnections);
        }
        gateway.counters.connection_came();
        *held = Some(Held(state.clone()));
        Ok(())
    }
}
