//! What the deployment knows of item types, as one table. A type that is not listed is deployed by the generic rules: with
//! its definition as it is, by the generic API.

mod table;

pub use table::TYPES;

/// What of an item is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    /// Its definition; where a directory holds nothing but a `.platform`, its name and description.
    Definition,
    /// Its name and description: the service takes no definition for it, or taking it would replace what the item holds.
    Shell,
    /// Nothing: it comes and goes with another item.
    Nothing,
}

/// Which format of a definition is named to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// None: the service's own.
    Unnamed,
    /// Always this one.
    Always(&'static str),
    /// This one, where a file has this ending.
    WithFile {
        /// The format.
        format: &'static str,
        /// The ending.
        ending: &'static str,
    },
}

/// One item type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemType {
    /// Its name, as Fabric spells it.
    pub name: &'static str,
    /// What of it is deployed.
    pub deployed: Deployed,
    /// The format of its definition.
    pub format: Format,
    /// Parts without which the service refuses a definition, as the published definition articles mark them. Of each
    /// group one is enough. A pattern is a path, a path that ends in `*`, or a `*` followed by an ending.
    pub required: &'static [&'static [&'static str]],
    /// Whether a directory with nothing but a `.platform` is a whole item although there are required parts: the service
    /// creates such items empty, and exports them so.
    pub may_be_empty: bool,
    /// A directory of local state, which is not part of the item.
    pub excluded: Option<&'static str>,
    /// Whether deleting an item deletes data that no definition can bring back.
    pub holds_data: bool,
    /// Whether the service lets two items have one name.
    pub equal_names: bool,
    /// Whether ids of other items in its files are left as they are, to be changed by parameters only.
    pub keeps_ids: bool,
    /// Whether its items are written one after the other: the service fails when several are imported at once.
    pub one_at_a_time: bool,
    /// Whether the service refuses it in a bulk import, although it has a definition.
    pub not_in_bulk: bool,
    /// What else is done for it, in a sentence.
    pub special: &'static str,
}

/// What is known of a type; `None` for one that is not listed.
pub fn find(item_type: &str) -> Option<&'static ItemType> {
    TYPES.iter().find(|known| known.name == item_type)
}

/// The position of a type in the order in which independent items start when not everything can start at once: what
/// others refer to first. Not a dependency: dependencies come from the references in definitions. Unlisted types come
/// last.
pub fn rank(item_type: &str) -> usize {
    TYPES.iter().position(|known| known.name == item_type).unwrap_or(TYPES.len())
}

/// Whether deleting an item of this type deletes data that no definition can bring back.
pub fn holds_data(item_type: &str) -> bool {
    find(item_type).is_some_and(|known| known.holds_data)
}

/// Whether items of this type come and go with another item and are never deployed or deleted by themselves.
pub(crate) fn is_child_only(item_type: &str) -> bool {
    find(item_type).is_some_and(|known| known.deployed == Deployed::Nothing)
}

/// Whether the service lets two items of this type have one name.
pub(crate) fn allows_equal_names(item_type: &str) -> bool {
    find(item_type).is_some_and(|known| known.equal_names)
}

/// Whether items of this type can go in a bulk import. Of a type that is not listed nobody knows.
pub fn takes_bulk(item_type: &str) -> bool {
    find(item_type)
        .is_some_and(|known| known.deployed == Deployed::Definition && !known.one_at_a_time && !known.not_in_bulk)
}

/// Whether items of this type are written one after the other.
pub(crate) fn is_one_at_a_time(item_type: &str) -> bool {
    find(item_type).is_some_and(|known| known.one_at_a_time)
}
