//! Use cases of certificates: uploading, replacing, deleting; what is shown of them.

mod acme;
mod read;
mod upload;

pub use upload::CertificateDraft;
