//! A replica is prepared and started.

use super::{Replica, Running, told};
use crate::driver::{Progress, StartError};
use crate::files;
use crate::output;
use crate::port::PortError;
use domain::status::ReplicaState;
use std::sync::Arc;

impl Replica {
    /// `None` when told to stop meanwhile.
    pub(super) async fn begin(&mut self) -> Option<Result<Arc<dyn Running>, StartError>> {
        let mut orders = self.orders.clone();
        let prepared = tokio::select! {
            prepared = self.prepare() => prepared,
            () = told(&mut orders) => return None,
        };
        match prepared {
            // From here on it is not dropped half way.
            Ok(()) => Some(self.start().await),
            Err(error) => Some(Err(error)),
        }
    }

    async fn prepare(&mut self) -> Result<(), StartError> {
        self.spec.user = self.shared.options.replica_user.clone();
        if self.driver.keeps_folder() {
            let wrong = |source| StartError::Folder { source };
            let mode = if self.shared.options.replica_user.is_some() { 0o711 } else { 0o700 };
            files::folder(&self.folder, mode).map_err(wrong)?;
            self.spec.output_from = output::end(&self.folder);
            // The next agent knows whose folder it is, should this one not get any further.
            self.spec.save(&self.folder).map_err(wrong)?;
        }
        let progress = Progress::new(Arc::clone(&self.shared.board), self.spec.replica_id.clone());
        self.driver.prepare(&mut self.spec, &self.folder, &progress).await?;
        if !self.is_external() {
            self.port(&progress).await?;
        }
        Ok(())
    }

    /// A port that another replica has comes free when that one is gone.
    async fn port(&mut self, progress: &Progress) -> Result<(), PortError> {
        let (id, fixed) = (&self.spec.replica_id, self.spec.workload.insists_on_port());
        let before = (self.spec.port != 0).then_some(self.spec.port);
        let mut released = self.shared.ports.releases();
        loop {
            match self.shared.ports.assign(id, fixed, before) {
                Ok(port) => {
                    self.spec.port = port;
                    self.spec.address = self.shared.options.replica_address;
                    return Ok(());
                }
                Err(PortError::Taken { port, holder }) => {
                    progress.say(&format!(
                        "waits for port {port}, which replica {holder} has; it starts when that one is gone"
                    ));
                    if released.changed().await.is_err() {
                        return Err(PortError::Taken { port, holder });
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn start(&mut self) -> Result<Arc<dyn Running>, StartError> {
        self.spec.run += 1;
        self.spec.restarts += u32::from(std::mem::take(&mut self.restart));
        self.unmark();
        self.ready_since = None;
        let id = &self.spec.replica_id;
        let (address, restarts) = (self.spec.socket_address(), self.spec.restarts);
        self.shared.board.update(id, |report| {
            report.state = ReplicaState::Starting;
            report.address = address;
            report.restarts = restarts;
        });
        let running = self.driver.start(&mut self.spec, &self.folder).await?;
        self.shared.board.update(&self.spec.replica_id, |report| {
            report.pid = running.pid();
            report.started_at = running.started_at();
            report.address = running.address().unwrap_or(report.address);
        });
        let spec = &self.spec;
        tracing::info!(replica = %spec.replica_id, service = %spec.service_id, port = spec.port, "started a replica");
        Ok(running)
    }
}
