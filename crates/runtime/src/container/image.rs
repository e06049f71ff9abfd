//! Images: pulled where they are not there, with words about how far it is.

use super::error::{Answer, ContainerError, answer};
use super::{Daemon, registry};
use bollard::Docker;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use domain::service::RegistryCredentials;
use std::collections::HashMap;
use tokio_stream::StreamExt;

/// Pulls `image` unless the daemon has it, `:latest` or not: which image runs changes when somebody pulls it or
/// deploys another tag, never because a replica was started again.
pub async fn ensure(
    daemon: &Daemon,
    image: &str,
    credentials: Option<&RegistryCredentials>,
    progress: &(dyn Fn(String) + Send + Sync),
) -> Result<(), ContainerError> {
    let name = registry::with_tag(image);
    if daemon.ask(async |docker: Docker| docker.inspect_image(&name).await).await?.is_some() {
        return Ok(());
    }
    progress(format!("pulling {name}"));
    let docker = daemon.client().await?;
    let options = CreateImageOptionsBuilder::default().from_image(&name).build();
    let credentials = credentials.map(|given| registry::credentials(image, given));
    let mut pull = std::pin::pin!(docker.create_image(Some(options), None, credentials));
    let mut layers = Layers::default();
    while let Some(step) = pull.next().await {
        match step {
            Ok(step) => {
                if let Some(percent) = layers.heard(&step) {
                    progress(format!("pulling {name}, {percent} %"));
                }
            }
            Err(error) => {
                return Err(match answer(&error) {
                    Answer::No(words) => ContainerError::Pull { image: name, words },
                    Answer::Silence(_) => daemon.wrong(&error),
                });
            }
        }
    }
    // Podman ends a pull that failed without an error now and then.
    match daemon.ask(async |docker: Docker| docker.inspect_image(&name).await).await? {
        Some(_) => Ok(()),
        None => Err(ContainerError::Pull { image: name, words: "the registry did not send it".into() }),
    }
}

/// What has arrived of each layer.
#[derive(Default)]
struct Layers {
    bytes: HashMap<String, (u64, u64)>,
    told: u64,
}

impl Layers {
    /// Per cent, where it has grown: as layers become known only one after the other, it would fall otherwise.
    fn heard(&mut self, step: &CreateImageInfo) -> Option<u64> {
        let id = step.id.clone()?;
        let detail = step.progress_detail.as_ref();
        match step.status.as_deref() {
            Some("Downloading") => {
                let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
                let (current, total) = (number(detail?.current)?, number(detail?.total)?);
                self.bytes.insert(id, (current.min(total), total));
            }
            Some("Download complete" | "Pull complete" | "Verifying Checksum") => {
                let (current, total) = self.bytes.get_mut(&id)?;
                *current = *total;
            }
            _ => return None,
        }
        let sum = |part: fn(&(u64, u64)) -> u64| self.bytes.values().map(part).fold(0, u64::saturating_add);
        let (current, total) = (sum(|layer| layer.0), sum(|layer| layer.1));
        let percent = u64::try_from(u128::from(current) * 100 / u128::from(total.max(1))).unwrap_or(100);
        (percent > self.told).then(|| {
            self.told = percent;
            percent
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::ProgressDetail;

    fn step(id: &str, status: &str, bytes: Option<(i64, i64)>) -> CreateImageInfo {
        CreateImageInfo {
            id: Some(id.into()),
            status: Some(status.into()),
            progress_detail: bytes
                .map(|(current, total)| ProgressDetail { current: Some(current), total: Some(total) }),
            ..CreateImageInfo::default()
        }
    }

    #[test]
    fn the_share_of_all_layers_never_falls() {
        let mut layers = Layers::default();
        assert_eq!(layers.heard(&step("latest", "Pulling from vllm", None)), None);
        assert_eq!(layers.heard(&step("a", "Downloading", Some((30, 100)))), Some(30));
        assert_eq!(layers.heard(&step("b", "Downloading", Some((0, 100)))), None);
        assert_eq!(layers.heard(&step("a", "Download complete", None)), Some(50));
        assert_eq!(layers.heard(&step("b", "Downloading", Some((-5, 100)))), None);
        assert_eq!(layers.heard(&step("b", "Downloading", Some((i64::MAX, 100)))), Some(100));
        assert_eq!(layers.heard(&step("c", "Downloading", Some((0, i64::MAX)))), None);
    }
}
