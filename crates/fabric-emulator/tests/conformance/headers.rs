//! The headers that carry the protocol, reduced to what must be equal.

use crate::comparison::{Difference, Kind};

/// What of a header's value must be equal.
type Class = fn(&str) -> String;

/// Compares the selected headers of two answers.
pub(crate) fn differences(recorded: &[(String, String)], emulated: &[(String, String)]) -> Vec<Difference> {
    let selected: [(&str, Class); 7] = [
        ("content-type", str::to_owned),
        ("location", target),
        ("retry-after", present),
        ("x-ms-operation-id", present),
        ("x-ms-public-api-error-code", str::to_owned),
        ("etag", str::to_owned),
        ("requestid", present),
    ];
    selected
        .into_iter()
        .filter_map(|(name, class)| {
            let left = value(recorded, name).map_or_else(|| "none".to_owned(), class);
            let right = value(emulated, name).map_or_else(|| "none".to_owned(), class);
            (left != right).then(|| Difference::with(Kind::Header, name, &left, &right))
        })
        .collect()
}

pub(crate) fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
}

fn present(_: &str) -> String {
    "present".to_owned()
}

/// A `Location` without its host and ids: what it leads to.
fn target(location: &str) -> String {
    let path =
        location.split_once("://").and_then(|(_, rest)| rest.find('/').map(|slash| &rest[slash..])).unwrap_or(location);
    path.split('/').map(|segment| if is_guid(segment) { "{id}" } else { segment }).collect::<Vec<_>>().join("/")
}

pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_location_is_compared_by_what_it_leads_to() {
        let recorded =
            list(&[("location", "https://wabi.example.net/v1/operations/5e69ee26-ad72-4b30-bff6-c8b82dacbc65")]);
        let same = list(&[("location", "http://127.0.0.1:9/v1/operations/00000000-0000-0000-0000-000000000001")]);
        assert!(differences(&recorded, &same).is_empty());
        let result =
            list(&[("location", "http://127.0.0.1:9/v1/operations/00000000-0000-0000-0000-000000000001/result")]);
        assert_eq!(
            differences(&recorded, &result)[0].to_string(),
            "header location: recorded /v1/operations/{id}, emulated /v1/operations/{id}/result"
        );
    }

    #[test]
    fn some_headers_count_by_presence_and_some_by_value() {
        let recorded = list(&[("retry-after", "20"), ("etag", "\"\"")]);
        assert!(differences(&recorded, &list(&[("retry-after", "1"), ("etag", "\"\"")])).is_empty());
        assert_eq!(differences(&recorded, &list(&[("retry-after", "1"), ("etag", "\"7\"")])).len(), 1);
        assert_eq!(differences(&recorded, &[]).len(), 2);
    }
}
