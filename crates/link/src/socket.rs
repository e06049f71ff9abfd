//! Unix sockets that only the product's own user (and root) may use.

use hyper_util::rt::TokioIo;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio_stream::{Stream, StreamExt, wrappers::UnixListenerStream};
use tonic::transport::{Channel, Endpoint, Uri};

#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error("cannot listen on {}: {source}", path.display())]
    Bind { path: PathBuf, source: io::Error },
    #[error("{} is not answered: {source}", path.display())]
    Connect { path: PathBuf, source: tonic::transport::Error },
}

/// Listens at `path`, replacing a socket that nobody serves any more. The caller holds the lock that says it is the
/// only one of its kind, so a file that is there is a dead one.
pub fn listen(path: &Path) -> Result<impl Stream<Item = io::Result<UnixStream>> + use<>, SocketError> {
    let bind = || {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    };
    let listener = bind().map_err(|source| SocketError::Bind { path: path.into(), source })?;
    Ok(UnixListenerStream::new(listener).filter(|accepted| match accepted {
        Ok(stream) => is_trusted(stream),
        Err(_) => true,
    }))
}

/// Same user, or root. A peer whose credentials cannot be read is nobody.
fn is_trusted(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    let trusted = stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0);
    if !trusted {
        tracing::warn!("refused a connection of another user on a link socket");
    }
    trusted
}

pub async fn connect(path: &Path) -> Result<Channel, SocketError> {
    let socket: PathBuf = path.into();
    // The address is a formality of HTTP/2; the connector decides.
    Endpoint::from_static("http://link.invalid")
        .connect_with_connector(tower::service_fn(move |_: Uri| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        }))
        .await
        .map_err(|source| SocketError::Connect { path: path.into(), source })
}
