//! The time as a worker knows it: read once when there is something to do, not for everything that is done.

use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use std::time::{Instant, SystemTime};

pub struct Clock {
    now: Cell<Instant>,
    /// What the calendar said at some moment; set again and again, since it may be put right.
    calendar: Cell<(Instant, DateTime<Utc>)>,
    /// As HTTP writes it, and the second it is of.
    date: Cell<(i64, [u8; 29])>,
}

impl Default for Clock {
    fn default() -> Self {
        let now = Instant::now();
        Self { now: Cell::new(now), calendar: Cell::new((now, Utc::now())), date: Cell::new((i64::MIN, [b' '; 29])) }
    }
}

impl Clock {
    pub fn tick(&self) -> Instant {
        let now = Instant::now();
        self.now.set(now);
        now
    }

    /// As it was at the last tick.
    pub fn now(&self) -> Instant {
        self.now.get()
    }

    pub fn look_at_calendar(&self) {
        self.calendar.set((self.tick(), Utc::now()));
    }

    pub fn utc(&self, at: Instant) -> DateTime<Utc> {
        let (then, date) = self.calendar.get();
        let nanos = |from: Instant, to: Instant| i64::try_from((to - from).as_nanos()).unwrap_or(0);
        if at >= then {
            date + TimeDelta::nanoseconds(nanos(then, at))
        } else {
            date - TimeDelta::nanoseconds(nanos(at, then))
        }
    }

    /// The value of a `Date` header.
    pub fn date(&self) -> [u8; 29] {
        let now = self.utc(self.now());
        let (second, text) = self.date.get();
        if second == now.timestamp() {
            return text;
        }
        let mut text = [b' '; 29];
        let written = httpdate::fmt_http_date(SystemTime::from(now));
        for (to, from) in text.iter_mut().zip(written.bytes()) {
            *to = from;
        }
        self.date.set((now.timestamp(), text));
        text
    }
}

#[cfg(test)]
impl Clock {
    /// Until the next tick.
    pub fn put_forward(&self, by: std::time::Duration) {
        self.now.set(self.now.get() + by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_calendar_goes_with_the_clock() {
        let clock = Clock::default();
        let (then, date) = clock.calendar.get();
        assert_eq!(clock.utc(then + Duration::from_secs(5)), date + TimeDelta::seconds(5));
        let text = String::from_utf8(clock.date().to_vec()).expect("ASCII");
        assert!(text.ends_with(" GMT") && httpdate::parse_http_date(&text).is_ok(), "{text}");
    }
}
