//! Waiting for a place among the requests under way.

use super::RequestBody;
use super::gate::{Entry, Permit, Waiting};
use crate::answer::Refusal;
use crate::config::{Service, Table};
use crate::record::Flight;
use arc_swap::ArcSwap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::time::sleep;

/// Gives the flight its place and keeps it until the last byte of the answer. Returns the service as it is then:
/// who has waited must not be sent to replicas of long ago.
pub async fn enter(
    table: &ArcSwap<Table>,
    service: Arc<Service>,
    flight: &mut Flight,
    body: &mut RequestBody,
) -> Result<Arc<Service>, Refusal> {
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
            flight.hold(wait(&service, waiting, flight, body).await?);
            return Ok(newest(&table.load(), flight, service));
        }
    }
    Ok(service)
}

async fn wait(
    service: &Service,
    mut waiting: Waiting,
    flight: &Flight,
    body: &mut RequestBody,
) -> Result<Permit, Refusal> {
    let mut end = pin!(sleep(service.limits.wait));
    let mut looks = !flight.awaits_continue;
    poll_fn(|cx| {
        // Unread bytes would hide that the client has gone. One piece is all of a usual request.
        if looks && body.poll_ahead(cx).is_ready() {
            looks = false;
            if let Some(refusal) = flight.meter.refusal() {
                return Poll::Ready(Err(refusal));
            }
        }
        if let Poll::Ready(permit) = std::pin::Pin::new(&mut waiting).poll(cx) {
            return Poll::Ready(permit.ok_or(Refusal::ServiceBusy));
        }
        end.as_mut().poll(cx).map(|()| Err(Refusal::QueueTimeout))
    })
    .await
}

/// Deleted, moved or renamed meanwhile, it stays what it was.
fn newest(table: &Table, flight: &Flight, service: Arc<Service>) -> Arc<Service> {
    let gateway = flight.gateway().and_then(|gateway| table.gateways.get(&gateway.id));
    let now = gateway.and_then(|gateway| gateway.services.get(&service.name));
    now.filter(|now| now.id == service.id).cloned().unwrap_or(service)
}
