//! How the engine's doors are: those for requests and those of the DNS server, as one list.

use link::message::DoorReport;
use tokio::sync::watch;

#[derive(Clone)]
pub struct DoorReports {
    pub requests: watch::Receiver<Vec<DoorReport>>,
    pub dns: watch::Receiver<Vec<DoorReport>>,
}

impl DoorReports {
    /// Until one of them is another one.
    ///
    /// # Errors
    /// When the threads behind them are gone.
    pub async fn changed(&mut self) -> Result<(), watch::error::RecvError> {
        tokio::select! {
            changed = self.requests.changed() => changed,
            changed = self.dns.changed() => changed,
        }
    }

    pub fn mark_changed(&mut self) {
        self.requests.mark_changed();
    }

    /// All of them; what is in here was seen.
    pub fn look(&mut self) -> Vec<DoorReport> {
        let mut all = self.requests.borrow_and_update().clone();
        all.extend(self.dns.borrow_and_update().iter().cloned());
        all
    }

    /// All of them, whoever has seen them.
    pub fn all(&self) -> Vec<DoorReport> {
        self.clone().look()
    }
}
