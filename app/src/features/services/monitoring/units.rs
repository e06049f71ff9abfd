//! Figures as people read them.

/// As `0.35`, `7.5` or `1200`.
pub fn rate(value: f64) -> String {
    match value {
        0.0 => "0".into(),
        value if value < 1.0 => format!("{value:.2}"),
        value if value < 100.0 && value.fract() != 0.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

/// Of microseconds.
pub fn time(micros: f64) -> String {
    match micros {
        0.0 => "0".into(),
        micros if micros < 1_000.0 => format!("{micros:.0} µs"),
        micros if micros < 10_000.0 => format!("{:.1} ms", micros / 1e3),
        micros if micros < 1_000_000.0 => format!("{:.0} ms", micros / 1e3),
        micros if micros < 100_000_000.0 => format!("{:.1} s", micros / 1e6),
        micros => format!("{:.0} s", micros / 1e6),
    }
}

pub fn percent(value: f64) -> String {
    format!("{value:.0} %")
}

/// Of bytes.
pub fn memory(bytes: f64) -> String {
    const MIB: f64 = 1_048_576.0;
    match bytes {
        0.0 => "0".into(),
        bytes if bytes < 10.0 * MIB => format!("{:.1} MiB", bytes / MIB),
        bytes if bytes < 10_240.0 * MIB => format!("{:.0} MiB", bytes / MIB),
        bytes => format!("{:.1} GiB", bytes / MIB / 1024.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_as_exact_as_one_can_read() {
        assert_eq!([0.0, 0.346, 7.54, 20.0, 512.4].map(rate), ["0", "0.35", "7.5", "20", "512"]);
        let times = [0.0, 850.0, 2_340.0, 45_600.0, 1_250_000.0, 240e6].map(time);
        assert_eq!(times, ["0", "850 µs", "2.3 ms", "46 ms", "1.2 s", "240 s"]);
        assert_eq!([3e6, 4e8, 3e10].map(memory), ["2.9 MiB", "381 MiB", "27.9 GiB"]);
    }
}
