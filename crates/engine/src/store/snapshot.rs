//! The configuration on disk: base and log.

use super::log::{self, BaseId};
use super::seal::{NONCE, Seal};
use super::{StoreError, file};
use domain::snapshot::{Delta, Snapshot};
use std::io::Write;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"IGWBASE1";
const PLACE: &[u8] = b"base";
/// A log below this is never worth a new base, bytes: writing one takes as long as many changes, reading this much back
/// a few hundredths of a second.
const SMALL: u64 = 1024 * 1024;

pub struct SnapshotStore {
    base: PathBuf,
    log: PathBuf,
    seal: Seal,
    small: u64,
    /// What is on disk; `None` if it is not what the engine has, so that a change to it would be no use.
    on_disk: Option<OnDisk>,
}

struct OnDisk {
    base: BaseId,
    base_len: u64,
    log_len: u64,
    records: u64,
}

impl SnapshotStore {
    /// `None` if the key is not one.
    pub fn new(folder: &Path, key: &[u8; 32]) -> Option<Self> {
        let seal = Seal::new(key).ok()?;
        Some(Self {
            base: folder.join("snapshot.base"),
            log: folder.join("snapshot.log"),
            seal,
            small: SMALL,
            on_disk: None,
        })
    }

    /// What was kept last. Whatever is wrong with it is said here and leaves an engine that starts with less.
    pub fn load(&mut self) -> Snapshot {
        let content = match file::read(&self.base) {
            Ok(Some(content)) => content,
            Ok(None) => return Snapshot::default(),
            Err(error) => {
                tracing::error!(%error, "the engine starts empty until the console sends its configuration");
                return Snapshot::default();
            }
        };
        let Some((id, snapshot)) = self.open_base(&content) else {
            file::set_aside(&self.base);
            file::set_aside(&self.log);
            let error = StoreError::Damaged { path: self.base.clone() };
            tracing::error!(
                %error,
                "it was set aside as .corrupt; the engine starts empty and the console sends the whole configuration \
                 when it runs, nothing else is to be done"
            );
            return Snapshot::default();
        };
        self.replay(id, content.len() as u64, snapshot)
    }

    /// What was loaded is not what the engine has.
    pub fn forget(&mut self) {
        self.on_disk = None;
    }

    fn open_base(&self, content: &[u8]) -> Option<(BaseId, Snapshot)> {
        let sealed = content.strip_prefix(MAGIC)?;
        let id = sealed.get(..NONCE)?.try_into().ok()?;
        let text = self.seal.open(PLACE, sealed).ok()?;
        Some((id, serde_json::from_slice(&text).ok()?))
    }

    /// The base with the log's changes.
    fn replay(&mut self, base: BaseId, base_len: u64, mut snapshot: Snapshot) -> Snapshot {
        let log = match file::read(&self.log) {
            Ok(log) => log.and_then(|content| log::read(&self.seal, &base, &content)),
            Err(error) => {
                tracing::error!(%error, "the engine starts with an older configuration");
                None
            }
        };
        // No log, or one of another base: a crash came between the two. The next change writes both anew.
        let Some(read) = log else { return snapshot };
        if read.torn {
            tracing::warn!(path = %self.log.display(), "the last change was not written to its end and is left out");
        }
        let records = read.deltas.len() as u64;
        for delta in &read.deltas {
            match snapshot.apply(delta) {
                Ok(next) => snapshot = next,
                Err(error) => {
                    tracing::error!(path = %self.log.display(), %error, "the changes from here on are left out");
                    return snapshot;
                }
            }
        }
        self.on_disk = Some(OnDisk { base, base_len, log_len: read.good as u64, records });
        snapshot
    }

    /// Keeps `snapshot`, which `delta` led to. On disk when this returns `Ok`; after an error the next call writes all.
    pub fn keep(&mut self, delta: &Delta, snapshot: &Snapshot) -> Result<(), StoreError> {
        let on_disk =
            self.on_disk.take().filter(|disk| delta.from.is_some() && disk.log_len < disk.base_len.max(self.small));
        self.on_disk = Some(match on_disk {
            Some(on_disk) => self.append(on_disk, delta)?,
            None => self.write_all(snapshot)?,
        });
        Ok(())
    }

    fn append(&self, mut on_disk: OnDisk, delta: &Delta) -> Result<OnDisk, StoreError> {
        let text = serde_json::to_vec(delta).map_err(|source| StoreError::Encode { path: self.log.clone(), source })?;
        let record = log::record(&self.seal, &on_disk.base, on_disk.records, text)
            .ok_or_else(|| StoreError::Seal { path: self.log.clone() })?;
        let mut log = file::append_at(&self.log, on_disk.log_len)?;
        log.write_all(&record)
            .and_then(|()| log.sync_data())
            .map_err(|source| StoreError::Write { path: self.log.clone(), source })?;
        on_disk.log_len += record.len() as u64;
        on_disk.records += 1;
        Ok(on_disk)
    }

