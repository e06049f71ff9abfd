//! Where hyper's HTTP/2 runs what belongs to a connection: on the connection's own thread.

use hyper::rt::Executor;

#[derive(Clone, Copy)]
pub struct Local;

impl<F: Future<Output = ()> + 'static> Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}
