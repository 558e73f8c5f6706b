//! A conforming name that is as near as possible to one that does not conform.

use super::standards::Standards;
use super::validation::deviations;
use crate::desired::ItemKey;

/// A name that conforms, or none: nothing is suggested that would be refused in turn.
///
/// The words of the name keep the capitals they have inside, so that `SalesData` becomes `BRONZE_SalesData_Lakehouse`.
/// The ending is that of the type's first example; the beginning is a prefix the type recommends, or a number.
pub(super) fn suggest(standards: &Standards, environment: &str, key: &ItemKey) -> Option<String> {
    let rule = standards.types.get(&key.item_type)?;
    let (_, ending) = rule.examples.first()?.rsplit_once('_')?;
    let name = match &standards.suffixes {
        Some(_) => key.name.rsplit_once("--").map_or(key.name.as_str(), |(before, _)| before),
        None => &key.name,
    };
    let mut words: Vec<&str> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut number = "01".to_owned();
    let mut prefixes = rule.prefixes.clone();
    if let Some(first) = words.first().copied() {
        if let Some(known) = prefixes.iter().position(|prefix| prefix.eq_ignore_ascii_case(first)) {
            prefixes.swap(0, known);
            words.remove(0);
        } else if let Ok(given) = first.parse::<u8>() {
            number = format!("{given:02}");
            words.remove(0);
        }
    }
    if let Some(last) = words.pop()
        && let Some(rest) = without_ending(last, ending)
    {
        words.push(rest);
    }
    let middle: String = words.into_iter().map(capitalised).collect();
    let suffix = match &standards.suffixes {
        Some(_) => format!("--{}", environment.to_uppercase()),
        None => String::new(),
    };
    let beginnings = std::iter::once(String::new())
        .chain(prefixes.iter().map(|prefix| format!("{prefix}_")))
        .chain([format!("{number}_")]);
    beginnings.map(|beginning| format!("{beginning}{middle}_{ending}{suffix}")).find(|candidate| {
        let candidate = ItemKey::new(key.item_type.as_str(), candidate.as_str());
        candidate.name != key.name && deviations(standards, environment, &candidate).is_empty()
    })
}

/// `word` without `ending`; none where nothing is left.
fn without_ending<'a>(word: &'a str, ending: &str) -> Option<&'a str> {
    let split = word.len().saturating_sub(ending.len());
    match word.split_at_checked(split) {
        Some((rest, tail)) if tail.eq_ignore_ascii_case(ending) => (!rest.is_empty()).then_some(rest),
        _ => Some(word),
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
