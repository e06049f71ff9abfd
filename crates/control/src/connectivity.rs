//! A request to a gateway's root, made from the console's host.

use crate::{Control, ControlError};
use domain::id::GatewayId;
use domain::role::Permission;
use domain::view::{Connectivity, ConnectivityOutcome, Door};
use identity::{Principal, authorize};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(3);
/// The gateway's answer is far smaller; more than this is not its.
const MOST: u64 = 16 * 1024;

impl Control {
    /// `None` while the portal is off: there is nothing to reach.
    pub async fn check_connectivity(
        &self,
        principal: &Principal,
        id: &GatewayId,
    ) -> Result<Option<Connectivity>, ControlError> {
        authorize(principal, Permission::Read)?;
        let gateway = self.find_gateway(principal, id)?;
        let endpoint = self.public_endpoints(&gateway).into_iter().find(|endpoint| endpoint.door == Door::Port);
        let Some((endpoint, port)) = endpoint.zip(gateway.internet.port) else { return Ok(None) };
        let to = SocketAddr::new(self.installation().own_address(), port);
        let started = Instant::now();
        let (outcome, from) = match tokio::time::timeout(PATIENCE, ask(to, id)).await {
            Ok(Ok((outcome, from))) => (outcome, from.ip().to_string()),
            Ok(Err(error)) => (ConnectivityOutcome::Refused { detail: error.to_string() }, String::new()),
            Err(_) => (ConnectivityOutcome::TimedOut, String::new()),
        };
        Ok(Some(Connectivity {
            outcome,
            url: endpoint.url,
            from,
            // On loopback this host is all of the public side. Elsewhere it is one machine next to the engine.
            from_there: to.ip().is_loopback(),
            micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        }))
    }
}

async fn ask(to: SocketAddr, id: &GatewayId) -> std::io::Result<(ConnectivityOutcome, SocketAddr)> {
    let mut stream = TcpStream::connect(to).await?;
    let from = stream.local_addr()?;
    let request =
        format!("GET / HTTP/1.1\r\nhost: {to}\r\nuser-agent: inference-gateway-check\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let outcome = match status {
        200 if answer.contains(id.as_str()) => ConnectivityOutcome::Reached,
        403 if answer.contains("SourceNotAllowed") => ConnectivityOutcome::SourceNotAllowed,
        status => ConnectivityOutcome::Unexpected { status },
    };
    Ok((outcome, from))
}
