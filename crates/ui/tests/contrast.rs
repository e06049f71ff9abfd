//! WCAG 2.2 AA on the tokens themselves, so that a new shade cannot quietly become unreadable.

use std::{collections::HashMap, fs, path::Path};

type Pair = [f64; 2];

/// Relative luminance of `#rrggbb`.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let v = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("a hex channel")) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// Token name to the luminances of its light and dark values.
fn tokens() -> HashMap<String, Pair> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../style/tokens.css");
    let text = fs::read_to_string(file).expect("style/tokens.css");
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(#")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
            Some((name.to_owned(), [luminance(&format!("#{light}")), luminance(dark)]))
        })
        .collect()
}

fn ratio(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_controls_have_enough_contrast_in_both_schemes() {
    let tokens = tokens();
    let grounds = ["surface", "raised", "sunken", "hover"];
    let mut wanted: Vec<(&str, &str, f64)> = Vec::new();
    for text in ["ink", "ink-muted", "brand", "good", "warn", "bad", "info"] {
        wanted.extend(grounds.map(|ground| (text, ground, 4.5)));
    }
    for tone in ["brand-soft", "good-soft", "warn-soft", "bad-soft", "info-soft"] {
        wanted.extend([("ink", tone, 4.5), ("brand", tone, 4.5)]);
    }
    wanted.extend([
        ("brand", "brand-soft", 4.5),
        ("good", "good-soft", 4.5),
        ("warn", "warn-soft", 4.5),
        ("bad", "bad-soft", 4.5),
        ("info", "info-soft", 4.5),
        ("brand-ink", "brand", 4.5),
        ("brand-ink", "brand-hover", 4.5),
        ("bad-ink", "bad-fill", 4.5),
        ("bad-ink", "bad-fill-hover", 4.5),
        ("line-control", "surface", 3.0),
        ("line-control", "raised", 3.0),
        ("line-control", "sunken", 3.0),
        ("focus", "surface", 3.0),
        ("focus", "sunken", 3.0),
    ]);
    let mut failures = Vec::new();
    for (front, back, least) in wanted {
        for (scheme, index) in [("light", 0), ("dark", 1)] {
            let found = ratio(tokens[front][index], tokens[back][index]);
            if found < least {
                failures.push(format!("{scheme}: {front} on {back} is {found:.2}, needs {least}"));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
