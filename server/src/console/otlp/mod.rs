//! Requests leave as spans, over OTLP/gRPC, if the operator names a collector. Made from the engines' access records,
//! in this process: an engine does nothing for it but write two numbers more, and keeps records while there is no
//! console. A collector that is away, slow or silent costs a bounded queue and nothing else.

mod attributes;
mod collector;
mod deliver;
mod losses;
mod queue;
mod span;

use collector::Collector;
use control::Control;
use deliver::Delivery;
use http::Uri;
use queue::Queue;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::sleep;

/// For what is still there when the console ends.
const LAST_SPANS: Duration = Duration::from_secs(3);

/// Makes the exporter; it works while the future is polled, until a little after `stopped`.
///
/// # Errors
/// When a collector with `https` is named and this host has no certificates to know it by.
pub fn export(
    control: Control,
    endpoint: &Uri,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<impl Future<Output = ()> + Send + use<>> {
    let collector = Collector::new(endpoint)?;
    // From here on nothing is missed.
    let recorded = control.recorded();
    tracing::info!(%endpoint, "requests are exported as spans");
    Ok(async move {
        let queue = Queue::default();
        let ended = {
            let mut stopped = stopped.clone();
            async move {
                let _ = stopped.wait_for(|stopped| *stopped).await;
                sleep(LAST_SPANS).await;
            }
        };
        tokio::select! {
            // What has come is in the queue before that is found empty.
            biased;
            () = collect(recorded, &queue) => {}
            () = Delivery::new(&control, &queue, collector).run(stopped) => {}
            () = ended => {}
        }
        let left = queue.left();
        if left > 0 {
            tracing::warn!(records = left, "ended before the collector had all spans; see whether it is running");
        }
    })
}

type Recorded = tokio::sync::broadcast::Receiver<std::sync::Arc<control::Recorded>>;

/// Only ends with the program.
async fn collect(mut recorded: Recorded, queue: &Queue) {
    loop {
        match recorded.recv().await {
            Ok(batch) => queue.push(&batch),
            Err(RecvError::Lagged(batches)) => {
                tracing::warn!(
                    batches,
                    "engines recorded faster than could be taken for export; give the host more CPU"
                );
            }
            Err(RecvError::Closed) => return,
        }
    }
}
