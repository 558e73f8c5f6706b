//! Finds GUIDs in text.

use std::ops::Range;

use uuid::Uuid;

/// The length of a GUID in its usual form.
const LENGTH: usize = 36;
/// Where its first dash stands.
const FIRST_DASH: usize = 8;

/// Every place in `text` that has the form of a GUID, upper or lower case, in order and without overlaps. One pass
/// over the dashes of the text, however many ids are looked for.
pub(super) fn find(text: &str) -> impl Iterator<Item = (Range<usize>, Uuid)> {
    let bytes = text.as_bytes();
    let mut end_of_last = 0;
    memchr::memchr_iter(b'-', bytes).filter_map(move |dash| {
        let start = dash.checked_sub(FIRST_DASH).filter(|start| *start >= end_of_last)?;
        let candidate = bytes.get(start..start + LENGTH)?;
        if [13, 18, 23].iter().any(|at| candidate.get(*at) != Some(&b'-')) {
            return None;
        }
        let id = Uuid::try_parse_ascii(candidate).ok()?;
        end_of_last = start + LENGTH;
        Some((start..end_of_last, id))
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn guids_are_found_wherever_they_stand() {
        let id = "5b218778-e7a5-4d73-8187-f10824047715";
        let upper = id.to_uppercase();
        let cases = [
            (id.to_owned(), vec![0]),
            (format!("{{{id}}} -- {upper}"), vec![1, 42]),
            (format!("abc{id}def"), vec![3]),
            (format!("{id}{id}"), vec![0, 36]),
            (format!("-{}", id.get(1..).unwrap()), vec![]),
            (id.get(..35).unwrap().to_owned(), vec![]),
            ("5b218778-e7a5-4d73-8187-f1082404771g".to_owned(), vec![]),
            ("é-é-é".to_owned(), vec![]),
        ];
        for (text, expected) in cases {
            let starts: Vec<_> = find(&text).map(|(range, _)| range.start).collect();
            assert_eq!(starts, expected, "{text}");
        }
    }
}
