//! What changed between two versions of a part, for a person.

use std::fmt::Write as _;
use std::iter::zip;

use similar::{DiffOp, TextDiff};

use super::{readable, text_lines};

/// How many unchanged lines surround a change.
const CONTEXT_LINES: usize = 3;

/// The change from `before` to `after` as a unified diff without file headers; `None` where either is binary.
pub(crate) fn unified_diff(path: &str, before: &[u8], after: &[u8]) -> Option<String> {
    let before = readable(path, before)?;
    let after = readable(path, after)?;
    let (before, after) = (lines(&before), lines(&after));
    // What both begin and end with need not be compared line by line with everything else.
    let (skipped, before, after) = changed(&before, &after);
    let diff = TextDiff::from_slices(before, after);
    let mut unified = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        let _ = writeln!(unified, "{}", header(hunk.ops(), skipped)?);
        for change in hunk.iter_changes() {
            let _ = writeln!(unified, "{}{}", change.tag(), change.value());
        }
    }
    Some(unified)
}

/// The lines without trailing blanks; none of an empty text.
fn lines(text: &str) -> Vec<&str> {
    if text.trim_ascii_end().is_empty() { Vec::new() } else { text_lines(text).collect() }
}

/// The middles that differ, with the lines that surround them, and how many lines are before them.
fn changed<'s, 't>(before: &'s [&'t str], after: &'s [&'t str]) -> (usize, &'s [&'t str], &'s [&'t str]) {
    let alike = |alike: &(&&str, &&str)| alike.0 == alike.1;
    let first = zip(before, after).take_while(alike).count();
    let most = before.len().min(after.len()) - first;
    let last = zip(before.iter().rev(), after.iter().rev()).take(most).take_while(alike).count();
    let (from, less) = (first.saturating_sub(CONTEXT_LINES), last.saturating_sub(CONTEXT_LINES));
    let middle = |lines: &'s [&'t str]| lines.get(from..lines.len() - less).unwrap_or_default();
    (from, middle(before), middle(after))
}

/// Where a hunk stands, as `diff -u` says it.
fn header(ops: &[DiffOp], skipped: usize) -> Option<String> {
    let (first, last) = (ops.first()?, ops.last()?);
    let range = |start: usize, end: usize| match end - start {
        0 => format!("{},0", skipped + start),
        1 => format!("{}", skipped + start + 1),
        length => format!("{},{length}", skipped + start + 1),
    };
    let old = range(first.old_range().start, last.old_range().end);
    Some(format!("@@ -{old} +{} @@", range(first.new_range().start, last.new_range().end)))
}

#[cfg(test)]
mod tests {
    use similar::TextDiff;

    use super::{CONTEXT_LINES, unified_diff};

    type Edit = &'static dyn Fn(&mut Vec<String>);

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
    fn an_empty_part_has_no_lines() {
        assert_eq!(unified_diff("a.py", b"", b"one\n").unwrap(), "@@ -0,0 +1 @@\n+one\n");
        assert_eq!(unified_diff("a.py", b"one\n", b"\n").unwrap(), "@@ -1 +0,0 @@\n-one\n");
    }

    #[test]
    fn binary_has_no_diff() {
        assert_eq!(unified_diff("a.whl", b"\0", b"\0\0"), None);
    }

    #[test]
    fn it_is_what_the_whole_texts_give() {
        let old: Vec<_> = (0..40).map(|line| format!("line {line}\n")).collect();
        let edits: [Edit; 7] = [
            &|lines| lines.insert(0, "first\n".to_owned()),
            &|lines| lines.push("last\n".to_owned()),
            &|lines| lines[20] = "other\n".to_owned(),
            &|lines| drop(lines.drain(3..9)),
            &|lines| {
                lines[2] = "two\n".to_owned();
                lines[35] = "five\n".to_owned();
            },
            &|lines| lines.insert(10, "line 9\n".to_owned()),
            &|lines| lines.clear(),
        ];
        for (number, edit) in edits.into_iter().enumerate() {
            let mut new = old.clone();
            edit(&mut new);
            let (old, new) = (old.concat(), new.concat());
            let whole = TextDiff::from_lines(&old, &new);
            let whole = whole.unified_diff().context_radius(CONTEXT_LINES).to_string();
            assert_eq!(unified_diff("a.py", old.as_bytes(), new.as_bytes()).unwrap(), whole, "edit {number}");
        }
    }
}
