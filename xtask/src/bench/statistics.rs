//! Quantiles of a few values.

/// The value below which a part of the values lies, from 0 to 1, interpolated between neighbours. `None` without values.
pub(super) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = part.clamp(0.0, 1.0) * last as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    Some(below + (above - below) * place.fract())
}

/// The quantile at one half.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The middle half of the values: from the quantile at a quarter to that at three quarters.
pub(super) fn middle_half(values: &[f64]) -> Option<(f64, f64)> {
    Some((quantile(values, 0.25)?, quantile(values, 0.75)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        for (values, part, expected) in [
            (&[][..], 0.5, None),
            (&[7.0], 0.99, Some(7.0)),
            (&[3.0, 1.0, 2.0], 0.5, Some(2.0)),
            (&[1.0, 2.0, 3.0, 4.0], 0.5, Some(2.5)),
            (&[10.0, 20.0], 0.75, Some(17.5)),
            (&[1.0, 2.0], 2.0, Some(2.0)),
        ] {
            assert_eq!(quantile(values, part), expected, "{values:?} {part}");
        }
        assert_eq!(middle_half(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some((2.0, 4.0)));
    }
}
