//! Use cases of certificates: uploading, replacing, deleting; what is shown of them.

mod acme;
mod draft;
mod read;
mod upload;

pub use draft::CertificateDraft;
