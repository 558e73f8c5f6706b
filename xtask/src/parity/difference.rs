//! What two tools left behind differently.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::Context as _;
use serde_json::Value;

/// Everything that a tool left behind, by a name that does not depend on ids.
pub(super) type Snapshot = BTreeMap<String, String>;

/// How one thing differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Another arrangement of the same data.
    Layout,
    /// Other data.
    Content,
    /// Only fabric-cicd left it.
    OnlyFabricCicd,
    /// Only this tool left it.
    OnlyFabricCli,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Layout, "layout"),
    (Kind::Content, "content"),
    (Kind::OnlyFabricCicd, "only fabric-cicd"),
    (Kind::OnlyFabricCli, "only fabric-cli"),
];

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// Its name in the snapshots.
    pub(super) what: String,
    pub(super) kind: Kind,
}

impl Difference {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// It does not end with a kind.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let read = || {
            let (what, kind) = text.rsplit_once(": ")?;
            let (kind, _) = KINDS.into_iter().find(|(_, name)| *name == kind)?;
            Some(Self { what: what.to_owned(), kind })
        };
        let kinds = KINDS.map(|(_, name)| name).join(", ");
        read().with_context(|| format!("`{text}` does not end with `: ` and one of {kinds}"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = KINDS.into_iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        write!(f, "{}: {kind}", self.what)
    }
}

/// Everything that is not the same, byte for byte.
pub(super) fn between(fabric_cicd: &Snapshot, fabric_cli: &Snapshot) -> BTreeSet<Difference> {
    let names: BTreeSet<&String> = fabric_cicd.keys().chain(fabric_cli.keys()).collect();
    let differ = names.into_iter().filter_map(|what| {
        let kind = match (fabric_cicd.get(what), fabric_cli.get(what)) {
            (Some(theirs), Some(ours)) if theirs == ours => return None,
            (Some(theirs), Some(ours)) if same_data(theirs, ours) => Kind::Layout,
            (Some(_), Some(_)) => Kind::Content,
            (Some(_), None) => Kind::OnlyFabricCicd,
            (None, _) => Kind::OnlyFabricCli,
        };
        Some(Difference { what: what.clone(), kind })
    });
    differ.collect()
}

/// Whether both are the same as JSON, or as YAML that is more than one line of text.
fn same_data(left: &str, right: &str) -> bool {
    let read = |text: &str| -> Option<Value> {
        let value: Value = serde_json::from_str(text).ok().or_else(|| serde_saphyr::from_str(text).ok())?;
        (value.is_object() || value.is_array()).then_some(value)
    };
    read(left).is_some_and(|value| Some(value) == read(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(things: &[(&str, &str)]) -> Snapshot {
        things.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn each_kind_of_difference_is_told() {
        let theirs = snapshot(&[("a", "{\"x\":1}"), ("b", "one"), ("c", ""), ("e", "b: 1\na: 2\n"), ("f", "same")]);
        let ours =
            snapshot(&[("a", "{ \"x\": 1 }"), ("b", "two"), ("d", ""), ("e", "a: 2\nb: 1 # one\n"), ("f", "same")]);
        let told: Vec<String> = between(&theirs, &ours).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["a: layout", "b: content", "c: only fabric-cicd", "d: only fabric-cli", "e: layout"]);
        for difference in told {
            assert_eq!(Difference::parse(&difference).unwrap().to_string(), difference);
        }
        assert!(Difference::parse("a: sideways").is_err());
    }
}
