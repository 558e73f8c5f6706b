//! Reads a parameter file for one environment and reports everything that is wrong with it.

use std::collections::BTreeSet;
use std::path::Path;

use regex::{Regex, RegexBuilder};

use super::Parameters;
use super::entry::{Action, Entry, Find, NewValue};
use super::filter::Filter;
use super::json_path::JsonPath;
use super::paths;
use super::value::{self, Replacement};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Document, Lookup, MappingReader, Mark, Node, Reader, Value};

/// Parameters of fabric-cicd that change what is deployed and that this program does not know how to apply yet.
const NOT_SUPPORTED: [&str; 3] = ["spark_pool", "semantic_model_binding", "gateway_binding"];

/// What a parameter file is read for.
#[derive(Clone, Copy)]
pub struct ParameterRequest<'a> {
    /// The file.
    pub file: &'a Path,
    /// The folder that `file_path` conditions are relative to.
    pub source: &'a Path,
    /// The environment whose values apply.
    pub environment: &'a str,
    /// The display name of the workspace that is deployed, where it is given by name.
    pub workspace_name: Option<&'a str>,
    /// The value of an environment variable, for `$ENV:NAME`.
    pub lookup_env: Lookup<'a>,
}

/// Reads a parameter file and the templates that it extends. The entries are complete only if there is no error.
pub fn read(request: &ParameterRequest<'_>) -> (Parameters, Diagnostics) {
    let mut entries = Vec::new();
    let diagnostics = file(request, request.file, true, &mut entries);
    (Parameters::new(entries), diagnostics.sorted())
}

fn file(request: &ParameterRequest<'_>, path: &Path, may_extend: bool, entries: &mut Vec<Entry>) -> Diagnostics {
    let (document, mut diagnostics) = Document::read(path);
    let Some(document) = document else { return diagnostics };
    if document.root.is_null() {
        return diagnostics;
    }
    let reader = Reader::new(&document);
    check_tree(&reader, &document.root);
    let mut templates = Vec::new();
    if let Some(root) = reader.root() {
        for (key, kind) in [("find_replace", Kind::FindReplace), ("key_value_replace", Kind::KeyValueReplace)] {
            for (index, node) in root.sequence(key).iter().enumerate() {
                let Some(mapping) = reader.mapping(node, &format!("{key}[{index}]")) else { continue };
                let entry = EntryReader { request, reader: &reader, mapping, mark: node.mark };
                entries.extend(entry.read(kind));
            }
        }
        for key in NOT_SUPPORTED {
            if let Some(entry) = root.entry(key).filter(|entry| !entry.node.is_null()) {
                let message = format!("`{key}` is not supported yet; leaving it out would deploy something else");
                reader.report(
                    Diagnostic::error("parameter-not-supported", message)
                        .at(reader.place(entry.key.mark))
                        .remedy("Remove it, or bring about its effect with find_replace or key_value_replace."),
                );
            }
        }
        templates = root.strings("extend");
        root.finish();
    }
    diagnostics.extend(reader.into_findings());
    for template in templates {
        if may_extend {
            let path = path.parent().unwrap_or(Path::new("")).join(&template.value);
            diagnostics.extend(file(request, &path, false, entries));
        } else {
            diagnostics.push(
                Diagnostic::error("parameter-nested-extend", "a template cannot extend another template")
                    .at(template.place)
                    .remedy("List every template in the parameter file itself."),
            );
        }
    }
    diagnostics
}

