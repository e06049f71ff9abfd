//! Why hosts do not get together.

use crate::socket::SocketError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error("cannot listen for other hosts on {address} ({source}); stop what uses it or choose another --link-addr")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the console {console} is not reached: {source}")]
    Unreachable { console: String, source: io::Error },
    #[error("the console {console} does not answer within {seconds} s")]
    Slow { console: String, seconds: u64 },
    #[error("the connection to the console {console} broke off: {source}")]
    Broken { console: String, source: tonic::transport::Error },
    /// Certificates and keys that cannot be used together, or at all.
    #[error("TLS of the link cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error("certificate and key of the link do not belong together; restore both from the same backup")]
    Mismatch,
    /// Where it should be, there is no PEM of this kind.
    #[error("{what} of the link cannot be read; restore it from a backup")]
    Pem { what: &'static str },
    #[error("the link's authority cannot sign: {0}")]
    Sign(#[from] rcgen::Error),
    #[error(
        "the host's request for a certificate cannot be used; run the newest inference-gateway there and join again"
    )]
    Request,
    #[error(
        "this is no join token (those begin with igj-); copy it from the console's Hosts page, or make a new one there"
    )]
    NotAToken,
    #[error("this join token is damaged or cut off; copy all of it, or make a new one on the console's Hosts page")]
    DamagedToken,
    #[error("the file {} cannot be used ({source}); check its permissions and that the disk has room", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("others may read {}, which holds this host's key; run chmod 600 on it", path.display())]
    Open { path: PathBuf },
    #[error(
        "{} says nothing that can be understood; restore it from a backup, or remove it and join the console again",
        path.display()
    )]
    Identity { path: PathBuf },
}

/// Why a host has not joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("{console:?} is not a host and port such as 10.0.0.1:7443; use the command that the Hosts page shows")]
    Address { console: String },
    #[error(
        "{console} is not reached ({source}); check the address, that the console runs with --link-addr, and the \
         firewall between the hosts"
    )]
    Unreachable { console: String, source: io::Error },
    #[error("{console} does not answer within {seconds} s; check the address and the firewall between the hosts")]
    Slow { console: String, seconds: u64 },
    #[error("{console} does not speak the link's TLS ({source}); use the address that the console has as --link-addr")]
    NotALink { console: String, source: io::Error },
    #[error(
        "{console} is not the console that made this token: nothing was sent to it; use the address and the token that \
         the same console shows together"
    )]
    Stranger { console: String },
    #[error(
        "the clocks of this host and of {console} differ by more than a day; set both (NTP) and run the command again"
    )]
    Clock { console: String },
    /// In the console's words.
    #[error("the console refused: {sentence}")]
    Refused { sentence: String },
    #[error("the console's answer cannot be used; run the same version of inference-gateway on both hosts")]
    Answer,
    #[error("the connection to {console} broke off before the console answered ({reason}); run the command again")]
    Broken { console: String, reason: String },
    #[error(transparent)]
    Link(#[from] LinkError),
}
