//! A source folder and its parameters become items of a desired state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::kusto::Databases;
use super::part::{Built, Context};
use super::tree::SourceItem;
use super::{body, cycle, parallel, read, rules, shortcuts, stray};
use crate::content::{Reference, WorkspaceRef};
use crate::desired::{DesiredBody, DesiredItem, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{Document, Lookup};
use crate::parameter::{self, LookedUp, ParameterRequest, Parameters, WrittenIn};

/// The parameter file that is read where none is named, if it is there.
const PARAMETER_FILE: &str = "parameter.yml";

/// Which parameter file is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParameterFile<'a> {
    /// `parameter.yml` in the folder, where there is one.
    Default,
    /// This one.
    At(&'a Path),
    /// This section of another file, which says what a parameter file would.
    Section(&'a Document),
    /// None.
    None,
}

impl<'a> From<Option<&'a Path>> for ParameterFile<'a> {
    fn from(named: Option<&'a Path>) -> Self {
        named.map_or(Self::Default, Self::At)
    }
}

/// What to load.
#[derive(Clone, Copy)]
pub struct SourceRequest<'a> {
    /// The folder in Fabric's Git format.
    pub root: &'a Path,
    /// The parameter file.
    pub parameters: ParameterFile<'a>,
    /// The environment whose values apply.
    pub environment: &'a str,
    /// The value of an environment variable: `$ENV:NAME`.
    pub lookup_env: Lookup<'a>,
    /// What the service says of what parameters look for (`find_value: $workspace.…`); `None` before it was asked.
    pub looked_up: LookedUp<'a>,
    /// The file that says that this folder is deployed, where there is one: it may lie in the folder itself.
    pub named_by: Option<&'a Path>,
}

/// The items of a source folder, free of errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadedItems {
    /// By type and name.
    pub items: BTreeMap<ItemKey, DesiredItem>,
    /// What parameters look for, and only the service knows: once [`crate::actual::look_up`] has asked for it, the
    /// folder has to be loaded again with the answers.
    pub sought: BTreeSet<Reference>,
}

/// Reads a source folder with its parameters, and reports every finding of both at once. There are items if and only
/// if no finding is an error.
pub fn load(request: &SourceRequest<'_>) -> (Option<LoadedItems>, Diagnostics) {
    let (tree, mut diagnostics) = read(request.root);
    let (parameters, findings) = read_parameters(request);
    diagnostics.extend(findings);
    let used: Vec<&Path> = parameters.files().chain(request.named_by).collect();
    stray::warn(&tree, &used, &mut diagnostics);
    let files: Vec<_> = tree.items.iter().map(|item| (item.platform.key.clone(), item.paths())).collect();
    let of_databases = || tree.items.iter().filter(|item| item.platform.key.item_type == "KQLDatabase");
    let databases = Databases {
        by_id: of_databases().filter_map(|item| Some((item.platform.logical_id?, item.platform.key.clone()))).collect(),
        by_name: of_databases().map(|item| (item.platform.key.name.clone(), item.platform.key.clone())).collect(),
    };
    let context = Context {
        databases,
        parameters: &parameters,
        by_logical_id: tree
            .items
            .iter()
            .filter_map(|item| Some((item.platform.logical_id?, item.platform.key.clone())))
            .collect(),
        models_by_directory: tree
            .items
            .iter()
            .filter(|item| item.platform.key.item_type == "SemanticModel")
            .map(|item| (item.directory.clone(), item.platform.key.clone()))
            .collect(),
    };
    let mut items = BTreeMap::new();
    let mut used = vec![false; parameters.len()];
    for loaded in parallel::map(tree.items, |item| build(&context, request.environment, item)) {
        diagnostics.extend(loaded.diagnostics);
        for index in loaded.matched {
            if let Some(used) = used.get_mut(index) {
                *used = true;
            }
        }
        items.insert(loaded.item.key.clone(), loaded.item);
    }
    parameters.bindings.apply(&mut items, &mut diagnostics);
    for (index, place, reference) in parameters.sought() {
        diagnostics.push(not_looked_for(reference, request.looked_up).at(place.clone()));
        if let Some(used) = used.get_mut(index) {
            *used = true;
        }
    }
    warn_about_parameters(&parameters, &used, &files, &items, &mut diagnostics);
    cycle::check(&items, &mut diagnostics);
    let loaded = (!diagnostics.has_errors())
        .then(|| LoadedItems { items, sought: parameters.sought().map(|(_, _, sought)| sought.clone()).collect() });
    (loaded, diagnostics.sorted())
}

