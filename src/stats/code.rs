//! A figure in 16 bits: logarithmic, so that a byte a second and a terabyte keep the same three digits.
//!
//! Codes rise with the figures they stand for, so least and largest of codes are least and largest of figures.

/// Nothing was read for this series at this moment; the next known code speaks for it.
pub(super) const ABSENT: u16 = 0;
/// It was read, and is not known.
pub(super) const GAP: u16 = 1;
/// Zero, or less than `LEAST`.
const ZERO: u16 = 2;
const FIRST: u16 = 3;

/// The smallest figure told from zero, 2^-10.
const LEAST_EXPONENT: f64 = -10.0;
/// Codes for each doubling: 60 doublings, up to 2^50, each step 0.064 %.
const STEPS: f64 = 1092.0;

/// The code of a figure; one below zero counts as zero, one that is no number as unknown.
pub(super) fn encode(figure: f64) -> u16 {
    if figure.is_nan() {
        return GAP;
    }
    let step = ((figure.max(0.0).log2() - LEAST_EXPONENT) * STEPS).round();
    if step < 0.0 {
        return ZERO;
    }
    // Saturates at the largest code.
    (step as u16).saturating_add(FIRST)
}

/// The figure of a code; `None` for [`ABSENT`] and [`GAP`].
pub(super) fn decode(code: u16) -> Option<f64> {
    match code {
        ABSENT | GAP => None,
        ZERO => Some(0.0),
        code => Some((f64::from(code - FIRST) / STEPS + LEAST_EXPONENT).exp2()),
    }
}

/// Whether the code stands for a figure.
pub(super) fn is_figure(code: u16) -> bool {
    code >= ZERO
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn figures_keep_three_digits(figure in 0.001_f64..1e15) {
            let kept = decode(encode(figure)).unwrap();
            prop_assert!((kept / figure - 1.0).abs() < 0.0004, "{figure} became {kept}");
        }

        #[test]
        fn codes_keep_the_order(left in 0.0_f64..1e15, right in 0.0_f64..1e15) {
            let (less, more) = if left <= right { (left, right) } else { (right, left) };
            prop_assert!(encode(less) <= encode(more));
        }
    }

    #[test]
    fn zero_unknown_and_overflow_have_their_codes() {
        assert_eq!(decode(encode(0.0)), Some(0.0));
        assert_eq!(decode(encode(-3.0)), Some(0.0));
        assert_eq!(encode(f64::NAN), GAP);
        assert_eq!(decode(GAP), None);
        assert!(decode(encode(f64::INFINITY)).unwrap() > 1e15);
    }
}
