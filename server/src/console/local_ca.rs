//! The installation's own certificate authority: made once, kept in the data directory.

use crate::data_dir::DataDir;
use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The authority's certificate in the data directory, for browsers to trust.
pub const ROOT: &str = "tls/local-ca.pem";

/// A certificate for the console, signed by the authority: its file and its key's.
pub fn certificate(dir: &DataDir, address: IpAddr) -> Result<(PathBuf, PathBuf)> {
    let (root_cert, root_key) = (dir.root().join(ROOT), dir.tls().join("local-ca.key"));
    if !root_cert.exists() || !root_key.exists() {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "Inference Gateway local authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        write(&root_key, &key.serialize_pem())?;
        write(&root_cert, &params.self_signed(&key)?.pem())?;
    }
    let ca_key = KeyPair::from_pem(&std::fs::read_to_string(&root_key)?)
        .with_context(|| format!("the authority's key {} cannot be read", root_key.display()))?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.distinguished_name.push(DnType::CommonName, "Inference Gateway local authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let issuer = Issuer::new(ca, ca_key);

    // Made anew at each start: the address may be another one.
    let key = KeyPair::generate()?;
    let names = vec!["localhost".to_owned(), address.to_string(), "127.0.0.1".to_owned()];
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Inference Gateway console");
    let cert = params.signed_by(&key, &issuer)?;
    let paths = (dir.tls().join("console.pem"), dir.tls().join("console.key"));
    write(&paths.0, &cert.pem())?;
    write(&paths.1, &key.serialize_pem())?;
    Ok(paths)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let temporary = path.with_extension("new");
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&temporary, path))
        .with_context(|| format!("the file {} cannot be written", path.display()))
}
