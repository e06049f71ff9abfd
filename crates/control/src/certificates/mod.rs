//! Use cases of certificates: uploading, replacing, deleting; what is shown of them.

mod read;
mod upload;

pub use upload::CertificateDraft;
