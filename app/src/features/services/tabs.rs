//! The tabs of a service. One is a line here, a path, a route, and a file or folder of its own.

use crate::paths;
use domain::id::ServiceId;
use domain::view::MonitoringRange;
use ui::TabItem;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Invocation,
    Debugging,
    Versions,
    Events,
    Logs,
    Monitoring,
    Scaling,
    Group,
}

/// In the order in which they stand.
pub fn tabs(id: &ServiceId, current: Tab) -> Vec<TabItem> {
    let tab = |label: String, path: String, tab: Tab| TabItem::new(label, path, tab == current);
    vec![
        tab(tr!(gateway.overview), paths::service(id), Tab::Overview),
        tab(tr!(services.invocation), paths::invocation(id), Tab::Invocation),
        tab(tr!(debugging.title), paths::debugging(id), Tab::Debugging),
        tab(tr!(life.versions), paths::versions(id), Tab::Versions),
        tab(tr!(life.events), paths::events(id, 1), Tab::Events),
        tab(tr!(life.logs), paths::logs(id, None), Tab::Logs),
        tab(tr!(monitoring.title), paths::monitoring(id, MonitoringRange::default()), Tab::Monitoring),
        tab(tr!(scaling.title), paths::scaling(id), Tab::Scaling),
        tab(tr!(groups.one), paths::service_group(id), Tab::Group),
    ]
}
