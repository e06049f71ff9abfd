//! Where things are in a chart. It is stretched to its place, so only proportions count.

/// Of the drawing, in its own units.
pub(super) const WIDTH: f64 = 600.0;
pub(super) const HEIGHT: f64 = 120.0;

/// The middle of this of so many points.
fn across(point: usize, count: usize) -> f64 {
    (point as f64 + 0.5) * WIDTH / count.max(1) as f64
}

fn up(value: f64, top: f64) -> f64 {
    HEIGHT - (value / top).clamp(0.0, 1.0) * HEIGHT
}

/// The path through these values. It breaks off where nothing is known, and one known value alone is a dot.
pub(super) fn path(values: &[Option<f64>], top: f64) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for (point, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            is_drawing = false;
            continue;
        };
        let (x, y) = (across(point, values.len()), up(value, top));
        path.push_str(&format!("{}{x:.1} {y:.1}", if is_drawing { "L" } else { "M" }));
        if !is_drawing && values.get(point + 1).copied().flatten().is_none_or(|next| !next.is_finite()) {
            path.push_str("h0.1");
        }
        is_drawing = true;
    }
    path
}

/// Beginning and width of each stretch of points of which nothing is known.
pub(super) fn stretches(unknown: &[bool]) -> Vec<(f64, f64)> {
    let wide = WIDTH / unknown.len().max(1) as f64;
    let mut found: Vec<(f64, f64)> = Vec::new();
    let mut was_unknown = false;
    for (point, is_unknown) in unknown.iter().enumerate() {
        match found.last_mut() {
            Some(last) if *is_unknown && was_unknown => last.1 += wide,
            _ if *is_unknown => found.push((point as f64 * wide, wide)),
            _ => {}
        }
        was_unknown = *is_unknown;
    }
    found
}

/// The least of 1, 2 and 5 times a power of ten that nothing is above.
pub(super) fn top(lines: &[Vec<Option<f64>>], least: f64) -> f64 {
    let values = lines.iter().flatten().flatten().copied().filter(|value| value.is_finite());
    let most = values.fold(least.max(f64::MIN_POSITIVE), f64::max);
    let power = 10f64.powf(most.log10().floor());
    [1.0, 2.0, 5.0].map(|times| times * power).into_iter().find(|top| *top >= most).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_off_where_nothing_is_known() {
        let values = [Some(0.0), Some(10.0), None, Some(5.0), None, Some(f64::NAN)];
        assert_eq!(path(&values, 10.0), "M50.0 120.0L150.0 0.0M350.0 60.0h0.1");
        assert_eq!(path(&[None, None], 1.0), "");
        assert_eq!(path(&[], 1.0), "");
    }

    #[test]
    fn nothing_leaves_the_drawing() {
        assert_eq!(path(&[Some(-5.0), Some(1e300)], 10.0), "M150.0 120.0L450.0 0.0");
    }

    #[test]
    fn what_is_unknown_is_one_stretch() {
        assert_eq!(stretches(&[true, true, false, true]), [(0.0, 300.0), (450.0, 150.0)]);
        assert!(stretches(&[]).is_empty());
    }

    #[test]
    fn scales_end_at_round_figures() {
        let of = |values: &[f64]| top(&[values.iter().copied().map(Some).collect()], 1.0);
        assert_eq!(
            [of(&[]), of(&[0.2]), of(&[1.0]), of(&[1.1]), of(&[4.0, 17.0]), of(&[51.0])],
            [1.0, 1.0, 1.0, 2.0, 20.0, 100.0]
        );
        assert!(top(&[vec![Some(f64::INFINITY), None]], 0.0) > 0.0);
    }
}
