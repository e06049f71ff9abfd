//! How a host becomes one of a console's.

use crate::console::{PATIENCE, channel, dial};
use crate::join_link_client::JoinLinkClient;
use crate::message::JoinRequest;
use crate::pin::{self, Pinned};
use crate::{HostIdentity, JoinError, JoinToken, LinkError, MAX_JOIN, tls};
use domain::host::HostDoors;
use domain::id::{AgentId, EngineId};
use domain::secret::Secret;
use pem::Pem;
use rcgen::{CertificateParams, KeyPair};
use rustls::CertificateError;
use rustls::sign::CertifiedKey;
use std::io;
use std::net::SocketAddrV6;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::{Code, Status};

/// For the console's answer; it writes to its store.
const ANSWER: Duration = Duration::from_secs(30);
/// Characters of the console's sentence.
const SENTENCE: usize = 500;

/// What a host says of itself.
#[derive(Clone, Debug)]
pub struct Joining {
    pub engine_id: EngineId,
    pub agent_id: AgentId,
    pub hostname: String,
    /// Version of the program.
    pub software: String,
    pub public: HostDoors,
}

/// Joins the console at `console` (host and port). Its authority must be the one that the token names; before that is
/// certain, nothing is sent. The key is made here and never leaves the host but in what is returned.
pub async fn join(console: &str, token: &JoinToken, joining: Joining) -> Result<HostIdentity, JoinError> {
    if !is_address(console) {
        return Err(JoinError::Address { console: console.into() });
    }
    let (stream, authority) = call(console, token).await?;
    let broken = |reason: String| JoinError::Broken { console: console.into(), reason };
    let key = KeyPair::generate().map_err(LinkError::from)?;
    let csr = CertificateParams::default().serialize_request(&key).and_then(|csr| csr.pem());
    let request = JoinRequest {
        token: token.secret().clone(),
        csr: csr.map_err(LinkError::from)?,
        engine_id: joining.engine_id,
        agent_id: joining.agent_id,
        hostname: joining.hostname,
        software: joining.software,
        public: joining.public,
    };
    let channel = channel(stream).await.map_err(|error| broken(error.to_string()))?;
    let mut client = JoinLinkClient::new(channel).max_decoding_message_size(MAX_JOIN);
    let answer = timeout(ANSWER, client.join(request)).await;
    let answer = answer.map_err(|_| JoinError::Slow { console: console.into(), seconds: ANSWER.as_secs() })?;
    let reply = answer.map_err(|status| refused(console, &status))?.into_inner();

    let key = Secret::new(key.serialize_pem());
    let certificate = tls::certificate(&reply.certificate, "the host's certificate").map_err(|_| JoinError::Answer)?;
    let private = tls::private_key(&key, "the host's key")?;
    CertifiedKey::from_der(vec![certificate], private, &tls::provider()).map_err(|_| JoinError::Answer)?;
    let console = console.to_owned();
    Ok(HostIdentity { host_id: reply.host_id, console, authority, certificate: reply.certificate, key })
}

/// Host and port; an IPv6 address in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host_fits = if host.starts_with('[') {
        text.parse::<SocketAddrV6>().is_ok()
    } else {
        !host.is_empty() && !host.contains([':', '/', '@']) && !host.contains(char::is_whitespace)
    };
    host_fits && port.parse::<u16>().is_ok_and(|port| port != 0)
}

/// A connection to the console that the token names, and its authority's certificate (PEM).
async fn call(console: &str, token: &JoinToken) -> Result<(TlsStream<TcpStream>, String), JoinError> {
    let connector = TlsConnector::from(Arc::new(tls::calling(Arc::new(Pinned::new(token.authority())), None)?));
    let name = tls::console_name()?;
    let slow = |_| JoinError::Slow { console: console.into(), seconds: PATIENCE.as_secs() };
    let unreachable = |source| JoinError::Unreachable { console: console.into(), source };
    let stream = timeout(PATIENCE, dial(console)).await.map_err(slow)?.map_err(unreachable)?;
    let shaken = timeout(PATIENCE, connector.connect(name, stream)).await.map_err(slow)?;
    let stream = shaken.map_err(|source| no_handshake(console, source))?;
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let authority = pin::find(shown, token.authority()).ok_or(JoinError::Answer)?;
    let authority = pem::encode(&Pem::new("CERTIFICATE", authority.to_vec()));
    Ok((stream, authority))
}

fn no_handshake(console: &str, source: io::Error) -> JoinError {
    let tls = source.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::Expired
            | CertificateError::ExpiredContext { .. },
        )) => JoinError::Clock { console: console.into() },
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            JoinError::Stranger { console: console.into() }
        }
        _ => JoinError::NotALink { console: console.into(), source },
    }
}

fn refused(console: &str, status: &Status) -> JoinError {
    let sentence: String = status.message().chars().filter(|c| !c.is_control()).take(SENTENCE).collect();
    match status.code() {
        // Said by this side's own library, not by a console.
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal => {
            JoinError::Broken { console: console.into(), reason: sentence }
        }
        _ => JoinError::Refused { sentence },
    }
}
