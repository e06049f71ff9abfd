//! What a container uses, as its daemon says.

use super::cgroup::Used;
use super::{ContainerError, Daemon};
use bollard::Docker;
use bollard::models::ContainerStatsResponse;
use bollard::query_parameters::StatsOptionsBuilder;
use tokio_stream::StreamExt;

/// For those whose control group cannot be read. Dearer: the daemon collects much more.
pub async fn ask(daemon: &Daemon, container: &str) -> Result<Option<Used>, ContainerError> {
    let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
    let question = async |docker: Docker| {
        let mut answers = std::pin::pin!(docker.stats(container, Some(options)));
        answers.next().await.transpose()
    };
    Ok(daemon.ask(question).await?.flatten().as_ref().and_then(used))
}

fn used(stats: &ContainerStatsResponse) -> Option<Used> {
    let nanoseconds = stats.cpu_stats.as_ref()?.cpu_usage.as_ref()?.total_usage?;
    let memory = stats.memory_stats.as_ref()?;
    let details = memory.stats.as_ref();
    let cached = details.and_then(|all| all.get("total_inactive_file").or_else(|| all.get("inactive_file")));
    Some(Used {
        cpu_us: nanoseconds / 1000,
        memory_bytes: memory.usage?.saturating_sub(cached.copied().unwrap_or_default()),
    })
}
