//! The known name that a mistaken one most likely meant.

use crate::Feature;

/// The feature whose variable is closest to `name`, if at most a third of its letters differ.
///
/// A third still finds `FEATURE_ENABLE_CIRCUIT_BREAKER`, a name that older documents used.
pub(crate) fn nearest(name: &str) -> Option<Feature> {
    let name = name.trim().to_ascii_uppercase();
    Feature::ALL
        .into_iter()
        .map(|feature| (distance(&name, feature.variable()), feature))
        .filter(|(distance, feature)| distance * 3 <= feature.variable().len())
        .min()
        .map(|(_, feature)| feature)
}

/// Levenshtein's edit distance, in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = above;
        let mut beside = above + 1;
        for (column, &other) in right.iter().enumerate() {
            let over = row[column + 1];
            let replaced = diagonal + usize::from(letter != other);
            row[column] = beside;
            beside = replaced.min(beside + 1).min(over + 1);
            diagonal = over;
        }
        row[right.len()] = beside;
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};
    use crate::Feature;

    #[test]
    fn distance_counts_single_letter_edits() {
        for (left, right, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("ab", "ba", 2),
            ("gumbo", "gambol", 2),
        ] {
            assert_eq!(distance(left, right), edits, "{left} → {right}");
        }
    }

    #[test]
    fn a_third_of_the_letters_may_differ_and_no_more() {
        assert_eq!(nearest("FEATURE_ENABLE_CIRCUIT_BREAKER"), Some(Feature::CircuitBreaker));
        assert_eq!(nearest("feature_use_rolback"), Some(Feature::Rollback));
        assert_eq!(nearest("FEATURE_USE_KEYVAULT"), Some(Feature::KeyVault));
        // 20 letters in FEATURE_USE_ROLLBACK: 6 may differ, 7 may not.
        assert_eq!(nearest("FEATURE_USE_ROLLBACK123456"), Some(Feature::Rollback));
        assert_eq!(nearest("FEATURE_USE_ROLLBACK1234567"), None);
        // 21 letters in FEATURE_USE_KEY_VAULT: exactly 7.
        assert_eq!(nearest("FEATURE_USE_KEY_VAULT1234567"), Some(Feature::KeyVault));
        assert_eq!(nearest("FEATURE_COLLECT_METRICS"), None);
        assert_eq!(nearest(""), None);
    }
}