/// Findings that any place of the tree can cause: keys that differ in nothing but case, and secrets.
fn check_tree(reader: &Reader<'_>, node: &Node) {
    match &node.value {
        Value::Sequence(nodes) => nodes.iter().for_each(|node| check_tree(reader, node)),
        Value::Mapping(entries) => {
            let mut seen = BTreeSet::new();
            for entry in entries {
                if !seen.insert(entry.key.name.to_lowercase()) {
                    let message = format!("`{}` is already given in another case", entry.key.name);
                    reader.report(
                        Diagnostic::error("duplicate-key", message)
                            .at(reader.place(entry.key.mark))
                            .remedy("Keep one of the two."),
                    );
                }
                check_tree(reader, &entry.node);
            }
        }
        Value::Scalar(scalar) if scalar.text.contains("${secret:") => reader.report(
            Diagnostic::error("parameter-not-supported", "`${secret:…}` is not supported yet")
                .at(reader.place(node.mark))
                .remedy("Put the secret into an environment variable and write $ENV:NAME."),
        ),
        Value::Scalar(_) => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    FindReplace,
    KeyValueReplace,
}

struct EntryReader<'r, 'd> {
    request: &'r ParameterRequest<'r>,
    reader: &'r Reader<'d>,
    mapping: MappingReader<'r, 'd>,
    mark: Mark,
}

impl EntryReader<'_, '_> {
    /// The entry, if it has a value for the environment and nothing is wrong with it.
    fn read(self, kind: Kind) -> Option<Entry> {
        let filter = self.filter();
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
        };
        self.mapping.finish();
        let place = self.reader.place(self.mark);
        Some(Entry { place, filter: filter?, action: action? })
    }

    fn error(&self, code: &'static str, mark: Mark, message: String, remedy: &str) {
        self.reader.report(Diagnostic::error(code, message).at(self.reader.place(mark)).remedy(remedy));
    }

    /// Text with `$ENV:NAME` replaced; reported where a variable is not set.
    fn text(&self, node: &Node, key: &str) -> Option<String> {
        let text = self.reader.text(node, &self.mapping.path_of(key))?.value;
        self.expand(&text, node.mark)
    }

    fn expand(&self, text: &str, mark: Mark) -> Option<String> {
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
        if text.starts_with("$items.") || text.starts_with("$workspace.") {
            let message = format!("`{text}` cannot be looked for: its value is not known before the deployment");
            self.error("parameter-not-supported", node.mark, message, "Write the value that the files contain.");
            return None;
        }
        if !is_regex && !any_case {
            return Some(Find::Literal(text));
        }
        let pattern = if is_regex { text } else { regex::escape(&text) };
        let regex = match RegexBuilder::new(&pattern).case_insensitive(any_case).build() {
            Ok(regex) => regex,
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                self.error(
                    "parameter-bad-regex",
                    node.mark,
                    format!("`{pattern}` is not a regular expression: {reason}"),
                    "Correct the expression; look-around and back-references are not supported.",
                );
                return None;
            }
        };
        if is_regex { self.one_group(regex, node.mark).map(Find::Group) } else { Some(Find::AnyCase(regex)) }
    }

    /// A truth value, false where it is absent; `None` where it is something else.
    fn flag(&self, key: &'static str) -> Option<bool> {
        match self.mapping.optional(key) {
            None => Some(false),
            Some(_) => self.mapping.optional_bool(key).map(|flag| flag.value),
        }
    }

    fn one_group(&self, regex: Regex, mark: Mark) -> Option<Regex> {
        let groups = regex.captures_len() - 1;
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
                    "Use $.name, ['name'], [0], [*], ..name and [?(@.name == \"x\")].",
                );
                None
            }
        }
    }

    /// The value for the environment. Values of all environments must pass `is_valid`.
    fn environment_value(&self, is_valid: impl Fn(&Node, &str) -> bool) -> Option<&Node> {
        let node = self.mapping.required("replace_value")?;
        let path = self.mapping.path_of("replace_value");
        let values = self.reader.mapping(node, &path)?.entries();
        let mut complete = true;
        for value in values {
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
            return complete.then_some(&all.node);
        }
        let environment = self.request.environment;
        match values.iter().find(|value| value.key.name == environment) {
            Some(value) => complete.then_some(&value.node),
            None => {
                let message =
                    format!("`{path}` has no value for the environment `{environment}`; the entry is skipped");
                self.reader.report(
                    Diagnostic::warning("parameter-environment-missing", message)
                        .at(self.reader.place(node.mark))
                        .remedy(format!("Add a value for `{environment}`, or write _ALL_.")),
                );
                None
            }
        }
    }

    fn replacement(&self) -> Option<Replacement> {
        let node = self.environment_value(|node, path| {
            let Some(text) = self.reader.text(node, path) else { return false };
            if text.value.is_empty() {
                self.error("parameter-empty-value", node.mark, format!("`{path}` is empty"), "Write the new text.");
            }
            !text.value.is_empty()
        })?;
        self.dynamic(node)
    }

    /// A string that may be a variable. What an environment variable holds is never read as one.
    fn dynamic(&self, node: &Node) -> Option<Replacement> {
        let written = node.as_text()?;
        let text = self.expand(written, node.mark)?;
        if written.starts_with("$ENV:") {
            return Some(Replacement::Text(text));
        }
        match value::read(&text, self.request.workspace_name) {
            Ok(replacement) => Some(replacement),
            Err(error) => {
                self.error(error.code, node.mark, error.message, &error.remedy);
                None
            }
        }
    }

    fn new_value(&self) -> Option<NewValue> {
        let node = self.environment_value(|_, _| true)?;
        if node.as_text().is_some() {
            return Some(match self.dynamic(node)? {
                Replacement::Text(text) => NewValue::Json(text.into()),
                Replacement::Reference(reference) => NewValue::Reference(reference),
            });
        }
        self.expand_all(node).map(NewValue::Json)
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
                let read: Vec<_> = paths.iter().map(|(path, mark)| self.path_filter(path, *mark)).collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Some).ok_or(())
            }
        };
        let texts = |texts: Vec<(String, Mark)>| texts.into_iter().map(|(text, _)| text).collect();
        Some(Filter {
            item_types: item_types.ok()?.map(texts),
            item_names: item_names.ok()?.map(texts),
            paths: paths.ok()?,
        })
    }

    fn path_filter(&self, path: &str, mark: Mark) -> Option<super::filter::PathFilter> {
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
    fn one_or_more(&self, key: &'static str) -> Result<Option<Vec<(String, Mark)>>, ()> {
        let Some(node) = self.mapping.optional(key) else { return Ok(None) };
        let nodes = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let texts: Vec<_> = nodes.iter().map(|node| Some((self.text(node, key)?, node.mark))).collect();
        texts.into_iter().collect::<Option<Vec<_>>>().map(Some).ok_or(())
    }
}
