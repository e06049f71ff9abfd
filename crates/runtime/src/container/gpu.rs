//! GPUs for a container.

use super::daemon::PODMAN;
use super::{ContainerError, Daemon};
use bollard::models::{DeviceRequest, SystemInfo};
use std::path::Path;

/// Where specifications of devices are, unless the daemon names other folders.
const SPEC_DIRS: [&str; 2] = ["/etc/cdi", "/var/run/cdi"];

/// `None` where none is asked for. Refused where the daemon reports nothing that could hand one over: it would only
/// say so in words of its own, after the image has been pulled.
pub async fn request(daemon: &Daemon, gpus: &[String]) -> Result<Option<DeviceRequest>, ContainerError> {
    if gpus.is_empty() {
        return Ok(None);
    }
    let info = daemon.info().await?;
    // By this API Podman starts such a container without any, and says nothing.
    if daemon.name() == PODMAN || !has_driver(&info) {
        return Err(ContainerError::NoGpu { name: daemon.name() });
    }
    Ok(Some(DeviceRequest {
        driver: Some("nvidia".into()),
        device_ids: Some(gpus.to_vec()),
        capabilities: Some(vec![vec!["gpu".into()]]),
        ..DeviceRequest::default()
    }))
}

fn has_driver(info: &SystemInfo) -> bool {
    let runtime = info.runtimes.iter().flatten().any(|(name, _)| name.contains("nvidia"));
    let discovered = info.discovered_devices.iter().flatten().filter_map(|device| device.id.as_deref());
    let folders = match &info.cdi_spec_dirs {
        Some(folders) => folders.iter().map(String::as_str).collect::<Vec<_>>(),
        None => SPEC_DIRS.to_vec(),
    };
    runtime
        || discovered.into_iter().any(|id| id.starts_with("nvidia.com/gpu"))
        || folders.iter().any(|folder| specifies_gpus(Path::new(folder)))
}

fn specifies_gpus(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.into_iter().any(|file| std::fs::read_to_string(file.path()).is_ok_and(|text| text.contains("nvidia.com/gpu")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::Runtime;

    #[test]
    fn a_driver_is_one_that_somebody_reports() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = vec![folder.path().to_string_lossy().into_owned()];
        let mut info = SystemInfo { cdi_spec_dirs: Some(dirs), ..SystemInfo::default() };
        info.runtimes = Some([("runc".to_owned(), Runtime::default())].into());
        assert!(!has_driver(&info));
        std::fs::write(folder.path().join("nvidia.yaml"), "kind: nvidia.com/gpu").unwrap();
        assert!(has_driver(&info));
        info.cdi_spec_dirs = Some(Vec::new());
        assert!(!has_driver(&info));
        info.runtimes = Some([("nvidia".to_owned(), Runtime::default())].into());
        assert!(has_driver(&info));
    }
}
