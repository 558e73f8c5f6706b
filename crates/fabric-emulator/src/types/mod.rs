//! Item types: what the service does differently for each of them, as one table.

pub(crate) mod default_parts;
pub(crate) mod normalise;
mod table;

pub(crate) use table::TYPES;

/// How the service answers a request that may take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// At once, with the result.
    Immediate,
    /// With 202 and an operation.
    LongRunning,
}

/// Whether an item has a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition {
    /// The type has none.
    None,
    /// It may be given at creation.
    Optional,
    /// It must be given at creation.
    Required,
}

/// One item type.
#[derive(Debug)]
pub(crate) struct ItemType {
    pub(crate) name: &'static str,
    /// The segment of its typed collection.
    pub(crate) collection: &'static str,
    /// One of the collection; with `Id` behind it the name of the path parameter.
    pub(crate) singular: &'static str,
    /// Whether the API creates, reads, updates and deletes single items; otherwise it only lists them.
    pub(crate) managed: bool,
    pub(crate) definition: Definition,
    pub(crate) creation_payload: bool,
    /// The answer to a creation without a definition.
    pub(crate) create: Answer,
    pub(crate) create_with_definition: Answer,
    pub(crate) create_with_payload: Answer,
    pub(crate) get_definition: Answer,
    pub(crate) update_definition: Answer,
    /// Whether display names are unique in a workspace.
    pub(crate) unique_names: bool,
    /// Whether the display name may change.
    pub(crate) renamable: bool,
    /// Whether the item needs an active capacity.
    pub(crate) needs_capacity: bool,
    pub(crate) service_principals: bool,
    /// Formats a caller may name; empty: any.
    pub(crate) formats: &'static [&'static str],
    /// The format that answers name.
    pub(crate) shown_format: Option<&'static str>,
    /// Beginnings of part paths, of which a definition must have one.
    pub(crate) required_part: &'static [&'static str],
    /// The type of the child that appears with each item.
    pub(crate) child: Option<&'static str>,
}

impl ItemType {
    pub(crate) fn has_definition(&self) -> bool {
        self.definition != Definition::None
    }

    /// Whether the item belongs to Power BI, whose creations carry no `ETag`.
    pub(crate) fn is_power_bi(&self) -> bool {
        !self.needs_capacity
    }

    /// The sync or async answer to a creation.
    pub(crate) fn creation_answer(&self, with_definition: bool, with_payload: bool) -> Answer {
        match (with_definition, with_payload) {
            (true, _) => self.create_with_definition,
            (false, true) => self.create_with_payload,
            (false, false) => self.create,
        }
    }
}

/// The type of the given name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static ItemType> {
    TYPES.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_collections_are_unique() {
        let names: BTreeSet<String> = TYPES.iter().map(|known| known.name.to_lowercase()).collect();
        let collections: BTreeSet<String> = TYPES.iter().map(|known| known.collection.to_lowercase()).collect();
        assert_eq!((names.len(), collections.len()), (TYPES.len(), TYPES.len()));
        assert_eq!(TYPES.len(), 51);
    }

    #[test]
    fn a_child_is_a_type_too() {
        for known in TYPES {
            assert!(known.child.is_none_or(|child| find(child).is_some()), "{}", known.name);
        }
    }
}
