//! Finds GUIDs in text, and puts other text in their place.

use std::borrow::Cow;
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

/// `text` with each GUID replaced by what `stand_in` says of it; borrowed where it says nothing of any. One pass: each
/// GUID of the text is asked about once, and nothing else is.
pub(super) fn replace<'t>(
    text: Cow<'t, str>,
    mut stand_in: impl FnMut(&str, &Range<usize>, Uuid) -> Option<String>,
) -> Cow<'t, str> {
    let mut replaced = String::new();
    let mut end = 0;
    for (range, id) in find(&text) {
        let Some(new) = stand_in(&text, &range, id) else { continue };
        replaced.push_str(text.get(end..range.start).unwrap_or_default());
        replaced.push_str(&new);
        end = range.end;
    }
    if end == 0 {
        return text;
    }
    replaced.push_str(text.get(end..).unwrap_or_default());
    Cow::Owned(replaced)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::HashMap;

    use uuid::Uuid;

    use super::{find, replace};

    /// However many items there are, a text costs one look-up for each GUID that stands in it.
    #[test]
    fn the_number_of_items_does_not_change_how_often_a_text_is_looked_at() {
        let id = |number: u128| Uuid::from_u128((0x5eed << 100) | (0x4000_8000 << 60) | number);
        let text: String = (0..300).map(|number| format!("line {number}: {}\n", id(number * 7))).collect();
        for items in [0, 1, 100, 2_000] {
            let known: HashMap<Uuid, String> = (0..items).map(|number| (id(number), format!("<{number}>"))).collect();
            let mut looked_up = 0;
            let replaced = replace(Cow::Borrowed(&text), |_, _, id| {
                looked_up += 1;
                known.get(&id).cloned()
            });
            assert_eq!(looked_up, 300, "{items} items");
            let expected: String = (0..300_u128)
                .map(|number| (number, number * 7))
                .map(|(line, number)| {
                    (line, if number < items { format!("<{number}>") } else { id(number).to_string() })
                })
                .map(|(line, shown)| format!("line {line}: {shown}\n"))
                .collect();
            assert_eq!(replaced, expected, "{items} items");
            assert_eq!(matches!(replaced, Cow::Borrowed(_)), items == 0, "what is not changed is not copied");
        }
    }

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