    fn write_all(&self, snapshot: &Snapshot) -> Result<OnDisk, StoreError> {
        let path = &self.base;
        let text = serde_json::to_vec(snapshot).map_err(|source| StoreError::Encode { path: path.clone(), source })?;
        let sealed = self.seal.seal(PLACE, text).map_err(|_| StoreError::Seal { path: path.clone() })?;
        let mut base = [0; NONCE];
        base.copy_from_slice(&sealed[..NONCE]);
        let content = [MAGIC.as_slice(), &sealed].concat();
        file::replace(path, &content)?;
        // From here on the old log belongs to another base and is not read.
        file::replace(&self.log, &log::header(&base))?;
        Ok(OnDisk { base, base_len: content.len() as u64, log_len: log::HEADER as u64, records: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{GatewayId, RANDOM_LEN};
    use domain::snapshot::{GatewayConfig, Resource};

    const KEY: [u8; 32] = [7; 32];
    /// So that some hundred changes are more than one base.
    const SMALL: u64 = 64 * 1024;

    fn snapshot(version: u64) -> Snapshot {
        let gateway = |n: u8| {
            Resource::Gateway(GatewayConfig {
                id: GatewayId::from_random([n; RANDOM_LEN]),
                name: format!("v{version}"),
                public: None,
                private: Vec::new(),
                capacity: domain::snapshot::Capacity::default(),
                tls: domain::snapshot::TlsPolicy::default(),
                trusted_proxies: Vec::new(),
            })
        };
        Snapshot::from_resources(version, (0..3).map(gateway))
    }

    fn store(folder: &Path) -> SnapshotStore {
        SnapshotStore { small: SMALL, ..SnapshotStore::new(folder, &KEY).unwrap() }
    }

    /// A store that went through these versions.
    fn after(folder: &Path, versions: std::ops::RangeInclusive<u64>) -> SnapshotStore {
        let mut store = store(folder);
        let mut last = store.load();
        for version in versions {
            let next = snapshot(version);
            let delta = if last.is_empty() { Delta::whole(&next) } else { Delta::between(&last, &next) };
            store.keep(&delta, &next).unwrap();
            last = next;
        }
        store
    }

    #[test]
    fn comes_back_over_compactions_and_restarts() {
        let folder = tempfile::tempdir().unwrap();
        after(folder.path(), 1..=5);
        after(folder.path(), 6..=300);
        assert_eq!(store(folder.path()).load(), snapshot(300));
        let log = std::fs::metadata(folder.path().join("snapshot.log")).unwrap().len();
        assert!(log < 2 * SMALL, "{log}");
        let text = std::fs::read(folder.path().join("snapshot.base")).unwrap();
        assert!(!text.windows(4).any(|window| window == b"gw-h"), "encrypted");
    }

    #[test]
    fn every_torn_tail_leaves_what_was_before() {
        let folder = tempfile::tempdir().unwrap();
        after(folder.path(), 1..=3);
        let path = folder.path().join("snapshot.log");
        let whole = std::fs::read(&path).unwrap();
        for len in (log::HEADER..whole.len()).step_by(7) {
            std::fs::write(&path, &whole[..len]).unwrap();
            let loaded = store(folder.path()).load();
            assert!(loaded == snapshot(1) || loaded == snapshot(2), "{len}");
        }
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        after(folder.path(), 4..=4);
        assert_eq!(store(folder.path()).load(), snapshot(4));
    }

    #[test]
    fn a_damaged_base_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        after(folder.path(), 1..=2);
        let other = SnapshotStore::new(folder.path(), &[8; 32]).unwrap().load();
        assert!(other.is_empty());
        assert!(folder.path().join("snapshot.base.corrupt").exists() && !folder.path().join("snapshot.base").exists());
        after(folder.path(), 3..=3);
        assert_eq!(store(folder.path()).load(), snapshot(3));
    }

    #[test]
    fn a_crash_between_base_and_log() {
        let folder = tempfile::tempdir().unwrap();
        after(folder.path(), 1..=2);
        let old_log = std::fs::read(folder.path().join("snapshot.log")).unwrap();
        let mut store = after(folder.path(), 3..=3);
        store.keep(&Delta::whole(&snapshot(4)), &snapshot(4)).unwrap();
        std::fs::write(folder.path().join("snapshot.log"), old_log).unwrap();
        assert_eq!(self::store(folder.path()).load(), snapshot(4));
    }

    #[test]
    fn after_a_failed_write_the_next_one_writes_all() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("state");
        std::fs::create_dir(&inner).unwrap();
        let mut store = after(&inner, 1..=2);
        std::fs::remove_dir_all(&inner).unwrap();
        let error = store.keep(&Delta::between(&snapshot(2), &snapshot(3)), &snapshot(3)).unwrap_err().to_string();
        assert!(error.contains("snapshot.log") && error.contains("free space"), "{error}");
        std::fs::create_dir(&inner).unwrap();
        store.keep(&Delta::between(&snapshot(3), &snapshot(4)), &snapshot(4)).unwrap();
        assert_eq!(self::store(&inner).load(), snapshot(4));
    }
}
