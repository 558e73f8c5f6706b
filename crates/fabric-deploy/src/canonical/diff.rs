//! What changed between two versions of a part, for a person.

use similar::TextDiff;

use super::readable;

/// How many unchanged lines surround a change.
const CONTEXT_LINES: usize = 3;

/// The change from `before` to `after` as a unified diff without file headers; `None` where either is binary.
pub(crate) fn unified_diff(path: &str, before: &[u8], after: &[u8]) -> Option<String> {
    let before = readable(path, before)?;
    let after = readable(path, after)?;
    let diff = TextDiff::from_lines(&before, &after);
    let mut unified = diff.unified_diff();
    Some(unified.context_radius(CONTEXT_LINES).missing_newline_hint(false).to_string())
}

#[cfg(test)]
mod tests {
    use super::unified_diff;

    #[test]
    fn json_is_compared_member_by_member() {
        let diff = unified_diff("a.json", br#"{"a":1,"b":2}"#, br#"{"a":1,"b":3}"#).unwrap();
        assert!(diff.contains("-  \"b\": 2\n+  \"b\": 3\n"), "{diff}");
    }

    #[test]
    fn a_line_is_only_added_where_one_is_added() {
        assert_eq!(unified_diff("a.py", b"one", b"one\ntwo\n").unwrap(), "@@ -1 +1,2 @@\n one\n+two\n");
    }

    #[test]
    fn binary_has_no_diff() {
        assert_eq!(unified_diff("a.whl", b"\0", b"\0\0"), None);
    }
}