fn read_parameters(request: &SourceRequest<'_>) -> (Parameters, Diagnostics) {
    let default = request.root.join(PARAMETER_FILE);
    let from = match request.parameters {
        ParameterFile::At(file) => WrittenIn::File(file),
        ParameterFile::Section(section) => WrittenIn::Section(section),
        ParameterFile::Default if default.is_file() => WrittenIn::File(&default),
        ParameterFile::Default | ParameterFile::None => return (Parameters::default(), Diagnostics::new()),
    };
    parameter::read(&ParameterRequest {
        from,
        source: request.root,
        environment: request.environment,
        lookup_env: request.lookup_env,
        looked_up: request.looked_up,
    })
}

/// The finding that an entry changed no file, because the value of `reference` is not known.
fn not_looked_for(reference: &Reference, looked_up: LookedUp<'_>) -> Diagnostic {
    match (looked_up, reference) {
        (None, _) => Diagnostic::warning(
            "parameter-not-looked-for",
            format!("only the service knows `{reference}`, which this entry looks for: no file was looked into"),
        )
        .remedy("`plan` asks for it and shows what changes."),
        (Some(_), Reference::WorkspaceId(WorkspaceRef::Target)) => Diagnostic::warning(
            "parameter-unused",
            "this entry changed no file: the workspace whose id it looks for does not exist yet",
        )
        .remedy("Deploy again when it does, or write the value that the files contain."),
        (Some(_), _) => Diagnostic::error(
            "parameter-value-not-found",
            format!("`{reference}` has no value to look for, or whoever is signed in may not see it"),
        )
        .remedy("Correct the name, or write the value that the files contain."),
    }
}

struct Loaded {
    item: DesiredItem,
    matched: Vec<usize>,
    diagnostics: Diagnostics,
}

fn build(context: &Context<'_>, environment: &str, mut item: SourceItem) -> Loaded {
    let mut diagnostics = Diagnostics::new();
    let mut matched = Vec::new();
    let mut active_value_set = None;
    let item_type = item.platform.key.item_type.clone();
    let is_shell = rules::is_shell(&item_type) || item.files.is_empty();
    let mut shortcuts = None;
    let body = if is_shell {
        if let Some(position) = item.files.iter().position(|file| shortcuts::is_file(&item_type, &file.path)) {
            let file = item.files.remove(position);
            shortcuts = shortcuts::read(context, &item, &file, &mut matched, &mut diagnostics);
        }
        body::warn_about_content(&item, &mut diagnostics);
        DesiredBody::Shell { creation_payload: body::creation_payload(&item) }
    } else {
        if item.platform.creation_payload.is_some() {
            diagnostics.push(
                Diagnostic::warning("creation-payload-ignored", "an item with a definition takes no `creationPayload`")
                    .at(Place::file(item.platform_path()))
                    .remedy("Remove `creationPayload`, or the other files."),
            );
        }
        let format = rules::format(&item_type, item.files.iter().map(|file| file.path.as_str()));
        let settings = item.file("settings.json").and_then(|file| file.text()).map(str::to_owned);
        let mut parts = Vec::with_capacity(item.files.len());
        for file in std::mem::take(&mut item.files) {
            let Built { part, matched: entries, diagnostics: findings } = context.build(&item, file);
            parts.push(part);
            matched.extend(entries);
            diagnostics.extend(findings);
        }
        active_value_set =
            (item_type == "VariableLibrary").then(|| body::active_value_set(environment, settings.as_deref(), &parts));
        DesiredBody::Definition { format, parts }
    };
    let item = DesiredItem {
        key: item.platform.key,
        description: item.platform.description,
        folder: Some(item.folder),
        logical_id: item.platform.logical_id,
        body,
        parents: item.parent.into_iter().collect(),
        active_value_set,
        shortcuts,
        connections: Vec::new(),
        deployed_as: Vec::new(),
        source: item.path,
    };
    Loaded { item, matched, diagnostics }
}

fn warn_about_parameters(
    parameters: &Parameters,
    used: &[bool],
    files: &[(ItemKey, Vec<String>)],
    items: &BTreeMap<ItemKey, DesiredItem>,
    diagnostics: &mut Diagnostics,
) {
    for (index, used) in used.iter().enumerate() {
        let unmatched = parameters.unmatched(index, files);
        // Why nothing changed is told in its place.
        let is_explained = *used || !unmatched.is_empty();
        unmatched.into_iter().for_each(|finding| diagnostics.push(finding));
        if let Some(place) = parameters.place(index).filter(|_| !is_explained) {
            diagnostics.push(
                Diagnostic::warning("parameter-unused", "this entry changed no file")
                    .at(place.clone())
                    .remedy("Check what it looks for and its conditions, or remove it."),
            );
        }
    }
    for (place, key) in parameters.target_items() {
        if !items.contains_key(key) {
            let message = format!("{key} is not in the source folder; it must be in the workspace already");
            diagnostics.push(
                Diagnostic::warning("reference-outside-source", message)
                    .at(place.clone())
                    .remedy("Check the type and the name."),
            );
        }
    }
}
