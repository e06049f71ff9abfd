//! Batch after batch, one at a time.

use super::collector::{Collector, passes};
use super::queue::{Heard, Queue};
use super::span;
use control::Control;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};
use tonic::Status;

const MOST_SPANS: usize = 512;
/// Of the first in a batch for others.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Between two attempts.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Between two sentences about what was lost.
const SILENCE: Duration = Duration::from_secs(10);

pub struct Delivery<'q> {
    control: &'q Control,
    queue: &'q Queue,
    collector: Collector,
    /// It took the last batch.
    answers: bool,
    /// What was said to be lost, and when.
    told: (u64, Option<Instant>),
}

impl<'q> Delivery<'q> {
    pub fn new(control: &'q Control, queue: &'q Queue, collector: Collector) -> Self {
        Self { control, queue, collector, answers: true, told: (0, None) }
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
            self.tell_lost();
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
        loop {
            let error = match self.collector.export(batch.clone()).await {
                Ok((rejected, why)) => {
                    if !self.answers {
                        tracing::info!("the collector takes spans again");
                        self.answers = true;
                    }
                    if rejected > 0 {
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
                tracing::error!(?code, why, "the collector refused a batch of spans, which is lost; see its settings");
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
            self.tell_lost();
            tokio::select! {
                () = sleep(pause) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    fn tell_lost(&mut self) {
        let (told, at) = self.told;
        let lost = self.queue.lost();
        if lost > told && at.is_none_or(|at| at.elapsed() >= SILENCE) {
            tracing::warn!(
                records = lost - told,
                in_all = lost,
                "records were given up before they were exported; the collector has to take more, or sooner"
            );
            self.told = (lost, Some(Instant::now()));
        }
    }
}
