//! What runs, as the gateway is after a write: in the write's own transaction.

use crate::ControlError;
use chrono::{DateTime, Utc};
use domain::billing::{Period, Span, runs};
use domain::gateway::{ChargeType, Gateway, GatewayKind};
use store::Tx;

/// Ends what is not there any more and begins what is new. A pre-paid gateway's first month begins with it.
pub(crate) async fn follow_runs(
    tx: &mut Tx,
    now: DateTime<Utc>,
    before: Option<&Gateway>,
    after: Option<&Gateway>,
) -> Result<(), ControlError> {
    let of = |gateway: Option<&Gateway>| gateway.map(runs).unwrap_or_default();
    let (was, is) = (of(before), of(after));
    let Some(gateway) = after.or(before) else { return Ok(()) };
    if before.is_none_or(|before| before.name != gateway.name) {
        tx.name_billed(gateway).await?;
    }
    if before.is_none() || was != is {
        let open = tx.open_spans(&gateway.id).await?;
        for span in open.iter().filter(|span| !is.iter().any(|(run, _)| *run == span.run)) {
            tx.close_span(span, now).await?;
        }
        for (run, _) in is.into_iter().filter(|(run, _)| !open.iter().any(|span| span.run == *run)) {
            tx.insert_span(&Span { gateway_id: gateway.id.clone(), run, from: now, until: None }).await?;
        }
    }
    match (before, after) {
        (None, Some(gateway)) if is_pre_paid(gateway) => {
            tx.insert_period(&Period::first(gateway.id.clone(), now)).await?;
        }
        // Nothing is left that could go on.
        (Some(gateway), None) => tx.set_renewal(&gateway.id, false).await?,
        _ => {}
    }
    Ok(())
}

pub(super) fn is_pre_paid(gateway: &Gateway) -> bool {
    matches!(gateway.kind, GatewayKind::FullyManaged { charge: ChargeType::PrePaid, .. })
}
