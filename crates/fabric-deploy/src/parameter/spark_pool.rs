//! Reads an entry that says which Spark pool an environment shall use.

use super::entry::{Action, NewValue};
use super::entry_reader::EntryReader;
use super::filter::Filter;
use super::json_path::JsonPath;
use super::value::SECRET;
use crate::content::Reference;
use crate::document::Node;

/// The part of an environment that names its pool, and where in it.
const PART: &str = "**/Setting/Sparkcompute.yml";
const KEY: &str = "$.instance_pool_id";
/// Whose a pool can be.
const TYPES: [&str; 2] = ["Capacity", "Workspace"];

impl<'d> EntryReader<'_, 'd> {
    /// The conditions: the part that names the pool, of the environments that the entry names, or of all.
    pub(super) fn pool_filter(&self) -> Option<Filter> {
        let names = self.one_or_more("item_name").ok()?;
        Some(Filter {
            item_types: Some(self.conditions(vec![("Environment".to_owned(), self.mark)])),
            item_names: names.map(|names| self.conditions(names)),
            paths: Some(vec![self.condition(self.path_filter(PART, self.mark)?, PART, self.mark)]),
        })
    }

    /// The pool that is looked for, and the one that takes its place.
    pub(super) fn pool(&self) -> Option<Action> {
        let pool = self.mapping.required("instance_pool_id").and_then(|node| self.text(node, "instance_pool_id"));
        let wanted = self.environment_value("replace_value", |node, path| self.reference(node, path, false).is_some());
        let reference = self.reference(wanted?, &self.mapping.path_of("replace_value"), true)?;
        let path = JsonPath::parse(KEY).ok()?;
        Some(Action::SparkPool { path, pool: pool?, value: NewValue::Reference(reference) })
    }

    /// The pool that `node` describes. Variables are replaced in the value for the environment alone.
    fn reference(&self, node: &'d Node, path: &str, is_wanted: bool) -> Option<Reference> {
        let mapping = self.reader.mapping(node, path)?;
        let expand = |text: &str| if is_wanted { self.expand(text, node.mark) } else { Some(text.to_owned()) };
        let pool_type = mapping.required_string("type").filter(|found| {
            let is_known = TYPES.contains(&found.value.as_str());
            if !is_known {
                let message = format!("`{}` is no kind of Spark pool", found.value);
                self.error("parameter-bad-pool", node.mark, message, "Write `Capacity` or `Workspace`.");
            }
            is_known
        });
        let name = mapping.required_string("name").filter(|found| {
            let is_name = !found.value.is_empty() && !found.value.contains(SECRET);
            if !is_name {
                let message = format!("`{path}.name` is not the name of a Spark pool");
                self.error("parameter-bad-pool", node.mark, message, "Write the name that the workspace shows.");
            }
            is_name
        });
        if !is_wanted {
            mapping.finish();
        }
        Some(Reference::SparkPool { pool_type: pool_type?.value, name: expand(&name?.value)? })
    }
}
