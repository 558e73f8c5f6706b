//! Items of one import that need each other: by the logical ids that their definitions mention.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

/// The length of a GUID in its usual form, and where its first dash stands.
const LENGTH: usize = 36;
const FIRST_DASH: usize = 8;

/// Whether the items can be made one after the other, each after those whose logical ids its definition mentions. An item
/// that mentions itself needs nobody else. `items` are logical ids, each with the contents of the item's parts.
pub(super) fn can_be_ordered<'c>(items: impl Iterator<Item = (Uuid, Vec<&'c [u8]>)>) -> bool {
    let items: Vec<_> = items.collect();
    let places: HashMap<Uuid, usize> = items.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
    let mut needs: Vec<BTreeSet<usize>> = items
        .iter()
        .enumerate()
        .map(|(place, (_, parts))| {
            let mentioned = parts.iter().flat_map(|part| guids(part)).filter_map(|id| places.get(&id).copied());
            mentioned.filter(|needed| *needed != place).collect()
        })
        .collect();
    let mut open: BTreeSet<usize> = (0..needs.len()).collect();
    loop {
        let ready: Vec<usize> =
            open.iter().copied().filter(|place| needs.get(*place).is_some_and(BTreeSet::is_empty)).collect();
        if ready.is_empty() {
            return open.is_empty();
        }
        for place in &ready {
            open.remove(place);
        }
        for needed in &mut needs {
            needed.retain(|place| open.contains(place));
        }
    }
}

/// Every GUID that stands in `content`.
fn guids(content: &[u8]) -> impl Iterator<Item = Uuid> {
    let dashes = content.iter().enumerate().filter(|(_, byte)| **byte == b'-').map(|(at, _)| at);
    dashes.filter_map(|dash| {
        let start = dash.checked_sub(FIRST_DASH)?;
        let candidate = content.get(start..start + LENGTH)?;
        [13, 18, 23].iter().all(|at| candidate.get(*at) == Some(&b'-')).then_some(())?;
        Uuid::try_parse_ascii(candidate).ok()
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::can_be_ordered;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128((0x1000_0000_0000_4000_8000 << 48) | number)
    }

    #[test]
    fn rings_cannot_be_ordered_and_chains_can() {
        // The item of each place, counted from 1, and which ones it mentions.
        for (items, expected) in [
            (vec![], true),
            (vec![vec![2], vec![3], vec![]], true),
            (vec![vec![1, 9]], true),
            (vec![vec![2], vec![1]], false),
            (vec![vec![2], vec![3], vec![1], vec![]], false),
            (vec![vec![2, 3], vec![3], vec![4, 9], vec![]], true),
        ] {
            let texts: Vec<String> = items
                .iter()
                .map(|needs: &Vec<u128>| needs.iter().map(|need| format!("- \"{}\" -", id(*need))).collect::<String>())
                .collect();
            let items = (1..).zip(&texts).map(|(own, text)| (id(own), vec![text.as_bytes()]));
            assert_eq!(can_be_ordered(items), expected, "{texts:?}");
        }
    }
}
