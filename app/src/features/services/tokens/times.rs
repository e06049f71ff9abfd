//! How long tokens last, to choose from. Times from now: a day in a form would be in nobody knows whose zone.

use ui::SelectOption;

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

fn option(seconds: u32, label: String) -> SelectOption {
    SelectOption::new(seconds.to_string(), label)
}

pub(super) fn lifetimes() -> Vec<SelectOption> {
    vec![
        SelectOption::new("", tr!(tokens.never)),
        option(HOUR, tr!(tokens.hour)),
        option(DAY, tr!(tokens.day)),
        option(7 * DAY, tr!(tokens.days, days = 7)),
        option(30 * DAY, tr!(tokens.days, days = 30)),
        option(90 * DAY, tr!(tokens.days, days = 90)),
        option(365 * DAY, tr!(tokens.days, days = 365)),
    ]
}

/// Of a token that is there: its end may stay, or be now.
pub(super) fn ends() -> Vec<SelectOption> {
    let first = [SelectOption::new("keep", tr!(tokens.keep)), option(0, tr!(tokens.at_once))];
    first.into_iter().chain(lifetimes()).collect()
}

/// How long the old one goes on.
pub fn overlaps() -> Vec<SelectOption> {
    vec![
        option(0, tr!(tokens.at_once)),
        option(HOUR, tr!(tokens.hour)),
        option(DAY, tr!(tokens.day)),
        option(7 * DAY, tr!(tokens.days, days = 7)),
    ]
}
