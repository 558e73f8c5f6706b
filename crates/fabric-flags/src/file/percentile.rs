//! Microsoft's sticky percentages: the same user falls into the same place, in every language's library.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use sha2::{Digest, Sha256};

/// A percentage from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub(super) struct Percent(f64);

impl Percent {
    pub(super) const ZERO: Self = Self(0.0);
    pub(super) const HUNDRED: Self = Self(100.0);

    /// How many percent lie between `self` and `to`.
    pub(super) fn width(self, to: Self) -> f64 {
        to.0 - self.0
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(PercentVisitor)
    }
}

/// Checks inside the visitor, so that an error points at the number and not behind it.
struct PercentVisitor;

impl Visitor<'_> for PercentVisitor {
    type Value = Percent;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a percentage from 0 to 100")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Percent, E> {
        if (0.0..=100.0).contains(&number) {
            Ok(Percent(number))
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Percent, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Percent, E> {
        self.visit_f64(number as f64)
    }
}

/// Whether `user` falls between `from` (included) and `to` (excluded, except 100) in the order that `hint` shuffles.
pub(super) fn falls_between(user: &str, hint: &str, from: Percent, to: Percent) -> bool {
    let place = place(user, hint);
    from <= place && (place < to || to == Percent::HUNDRED)
}

/// The rule of Microsoft's libraries: the first four bytes of SHA-256 of user, line feed and hint, little-endian,
/// as a share of the largest 32-bit number.
fn place(user: &str, hint: &str) -> Percent {
    let digest: [u8; 32] = Sha256::digest(format!("{user}\n{hint}")).into();
    let [first, second, third, fourth, ..] = digest;
    let marker = u32::from_le_bytes([first, second, third, fourth]);
    Percent(f64::from(marker) / f64::from(u32::MAX) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::{Percent, falls_between, place};

    #[test]
    fn places_agree_with_those_that_an_independent_calculation_gives() {
        for (user, hint, percent) in [
            ("Aiden", "test-seed", 95.009_844_609_305_69),
            ("Brittney", "allocation\nBackground.Colors", 74.787_851_952_665_45),
            ("Sami", "allocation\nTelemetryVariantPercentile", 49.517_346_743_847_554),
        ] {
            assert!((place(user, hint).0 - percent).abs() < 1e-9, "{user} {hint}: {:?}", place(user, hint));
        }
    }

    #[test]
    fn a_range_includes_its_start_and_excludes_its_end() {
        let here = place("Aiden", "test-seed");
        assert!(falls_between("Aiden", "test-seed", here, Percent(96.0)));
        assert!(!falls_between("Aiden", "test-seed", Percent(95.0), here));
        assert!(!falls_between("Aiden", "test-seed", Percent(95.01), Percent::HUNDRED));
        assert!(falls_between("Aiden", "test-seed", Percent::ZERO, Percent::HUNDRED));
        assert!(!falls_between("Aiden", "test-seed", Percent::ZERO, Percent::ZERO));
    }

    #[test]
    fn only_numbers_from_0_to_100_are_percentages() {
        let parse = |text: &str| serde_json::from_str::<Percent>(text).map_err(|error| error.to_string());
        for good in ["0", "0.5", "100"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for (bad, found) in [
            ("-0.1", "invalid value: floating point `-0.1`"),
            ("-1", "invalid value: floating point `-1.0`"),
            ("100.1", "invalid value: floating point `100.1`"),
            ("101", "invalid value: floating point `101.0`"),
            ("\"5\"", "invalid type: string \"5\""),
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.starts_with(&format!("{found}, expected a percentage from 0 to 100")), "{message}");
        }
    }

    #[test]
    fn the_width_of_a_range_is_its_share() {
        assert!((Percent(5.0).width(Percent(12.5)) - 7.5).abs() < f64::EPSILON);
    }
}
