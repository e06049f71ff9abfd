//! A gateway's size, and how long its newest change took.

use domain::gateway::GatewayKind;
use domain::view::Effect;

pub(super) fn size_text(kind: &GatewayKind) -> String {
    match kind {
        GatewayKind::Alb => String::new(),
        GatewayKind::FullyManaged { spec, nodes, .. } => tr!(nodes.size, nodes = *nodes, spec = spec.as_str()),
    }
}

pub(super) fn effect_text(effect: Effect) -> String {
    match effect {
        Effect::Unknown => tr!(resize.unknown),
        Effect::Pending => tr!(resize.pending),
        Effect::After { millis } => tr!(resize.took, seconds = seconds(millis)),
    }
}

/// Hundredths, rounded up: nothing takes no time.
fn seconds(millis: u64) -> String {
    let hundredths = millis.div_ceil(10).max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn seconds_that_can_be_read() {
        assert_eq!([0, 4, 41, 400, 1_000, 61_234].map(seconds), ["0.01", "0.01", "0.05", "0.40", "1.00", "61.24"]);
    }
}
