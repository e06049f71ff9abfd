//! Whom engines and agents call.

use crate::{HostIdentity, LinkError, keep_alive, socket, tls};
use hyper_util::rt::TokioIo;
use rustls::client::WebPkiServerVerifier;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Uri};

/// For the TCP connection and the handshake together.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The console of this host, or that of another host which this one has joined.
#[derive(Clone, Debug)]
pub enum Console {
    Socket(PathBuf),
    Remote(Arc<HostIdentity>),
}

impl fmt::Display for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Console::Socket(path) => write!(f, "{}", path.display()),
            Console::Remote(identity) => f.write_str(&identity.console),
        }
    }
}

impl Console {
    /// A connection on which the console has proved who it is. Whether it takes this host for one of its own, the first
    /// call on it says.
    pub async fn connect(&self) -> Result<Channel, LinkError> {
        match self {
            Console::Socket(path) => Ok(socket::connect(path).await?),
            Console::Remote(identity) => remote(identity).await,
        }
    }
}

async fn remote(identity: &HostIdentity) -> Result<Channel, LinkError> {
    let authority = tls::certificate(&identity.authority, "the authority's certificate in this host's identity")?;
    let own = (
        tls::certificate(&identity.certificate, "this host's certificate")?,
        tls::private_key(&identity.key, "this host's key")?,
    );
    let verifier = WebPkiServerVerifier::builder_with_provider(tls::roots(authority)?, tls::provider())
        .build()
        .map_err(|error| LinkError::Tls(rustls::Error::General(error.to_string())))?;
    let connector = TlsConnector::from(Arc::new(tls::calling(verifier, Some(own))?));
    let console = &identity.console;
    let name = tls::console_name()?;
    let called = timeout(PATIENCE, async { connector.connect(name, dial(console).await?).await }).await;
    let stream = called
        .map_err(|_| LinkError::Slow { console: console.clone(), seconds: PATIENCE.as_secs() })?
        .map_err(|source| LinkError::Unreachable { console: console.clone(), source })?;
    channel(stream).await.map_err(|source| LinkError::Broken { console: console.clone(), source })
}

pub(crate) async fn dial(console: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(console).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Over this one connection: when it ends, the caller calls again.
pub(crate) async fn channel(stream: TlsStream<TcpStream>) -> Result<Channel, tonic::transport::Error> {
    let mut stream = Some(stream);
    let connector = tower::service_fn(move |_: Uri| {
        let stream = stream.take().map(TokioIo::new).ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected));
        std::future::ready(stream)
    });
    keep_alive::endpoint().connect_with_connector(connector).await
}
