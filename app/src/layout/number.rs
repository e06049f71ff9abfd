//! Figures that can be read.

/// `12000` as `12,000`, which both languages write alike.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn groups_of_three() {
        let pairs = [(0, "0"), (999, "999"), (1000, "1,000"), (320_000, "320,000"), (1_234_567, "1,234,567")];
        for (number, text) in pairs {
            assert_eq!(thousands(number), text);
        }
    }
}
