//! A part of the surroundings with threads of its own, as if it was another process.

use tokio::runtime::{Builder, Runtime};

pub struct Process(Option<Runtime>);

impl Process {
    pub fn new() -> Self {
        Self(Some(Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()))
    }

    /// What this starts lives on the process's own thread.
    pub async fn run<T: Send + 'static>(&self, start: impl Future<Output = T> + Send + 'static) -> T {
        self.0.as_ref().unwrap().spawn(start).await.unwrap()
    }
}

/// As a kill would: all its sockets are gone at once.
impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
