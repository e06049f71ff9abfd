//! Waiting: for a replica, where requests are held while there is none, and for a place among the requests under way.

use super::gate::{Entry, Permit, Waiting};
use super::{Limits, RequestBody};
use crate::answer::Refusal;
use crate::config::{Service, Table};
use crate::record::Flight;
use arc_swap::ArcSwap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{Ordering::SeqCst, fence};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// How often is looked whether a client has gone whose body is not read.
const LOOK: Duration = Duration::from_millis(50);

/// Gives the flight its place and keeps it until the last byte of the answer. Returns the service as it is then:
/// who has waited must not be sent to replicas of long ago.
pub async fn enter(
    table: &ArcSwap<Table>,
    mut service: Arc<Service>,
    flight: &mut Flight,
    body: &mut RequestBody,
) -> Result<Arc<Service>, Refusal> {
    let mut held_until = None;
    loop {
        if service.is_asleep() {
            let end = *held_until.get_or_insert_with(|| Instant::now() + service.limits.hold_wait());
            // Boxed: it is rare.
            service = Box::pin(held(table, service, flight, body, end)).await?;
            if !service.is_asleep() {
                return Ok(service);
            }
            // The replica went again.
            flight.release();
            continue;
        }
        let limits = &service.limits;
        let Some(at_once) = limits.at_once(service.endpoints.len()) else { return Ok(service) };
        if service.endpoints.is_empty() {
            // Nobody is there who could finish something and let the next one in.
            return Err(Refusal::NoHealthyUpstream);
        }
        match limits.state.gate.enter(at_once, limits.queue) {
            Entry::Inside(permit) => flight.hold(permit),
            Entry::Full if limits.in_flight == Some(at_once) => return Err(Refusal::ServiceBusy),
            Entry::Full => return Err(Refusal::ReplicasBusy),
            Entry::Waiting(waiting) => {
                let line = limits.state.queued.join(&service.counters);
                let end = Instant::now() + limits.wait;
                flight.hold(wait(waiting, (end, Refusal::QueueTimeout), flight, body).await?);
                drop(line);
                service = newest(&table.load(), flight, service);
                if service.is_asleep() {
                    flight.release();
                    continue;
                }
            }
        }
        return Ok(service);
    }
}

/// Waits for a replica and for a place at it, in the order of arrival. Whoever came while there was none goes on as
/// soon as there is room, also if more come then than may be under way at once.
async fn held(
    table: &ArcSwap<Table>,
    service: Arc<Service>,
    flight: &mut Flight,
    body: &mut RequestBody,
    end: Instant,
) -> Result<Arc<Service>, Refusal> {
    let Limits { state, hold, .. } = &service.limits;
    let waiting = match state.gate.enter(0, hold.map_or(0, |hold| hold.length)) {
        Entry::Waiting(waiting) => waiting,
        Entry::Full => return Err(Refusal::HoldFull),
        // Not with a limit of 0.
        Entry::Inside(_) => return Err(Refusal::NoHealthyUpstream),
    };
    let line = state.held.join(&service.counters);
    // A replica may have come just before this one stood in line: then it was not called.
    fence(SeqCst);
    let now = newest(&table.load(), flight, service.clone());
    if !now.is_asleep() {
        now.limits.let_in(now.endpoints.len());
    }
    flight.meter.set_held(true);
    let waited = wait(waiting, (end, Refusal::HoldTimeout), flight, body).await;
    flight.meter.set_held(false);
    flight.hold(waited?);
    drop(line);
    flight.was_held();
    let table = table.load();
    if let Some(pass) = flight.pass() {
        pass.check(&table, flight.conn())?;
    }
    Ok(newest(&table, flight, service))
}

async fn wait(
    mut waiting: Waiting,
    (end, late): (Instant, Refusal),
    flight: &Flight,
    body: &mut RequestBody,
) -> Result<Permit, Refusal> {
    let mut end = pin!(sleep_until(end));
    let mut looks = !flight.awaits_continue;
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll_fn(|cx| {
        // Unread bytes would hide that the client has gone. One piece is all of a usual request.
        if looks && body.poll_ahead(cx).is_ready() {
            looks = false;
            flight.meter.look_into(body.ahead().unwrap_or_default());
            if let Some(refusal) = flight.meter.refusal() {
                return Poll::Ready(Err(refusal));
            }
        }
        if let Poll::Ready(permit) = Pin::new(&mut waiting).poll(cx) {
            return Poll::Ready(permit.ok_or(Refusal::ServiceBusy));
        }
        // The rest of a long one stays where it is: it would fill memory for as long as it waits.
        while !looks && body.is_unread() && ticks.poll_tick(cx).is_ready() {
            if body.has_gone() {
                return Poll::Ready(Err(Refusal::ClientGone));
            }
        }
        end.as_mut().poll(cx).map(|()| Err(late))
    })
    .await
}

/// Deleted, moved or renamed meanwhile, it stays what it was.
fn newest(table: &Table, flight: &Flight, service: Arc<Service>) -> Arc<Service> {
    let gateway = flight.gateway().and_then(|gateway| table.gateways.get(&gateway.id));
    let now = gateway.and_then(|gateway| gateway.services.get(&service.name));
    now.filter(|now| now.id == service.id).cloned().unwrap_or(service)
}
