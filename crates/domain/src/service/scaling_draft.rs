//! What somebody typed for an autoscaler.

use super::MAX_REPLICAS;
use super::scaling::{Autoscaler, DEFAULT_DOWN_SECONDS, DEFAULT_UP_SECONDS, Metric, Target, ToZero};
use crate::error::{FieldErrors, Invalid};
use serde::{Deserialize, Serialize};

const LONGEST_SECONDS: u64 = 86_400;
const MOST: u64 = 1_000_000;

/// A target that is left empty does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScalingDraft {
    /// `on`; otherwise all that follows does not count.
    pub enabled: String,
    pub min: String,
    pub max: String,
    pub qps: String,
    pub in_flight: String,
    pub cpu: String,
    pub gpu: String,
    pub queue: String,
    pub up_seconds: String,
    pub down_seconds: String,
    /// `on`: no replica at all while nobody asks.
    pub to_zero: String,
    pub idle_seconds: String,
    pub hold_length: String,
    /// Seconds.
    pub hold: String,
}

impl ScalingDraft {
    pub fn of(scaling: Option<&Autoscaler>) -> Self {
        let default = Autoscaler {
            min: 1,
            max: 2,
            targets: Vec::new(),
            up_seconds: DEFAULT_UP_SECONDS,
            down_seconds: DEFAULT_DOWN_SECONDS,
            zero: None,
        };
        let shown = scaling.unwrap_or(&default);
        let on = |is_on: bool| if is_on { "on".to_owned() } else { String::new() };
        let target = |metric| {
            let found = shown.targets.iter().find(|target| target.metric == metric);
            found.map(|target| target.value.to_string()).unwrap_or_default()
        };
        let zero = shown.zero.unwrap_or(ToZero { idle_seconds: 600, start: 1, hold_length: 100, hold_ms: 60_000 });
        Self {
            enabled: on(scaling.is_some()),
            min: shown.min.to_string(),
            max: shown.max.to_string(),
            qps: target(Metric::Qps),
            in_flight: target(Metric::InFlight),
            cpu: target(Metric::Cpu),
            gpu: target(Metric::Gpu),
            queue: target(Metric::Queue),
            up_seconds: shown.up_seconds.to_string(),
            down_seconds: shown.down_seconds.to_string(),
            to_zero: on(shown.zero.is_some()),
            idle_seconds: zero.idle_seconds.to_string(),
            hold_length: zero.hold_length.to_string(),
            hold: (zero.hold_ms / 1000).to_string(),
        }
    }

    /// As [`Self::validate`]; what the form shows of `before` less exactly than it is, and nobody changed, stays.
    pub fn validate_over(&self, before: Option<&Autoscaler>) -> Result<Option<Autoscaler>, FieldErrors> {
        let mut scaling = self.validate()?;
        let shown = Self::of(before);
        if let Some(zero) = scaling.as_mut().and_then(|scaling| scaling.zero.as_mut())
            && let Some(was) = before.and_then(|before| before.zero)
        {
            zero.start = was.start;
            if self.hold.trim() == shown.hold {
                zero.hold_ms = was.hold_ms;
            }
        }
        Ok(scaling)
    }

    /// `None` where it is switched off.
    pub fn validate(&self) -> Result<Option<Autoscaler>, FieldErrors> {
        if self.enabled != "on" {
            return Ok(None);
        }
        let mut errors = FieldErrors::default();
        let most = u64::from(MAX_REPLICAS);
        let min = match self.min.trim() {
            "0" => errors.take("min", Err(Invalid::ReplicasZero)),
            typed => errors.take("min", number(typed, 1, most)),
        };
        let max = errors.take("max", number(&self.max, u64::from(min.unwrap_or(1)), most));
        let mut targets = Vec::new();
        for (field, metric, typed, most) in [
            ("qps", Metric::Qps, &self.qps, MOST),
            ("in_flight", Metric::InFlight, &self.in_flight, MOST),
            ("cpu", Metric::Cpu, &self.cpu, 100),
            ("gpu", Metric::Gpu, &self.gpu, 100),
            ("queue", Metric::Queue, &self.queue, MOST),
        ] {
            if typed.trim().is_empty() {
                continue;
            }
            if let Some(value) = errors.take(field, number(typed, 1, most)) {
                targets.push(Target { metric, value });
            }
        }
        if targets.is_empty() && errors.0.is_empty() && self.to_zero != "on" {
            errors.push("qps", Invalid::NoTarget);
        }
        let up_seconds = errors.take("up_seconds", number(&self.up_seconds, 0, LONGEST_SECONDS));
        let down_seconds = errors.take("down_seconds", number(&self.down_seconds, 0, LONGEST_SECONDS));
        let zero = self.zero(&mut errors);
        let scaler = (|| {
            Some(Autoscaler {
                min: min?,
                max: max?,
                targets,
                up_seconds: up_seconds?,
                down_seconds: down_seconds?,
                zero: zero?,
            })
        })();
        errors.finish(scaler).map(Some)
    }

