//! Files that are there whole or not at all, for the engine's own user only.

use super::StoreError;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Owner may read and write.
const MODE: u32 = 0o600;

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Replaces the file; after a crash there is the old one or the new one.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let temporary = with_suffix(path, ".tmp");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        sync_folder(path)
    };
    write().map_err(|source| {
        // What is half there only takes space that is missing already.
        let _ = std::fs::remove_file(&temporary);
        StoreError::Write { path: path.into(), source }
    })
}

/// A name is on disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// `None` where there is no such file.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match std::fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Read { path: path.into(), source }),
    }
}

/// Out of the way, but there for whoever wants to know.
pub fn set_aside(path: &Path) {
    if let Err(error) = std::fs::rename(path, with_suffix(path, ".corrupt"))
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "cannot set the damaged file aside");
    }
}

/// Opens for writing at the end, whose place is `len`; what is behind it is cut off.
pub fn append_at(path: &Path, len: u64) -> Result<File, StoreError> {
    let open = || {
        let file = OpenOptions::new().append(true).open(path)?;
        if file.metadata()?.len() != len {
            file.set_len(len)?;
        }
        Ok(file)
    };
    open().map_err(|source| StoreError::Write { path: path.into(), source })
}
