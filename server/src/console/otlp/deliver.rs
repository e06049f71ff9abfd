//! Batch after batch, one at a time.

use super::collector::{Collector, passes};
use super::losses::Losses;
use super::queue::{Heard, Queue};
use super::span;
use control::Control;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tonic::Status;

const MOST_SPANS: usize = 512;
/// Of the first in a batch for others.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Between two attempts.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub struct Delivery<'q> {
    control: &'q Control,
    queue: &'q Queue,
    collector: Collector,
    /// It took the last batch.
    answers: bool,
    losses: Losses,
}

impl<'q> Delivery<'q> {
    pub fn new(control: &'q Control, queue: &'q Queue, collector: Collector) -> Self {
        Self { control, queue, collector, answers: true, losses: Losses::default() }
    }

    /// Until `stopped` and all is delivered, or the collector is away then.
    pub async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            let is_stopped = tokio::select! {
                () = self.filled() => false,
                _ = stopped.wait_for(|stopped| *stopped) => true,
            };
            let batch = self.queue.take(MOST_SPANS);
            if batch.is_empty() {
                if is_stopped && self.queue.left() == 0 {
                    return;
                }
                yield_now().await;
                continue;
            }
            let batch = self.request(batch);
            if self.deliver(batch, &mut stopped).await.is_err() {
                return;
            }
            self.losses.tell(self.queue.lost());
        }
    }

    /// There is something, and it has waited for more.
    async fn filled(&self) {
        self.queue.until_there_are(1).await;
        let _ = timeout(LONGEST_WAIT, self.queue.until_there_are(MOST_SPANS as u64)).await;
    }

    fn request(&self, batch: Vec<Heard>) -> ExportTraceServiceRequest {
        let desired = self.control.desired();
        let name = |heard: &Heard| desired.services.get(heard.record.service_id.as_ref()?).map(|found| &found.name);
        span::request(batch.iter().filter_map(|heard| span::of(heard, name(heard).map(|name| name.as_str()))).collect())
    }

    /// Again and again while there is hope.
    ///
    /// # Errors
    /// The console ends, and the collector does not take it now.
    async fn deliver(
        &mut self,
        batch: ExportTraceServiceRequest,
        stopped: &mut watch::Receiver<bool>,
    ) -> Result<(), Status> {
        let mut pause = SHORTEST_PAUSE;
        let all = batch.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        let spans = all.map(|scope| scope.spans.len() as u64).sum();
        loop {
            let error = match self.collector.export(batch.clone()).await {
                Ok((rejected, why)) => {
                    if !self.answers {
                        tracing::info!("the collector takes spans again");
                        self.answers = true;
                    }
                    if let Some(rejected) = u64::try_from(rejected).ok().filter(|rejected| *rejected > 0) {
                        tracing::warn!(
                            spans = rejected,
                            why,
                            "the collector did not want some spans; see its settings"
                        );
                    }
                    return Ok(());
                }
                Err(error) => error,
            };
            let (code, why) = (error.code(), error.message().to_owned());
            if !passes(&error) {
                self.losses.refused(spans, format!("{code:?}: {why}"));
                return Ok(());
            }
            if *stopped.borrow() {
                tracing::warn!(?code, why, "the collector did not take the last spans; see whether it is running");
                return Err(error);
            }
            if std::mem::take(&mut self.answers) {
                tracing::warn!(
                    ?code,
                    why,
                    "the collector takes no spans; they wait in bounded memory. See that it runs and speaks OTLP/gRPC \
                     at --otlp-endpoint"
                );
            }
            self.losses.tell(self.queue.lost());
            tokio::select! {
                () = sleep(pause) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}
