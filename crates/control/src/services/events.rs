//! What happened to a service, page by page; and its versions.

use super::sealed::open_spec;
use crate::{Control, ControlError};
use domain::id::ServiceId;
use domain::role::Permission;
use domain::service::{Service, ServiceEvent, ServiceSpec};
use domain::view::{Page, VersionChange, VersionView};
use identity::{Principal, authorize};
use serde_json::Value;
use std::collections::BTreeMap;

pub const EVENTS_PAGE: u32 = 50;

impl Control {
    /// Newest first.
    pub async fn service_events(
        &self,
        principal: &Principal,
        id: &ServiceId,
        page: u32,
    ) -> Result<Page<ServiceEvent>, ControlError> {
        authorize(principal, Permission::Read)?;
        self.find_service(principal, id)?;
        let number = page.max(1);
        let offset = (number - 1).saturating_mul(EVENTS_PAGE);
        let (items, total) = self.store().service_events(id, (offset, EVENTS_PAGE)).await?;
        Ok(Page { items, total, unfiltered: total, number, size: EVENTS_PAGE })
    }

    /// Newest first, each with what it says otherwise than the one that is wanted. Values that may be secrets are left
    /// out; that they differ is not.
    pub async fn service_versions(
        &self,
        principal: &Principal,
        id: &ServiceId,
    ) -> Result<Vec<VersionView>, ControlError> {
        authorize(principal, Permission::Read)?;
        let service = self.find_service(principal, id)?;
        let stored = self.store().versions_of(id).await?;
        let mut users = BTreeMap::new();
        for version in &stored {
            if let Ok(user) = version.created_by.parse()
                && !users.contains_key(&version.created_by)
                && let Some(user) = self.store().user(&user).await?
            {
                users.insert(version.created_by.clone(), user.name.to_string());
            }
        }
        let view = |version: domain::service::Version<String>| {
            let spec = open_spec(&version.spec, id, &self.inner.key);
            VersionView {
                number: version.number,
                replica_version: version.replica_version,
                why: version.why,
                created_by: users.get(&version.created_by).cloned(),
                created_at: version.created_at,
                is_wanted: version.number == service.version,
                changes: spec.map(|spec| changes(&spec, &service)).unwrap_or_default(),
            }
        };
        Ok(stored.into_iter().map(view).collect())
    }
}

/// From that version to what is wanted now, by key.
fn changes(spec: &ServiceSpec, service: &Service) -> Vec<VersionChange> {
    let (then, now) = (flat(spec), flat(&service.spec));
    let mut changes: Vec<VersionChange> = then
        .keys()
        .chain(now.keys().filter(|key| !then.contains_key(*key)))
        .filter(|key| then.get(*key) != now.get(*key))
        .map(|key| {
            let shown = |of: &BTreeMap<String, String>| of.get(key).cloned().filter(|_| !is_secret(key));
            VersionChange { key: key.clone(), then: shown(&then), now: shown(&now) }
        })
        .collect();
    changes.sort_by(|a, b| a.key.cmp(&b.key));
    changes
}

fn is_secret(key: &str) -> bool {
    key.starts_with("workload.env.") || key.contains("credentials")
}

fn flat(spec: &ServiceSpec) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut plain = spec.clone();
    let env = std::mem::take(&mut plain.workload.env);
    for (name, value) in env {
        all.insert(format!("workload.env.{name}"), value);
    }
    flatten("", &serde_json::to_value(&plain).unwrap_or_default(), &mut all);
    all
}

/// Lists are shown whole: what moved in them would be called different all the same.
fn flatten(at: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                flatten(&key, value, all);
            }
        }
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        Value::String(text) => _ = all.insert(at.into(), text.clone()),
        other => _ = all.insert(at.into(), other.to_string()),
    }
}
