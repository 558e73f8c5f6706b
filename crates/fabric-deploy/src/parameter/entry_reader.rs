//! Reads one entry of a parameter file for one environment.

use regex::RegexBuilder;

use super::entry::{Action, Entry, Find, NewValue, Tree};
use super::filter::{Condition, Filter, PathFilter};
use super::json_path::JsonPath;
use super::paths;
use super::read::ParameterRequest;
use super::value::{self, Replacement, SECRET, Written};
use crate::content::Reference;
use crate::diagnostic::Diagnostic;
use crate::document::{self, MappingReader, Mark, Node, Reader, Value};
use crate::python_regex::PythonRegex;
use crate::secret::{Encoding, SecretReference};

/// The list that an entry stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    FindReplace,
    KeyValueReplace,
    SparkPool,
}

/// What becomes of what is found where the replacement is empty.
const EMPTY_TEXT: &str = "what is found is taken away";

/// One mapping of the parameter file, to be read as an entry.
pub(super) struct EntryReader<'r, 'd> {
    pub(super) request: &'r ParameterRequest<'r>,
    pub(super) reader: &'r Reader<'d>,
    pub(super) mapping: MappingReader<'r, 'd>,
    pub(super) mark: Mark,
}

impl<'d> EntryReader<'_, 'd> {
    /// The entry, if it has a value for the environment and nothing is wrong with it.
    pub(super) fn read(self, kind: Kind) -> Option<Entry> {
        let filter = if kind == Kind::SparkPool { self.pool_filter() } else { self.filter() };
        let action = match kind {
            Kind::FindReplace => {
                let find = self.find();
                let replacement = self.replacement();
                find.zip(replacement).map(|(find, replacement)| Action::FindReplace { find, replacement })
            }
            Kind::KeyValueReplace => {
                let path = self.json_path();
                let value = self.new_value();
                path.zip(value).map(|(path, value)| Action::KeyValueReplace { path, value })
            }
            Kind::SparkPool => self.pool(),
        };
        self.mapping.finish();
        let place = self.reader.place(self.mark);
        Some(Entry { place, filter: filter?, action: action? })
    }

    pub(super) fn error(&self, code: &'static str, mark: Mark, message: String, remedy: &str) {
        self.reader.report(Diagnostic::error(code, message).at(self.reader.place(mark)).remedy(remedy));
    }

    /// Text with `$ENV:NAME` replaced; reported where a variable is not set.
    pub(super) fn text(&self, node: &Node, key: &str) -> Option<String> {
        let text = self.reader.text(node, &self.mapping.path_of(key))?.value;
        self.expand(&text, node.mark)
    }

    pub(super) fn expand(&self, text: &str, mark: Mark) -> Option<String> {
        let mut complete = true;
        let mut expanded = String::new();
        let mut parts = text.split("$ENV:");
        expanded.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end =
                part.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            match (self.request.lookup_env)(name) {
                Some(value) => expanded.push_str(&value),
                None => {
                    complete = false;
                    self.error(
                        "unset-variable",
                        mark,
                        format!("the environment variable `{name}` is not set"),
                        "Set the variable before deploying.",
                    );
                }
            }
            expanded.push_str(rest);
        }
        complete.then_some(expanded)
    }

    fn find(&self) -> Option<Find> {
        let (is_regex, any_case) = (self.flag("is_regex"), self.flag("ignore_case"));
        let node = self.mapping.required("find_value")?;
        let text = self.text(node, "find_value")?;
        let (is_regex, any_case) = (is_regex?, any_case?);
        if text.is_empty() {
            self.error("parameter-empty-find", node.mark, "`find_value` is empty".to_owned(), "Write what to find.");
            return None;
        }
        if text.starts_with("$items.") || (is_regex && text.starts_with("$workspace.")) {
            let message = format!("`{text}` cannot be looked for");
            let remedy = "Write the value that the files contain, or `$workspace.` without `is_regex`.";
            self.error("parameter-not-supported", node.mark, message, remedy);
            return None;
        }
        let text = if text.starts_with("$workspace.") {
            match self.variable(&text, node.mark)? {
                Replacement::Reference(reference) => match self.request.looked_up.and_then(|all| all.get(&reference)) {
                    Some(value) => value.clone(),
                    None => return Some(Find::Unknown(reference)),
                },
                Replacement::Text(name) => name,
                Replacement::Mixed(_) => return None,
            }
        } else {
            text
        };
        if !is_regex && !any_case {
            return Some(Find::Literal(text));
        }
        let bad_regex = |reason: &str| {
            let message = format!("`{text}` is not a regular expression: {reason}");
            self.error("parameter-bad-regex", node.mark, message, "Correct the expression.");
        };
        if is_regex {
            let regex = PythonRegex::new(&text, any_case).map_err(|reason| bad_regex(&reason)).ok()?;
            return self.one_group(regex, node.mark).map(Find::Group);
        }
        let regex = RegexBuilder::new(&regex::escape(&text)).case_insensitive(true).build();
        regex.map(Find::AnyCase).map_err(|error| bad_regex(&error.to_string())).ok()
    }

    /// A truth value, false where it is absent; `None` where it is something else.
    fn flag(&self, key: &'static str) -> Option<bool> {
        match self.mapping.optional(key) {
            None => Some(false),
            Some(_) => self.mapping.optional_bool(key).map(|flag| flag.value),
        }
    }

    fn one_group(&self, regex: PythonRegex, mark: Mark) -> Option<PythonRegex> {
        let groups = regex.groups();
        if groups == 1 {
            return Some(regex);
        }
        self.error(
            "parameter-regex-groups",
            mark,
            format!("the expression has {groups} capturing groups; it must have exactly one"),
            "Put the value to replace into ( ), and write other groups as (?: ).",
        );
        None
    }

    fn json_path(&self) -> Option<JsonPath> {
        let node = self.mapping.required("find_key")?;
        let text = self.text(node, "find_key")?;
        match JsonPath::parse(&text) {
            Ok(path) => Some(path),
            Err(reason) => {
                self.error(
                    "parameter-bad-json-path",
                    node.mark,
                    format!("`{text}` is not a JSONPath that is understood: {reason}"),
                    "Use $.name, ['name'], ['a', 'b'], [0], [1:3], [*], ..name and [?(@.name == \"x\")].",
                );
                None
            }
        }
    }

    /// The value of `key` for the environment. Values of all environments must pass `is_valid`.
    pub(super) fn environment_value(
        &self,
        key: &'static str,
        is_valid: impl Fn(&'d Node, &str) -> bool,
    ) -> Option<&'d Node> {
        let node = self.mapping.required(key)?;
        let path = self.mapping.path_of(key);
        let values = self.reader.mapping(node, &path)?.entries();
        let mut complete = true;
        for value in values.iter().filter(|value| !value.node.is_null()) {
            complete &= is_valid(&value.node, &format!("{path}.{}", value.key.name));
        }
        if let Some(all) = values.iter().find(|value| value.key.name.eq_ignore_ascii_case("_all_")) {
            if values.len() > 1 {
                self.error(
                    "parameter-all-with-others",
                    all.key.mark,
                    format!("`{}` stands beside other environments", all.key.name),
                    "Keep either it or the environments.",
                );
                return None;
            }
            return self.unless_null(all, &path).filter(|_| complete);
        }
        let environment = self.request.environment;
        match values.iter().find(|value| value.key.name == environment) {
            Some(value) => self.unless_null(value, &path).filter(|_| complete),
            None => {
                self.no_value(node.mark, &path);
                None
            }
        }
    }

    /// The value; nothing, which is told, where a key has none.
    fn unless_null(&self, value: &'d document::Entry, path: &str) -> Option<&'d Node> {
        if value.node.is_null() {
            self.no_value(value.key.mark, path);
            return None;
        }
        Some(&value.node)
    }

    fn no_value(&self, mark: Mark, path: &str) {
        let environment = self.request.environment;
        let message = format!("`{path}` has no value for the environment `{environment}`; the entry is skipped");
        self.reader.report(
            Diagnostic::warning("parameter-environment-missing", message)
                .at(self.reader.place(mark))
                .remedy(format!("Add a value for `{environment}`, or write _ALL_.")),
        );
    }

    fn warn_of_empty(&self, mark: Mark, what: &str, effect: &str) {
        self.reader.report(
            Diagnostic::warning("parameter-empty-value", format!("{what} is empty: {effect}"))
                .at(self.reader.place(mark))
                .remedy("Write the new value, or remove the entry if nothing is to be replaced."),
        );
    }

    fn replacement(&self) -> Option<Replacement> {
        let node = self.environment_value("replace_value", |node, path| {
            let text = self.reader.text(node, path);
            if text.as_ref().is_some_and(|text| text.value.is_empty()) {
                self.warn_of_empty(node.mark, &format!("`{path}`"), EMPTY_TEXT);
            }
            text.is_some()
        })?;
        let replacement = self.dynamic(node)?;
        if replacement == Replacement::Text(String::new()) && node.as_text() != Some("") {
            self.warn_of_empty(node.mark, "the value of the environment variable", EMPTY_TEXT);
        }
        Some(replacement)
    }

    /// A string that may be a variable. What an environment variable holds is never read as one.
    fn dynamic(&self, node: &Node) -> Option<Replacement> {
        let written = node.as_text()?;
        if written.contains(SECRET) {
            return self.mixed(written, node.mark, Encoding::Plain);
        }
        let text = self.expand(written, node.mark)?;
        if written.starts_with("$ENV:") {
            return Some(Replacement::Text(text));
        }
        self.variable(&text, node.mark)
    }

    /// Text that may be a variable.
    fn variable(&self, text: &str, mark: Mark) -> Option<Replacement> {
        value::read(text).map_err(|error| self.error(error.code, mark, error.message, &error.remedy)).ok()
    }

    /// Text with secrets in it. Neither they nor environment variables are read as anything else.
    fn mixed(&self, written: &str, mark: Mark, encoding: Encoding) -> Option<Replacement> {
        let runs =
            value::runs(written).filter(|_| !["$items.", "$workspace."].iter().any(|id| written.starts_with(id)));
        let Some(runs) = runs else {
            self.error(
                "parameter-bad-variable",
                mark,
                "this is not text with `${secret:name}` in it".to_owned(),
                "Close the name with }, and write ids in entries of their own; `$${secret:` stands for itself.",
            );
            return None;
        };
        let replacements = runs.into_iter().map(|run| match run {
            Written::Text(text) => self.expand(text, mark).map(Replacement::Text),
            Written::Secret(name) => {
                let secret = SecretReference { name: name.to_owned(), encoding, place: self.reader.place(mark) };
                Some(Replacement::Reference(Reference::Secret(secret)))
            }
        });
        replacements.collect::<Option<_>>().map(Replacement::Mixed)
    }

    fn new_value(&self) -> Option<NewValue> {
        let node = self.environment_value("replace_value", |node, path| {
            if node.as_text() == Some("") {
                self.warn_of_empty(node.mark, &format!("`{path}`"), "empty text takes the place of the value");
            }
            true
        })?;
        self.same_kinds();
        if has_secrets(node) {
            return self.tree(node).map(NewValue::Tree);
        }
        if node.as_text().is_some() {
            return Some(match self.dynamic(node)? {
                Replacement::Text(text) => NewValue::Json(text.into()),
                Replacement::Reference(reference) => NewValue::Reference(reference),
                mixed @ Replacement::Mixed(_) => NewValue::Tree(Tree::Text(mixed)),
            });
        }
        self.expand_all(node).map(NewValue::Json)
    }

    /// Reports values that are of another kind than the first one: in one environment or the other, the file would
    /// then hold something that its readers do not expect.
    fn same_kinds(&self) {
        let values = self.mapping.optional("replace_value").and_then(Node::as_mapping).unwrap_or_default();
        let mut known: Option<(&str, &document::Entry)> = None;
        for value in values {
            let Some(kind) = kind(&value.node) else { continue };
            match known {
                None => known = Some((kind, value)),
                Some((first, of)) if first != kind => {
                    let message = format!(
                        "the value for `{}` is {}, and that for `{}` is {}",
                        of.key.name,
                        of.node.describe(),
                        value.key.name,
                        value.node.describe()
                    );
                    let remedy = "Write values of one kind for all environments, texts in quotes.";
                    self.error("parameter-mixed-kinds", value.node.mark, message, remedy);
                }
                Some(_) => {}
            }
        }
    }

    fn tree(&self, node: &Node) -> Option<Tree> {
        match &node.value {
            Value::Scalar(_) => match node.as_text() {
                Some(text) => self.mixed(text, node.mark, Encoding::Json).map(Tree::Text),
                None => Some(Tree::Other(node.to_json())),
            },
            Value::Sequence(nodes) => nodes.iter().map(|node| self.tree(node)).collect::<Option<_>>().map(Tree::Array),
            Value::Mapping(entries) => entries
                .iter()
                .map(|document::Entry { key, node }| Some((key.name.clone(), self.tree(node)?)))
                .collect::<Option<_>>()
                .map(Tree::Object),
        }
    }

    fn expand_all(&self, node: &Node) -> Option<serde_json::Value> {
        match &node.value {
            Value::Scalar(_) => match node.as_text() {
                Some(text) => self.expand(text, node.mark).map(Into::into),
                None => Some(node.to_json()),
            },
            Value::Sequence(nodes) => nodes.iter().map(|node| self.expand_all(node)).collect(),
            Value::Mapping(entries) => entries
                .iter()
                .map(|document::Entry { key, node }| Some((key.name.clone(), self.expand_all(node)?)))
                .collect::<Option<serde_json::Map<_, _>>>()
                .map(Into::into),
        }
    }

    /// The conditions; `None` if one of them is wrong.
    fn filter(&self) -> Option<Filter> {
        let item_types = self.one_or_more("item_type");
        let item_names = self.one_or_more("item_name");
        let paths = match self.one_or_more("file_path") {
            Ok(None) => Ok(None),
            Err(()) => Err(()),
            Ok(Some(paths)) => {
                let read: Vec<_> = paths
                    .iter()
                    .map(|(path, mark)| Some(self.condition(self.path_filter(path, *mark)?, path, *mark)))
                    .collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Some).ok_or(())
            }
        };
        Some(Filter {
            item_types: item_types.ok()?.map(|types| self.conditions(types)),
            item_names: item_names.ok()?.map(|names| self.conditions(names)),
            paths: paths.ok()?,
        })
    }

    pub(super) fn condition<T>(&self, accepts: T, written: &str, mark: Mark) -> Condition<T> {
        Condition { accepts, written: written.to_owned(), place: self.reader.place(mark) }
    }

    pub(super) fn conditions(&self, texts: Vec<(String, Mark)>) -> Vec<Condition<String>> {
        texts.into_iter().map(|(text, mark)| self.condition(text.clone(), &text, mark)).collect()
    }

    pub(super) fn path_filter(&self, path: &str, mark: Mark) -> Option<PathFilter> {
        match paths::read(self.request.source, path) {
            Ok(filter) => Some(filter),
            Err(reason) => {
                let message = format!("`{path}` is not a path below the source folder: {reason}");
                self.error("parameter-bad-path", mark, message, "Write a path relative to the source folder.");
                None
            }
        }
    }

    /// One text or a list of texts, each with its place.
    pub(super) fn one_or_more(&self, key: &'static str) -> Result<Option<Vec<(String, Mark)>>, ()> {
        let Some(node) = self.mapping.optional(key) else { return Ok(None) };
        let nodes = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let texts: Vec<_> = nodes.iter().map(|node| Some((self.text(node, key)?, node.mark))).collect();
        texts.into_iter().collect::<Option<Vec<_>>>().map(Some).ok_or(())
    }
}

/// What a value is; `None` where that is open.
fn kind(node: &Node) -> Option<&'static str> {
    match &node.value {
        Value::Sequence(_) => Some("list"),
        Value::Mapping(_) => Some("mapping"),
        Value::Scalar(scalar) => match scalar.kind {
            document::ScalarKind::Null => None,
            document::ScalarKind::Bool(_) => Some("truth value"),
            document::ScalarKind::Number(_) => Some("number"),
            document::ScalarKind::Text => Some("text"),
        },
    }
}

fn has_secrets(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains(SECRET),
        Value::Sequence(nodes) => nodes.iter().any(has_secrets),
        Value::Mapping(entries) => entries.iter().any(|entry| has_secrets(&entry.node)),
    }
}