    fn zero(&self, errors: &mut FieldErrors) -> Option<Option<ToZero>> {
        if self.to_zero != "on" {
            return Some(None);
        }
        let idle_seconds = errors.take("idle_seconds", number(&self.idle_seconds, 10, LONGEST_SECONDS));
        let hold_length = errors.take("hold_length", number(&self.hold_length, 1, 100_000));
        let hold = errors.take("hold", number(&self.hold, 1, 3600));
        let hold_ms = u64::from(hold?) * 1000;
        Some(Some(ToZero { idle_seconds: idle_seconds?, start: 1, hold_length: hold_length?, hold_ms }))
    }
}

fn number(typed: &str, min: u64, max: u64) -> Result<u32, Invalid> {
    let range = Invalid::OutOfRange { min, max };
    let number: u32 = typed.trim().parse().map_err(|_| range.clone())?;
    if (min..=max).contains(&u64::from(number)) { Ok(number) } else { Err(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ScalingDraft {
        ScalingDraft { enabled: "on".into(), qps: "10".into(), ..ScalingDraft::of(None) }
    }

    #[test]
    fn what_a_document_says_more_exactly_stays() {
        let zero = Some(ToZero { idle_seconds: 60, start: 3, hold_length: 7, hold_ms: 1500 });
        let before = Autoscaler { zero, ..draft().validate().expect("valid").expect("one") };
        let mut typed = ScalingDraft::of(Some(&before));
        assert_eq!(typed.validate_over(Some(&before)), Ok(Some(before.clone())));
        (typed.hold, typed.max) = ("2".into(), "9".into());
        let after = typed.validate_over(Some(&before)).expect("valid").expect("one");
        assert_eq!((after.zero.map(|zero| (zero.hold_ms, zero.start)), after.max), (Some((2000, 3)), 9));
    }

    #[test]
    fn what_is_shown_is_what_is_typed_again() {
        let mut typed = draft();
        (typed.cpu, typed.to_zero, typed.down_seconds) = ("70".into(), "on".into(), "60".into());
        let taken = typed.validate().expect("valid");
        assert_eq!(ScalingDraft::of(taken.as_ref()), typed);
        assert_eq!(ScalingDraft::default().validate(), Ok(None));
    }

    #[test]
    fn what_is_refused() {
        let refused = |change: fn(&mut ScalingDraft), field: &str, code: &str| {
            let mut typed = draft();
            change(&mut typed);
            let errors = typed.validate().expect_err("is wrong");
            assert_eq!(errors.get(field).map(Invalid::code).as_deref(), Some(code), "{errors:?}");
        };
        refused(|d| d.min = "0".into(), "min", "replicas_zero");
        refused(|d| d.max = "101".into(), "max", "out_of_range");
        refused(|d| (d.min, d.max) = ("3".into(), "2".into()), "max", "out_of_range");
        refused(|d| d.qps = String::new(), "qps", "no_target");
        refused(|d| d.cpu = "101".into(), "cpu", "out_of_range");
        refused(|d| d.down_seconds = "-1".into(), "down_seconds", "out_of_range");
        refused(|d| (d.to_zero, d.hold) = ("on".into(), "0".into()), "hold", "out_of_range");
    }
}
