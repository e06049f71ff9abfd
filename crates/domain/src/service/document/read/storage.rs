//! Folders that a replica finds.

use super::Reader;
use crate::error::Invalid;
use crate::service::document::refusal::Refusal;
use crate::service::{Mount, Runtime};

const LONGEST: usize = 1024;

pub(super) fn read(reader: &mut Reader<'_>, runtime: &Runtime) -> Option<Vec<Mount>> {
    let mut mounts: Vec<Mount> = Vec::new();
    let mut all_fine = true;
    for index in 0..reader.list("storage").len() {
        let at = format!("storage[{index}]");
        let target_key = format!("{at}.mount_path");
        let target = reader.required(&target_key, folder);
        let source = reader.required(&format!("{at}.host_path.path"), folder);
        let read_only = reader.flag(&format!("{at}.host_path.readOnly"));
        let (Some(source), Some(target)) = (source, target) else {
            all_fine = false;
            continue;
        };
        if *runtime == Runtime::Process && source != target {
            reader.refuse(&target_key, Refusal::MountPath, "");
        }
        if mounts.iter().any(|mount| mount.target == target) {
            reader.note(&target_key, Invalid::KeyTwice);
        }
        mounts.push(Mount { source, target, read_only });
    }
    all_fine.then_some(mounts)
}

/// An absolute path without detours; a colon would be taken for the end of it.
fn folder(text: &str) -> Result<String, Invalid> {
    if text.len() > LONGEST {
        return Err(Invalid::TooLong { max: LONGEST, len: text.len() });
    }
    let is_plain = text.starts_with('/')
        && !text.chars().any(|c| c.is_control() || c == ':')
        && !text.split('/').any(|part| part == ".." || part == ".")
        && text.trim() == text;
    if is_plain { Ok(text.to_owned()) } else { Err(Invalid::Folder) }
}
