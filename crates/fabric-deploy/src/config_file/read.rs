//! The sections of the file, for one environment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::by_environment::{ByEnvironment, Missing};
use super::rules::{Chooses, Rule};
use super::{ConfigFile, ConfigRequest, Features, not_there};
use crate::desired::WorkspaceSelector;
use crate::diagnostic::{Diagnostic, Place};
use crate::document::{Located, MappingReader, Node, Reader};
use crate::selection::{self, FolderRule, Pattern, Selection};

/// Reads the whole file.
pub(super) fn read(
    reader: &Reader<'_>,
    root: MappingReader<'_, '_>,
    request: &ConfigRequest<'_>,
) -> Option<ConfigFile> {
    let values = ByEnvironment { reader, environment: request.environment };
    let sections = Sections { reader, values, folder: request.file.parent().unwrap_or(Path::new("")) };
    let core = root.required_mapping("core").and_then(|core| sections.core(core));
    let publish = sections.operation(&root, "publish", true);
    let unpublish = sections.operation(&root, "unpublish", false);
    let features = sections.features(&root);
    sections.constants(&root);
    root.finish();
    let Core { workspace, source, types, parameters } = core?;
    let mut rules = publish.rules.clone();
    rules.extend(types.iter().flatten().map(|item_type| Rule {
        place: item_type.place.clone(),
        key: "core.item_types_in_scope".to_owned(),
        chooses: Chooses::Type(item_type.value.clone()),
    }));
    let types = types.map(|types| types.into_iter().map(|item_type| item_type.value).collect::<BTreeSet<_>>());
    let in_scope = |operation: Operation| Selection { types: types.clone(), ..operation.selection };
    Some(ConfigFile {
        workspace,
        source,
        parameters,
        unpublishes: !unpublish.skipped,
        excluded_shortcuts: publish.excluded_shortcuts.clone(),
        publish: in_scope(publish),
        unpublish: in_scope(unpublish),
        features,
        rules,
    })
}

struct Core {
    workspace: WorkspaceSelector,
    source: PathBuf,
    types: Option<Vec<Located<String>>>,
    parameters: Option<PathBuf>,
}

#[derive(Default)]
struct Operation {
    skipped: bool,
    selection: Selection,
    excluded_shortcuts: Option<Pattern>,
    /// What chooses among the described items, where the operation is not skipped.
    rules: Vec<Rule>,
}

struct Sections<'r, 'd> {
    reader: &'r Reader<'d>,
    values: ByEnvironment<'r, 'd>,
    folder: &'r Path,
}

impl<'d> Sections<'_, 'd> {
    fn core(&self, core: MappingReader<'_, 'd>) -> Option<Core> {
        let id = self.text(&core, "workspace_id", Missing::Error);
        let name = self.text(&core, "workspace", Missing::Error);
        let workspace = match (&id, &name) {
            (Some(id), _) => self.workspace_id(id),
            (None, Some(name)) => Some(WorkspaceSelector::Name(name.value.clone())),
            (None, None) => {
                if core.optional("workspace_id").is_none() && core.optional("workspace").is_none() {
                    let finding = Diagnostic::error("missing-key", "`core` names no workspace").at(core.place());
                    self.reader.report(finding.remedy("add `workspace` with its name or `workspace_id`"));
                }
                None
            }
        };
        core.required("repository_directory");
        let source = self.text(&core, "repository_directory", Missing::Error);
        let source = source.and_then(|path| self.path(path, "core.repository_directory", "folder", Path::is_dir));
        let types = self.texts(&core, "item_types_in_scope", Missing::Warning);
        let parameters = self.text(&core, "parameter", Missing::Warning);
        let parameters = parameters.and_then(|path| self.path(path, "core.parameter", "file", Path::is_file));
        core.finish();
        Some(Core { workspace: workspace?, source: source?, types, parameters })
    }

    fn workspace_id(&self, id: &Located<String>) -> Option<WorkspaceSelector> {
        let parsed = id.value.parse();
        if parsed.is_err() {
            let message = format!("`core.workspace_id`: {:?} is not an id", id.value);
            self.reader.report(
                Diagnostic::error("bad-value", message)
                    .at(id.place.clone())
                    .remedy("an id is a GUID; a name goes into `workspace`"),
            );
        }
        parsed.ok().map(WorkspaceSelector::Id)
    }

    fn operation(&self, root: &MappingReader<'_, 'd>, name: &'static str, publishes: bool) -> Operation {
        let Some(section) = root.optional_mapping(name) else { return Operation::default() };
        let skip = self.values.value(&section, "skip", Missing::Nothing);
        let skip = skip.and_then(|node| self.reader.boolean(node, &section.path_of("skip")));
        let mut rules = Vec::new();
        let mut rule = |place: &Place, key: &str, chooses: Chooses| {
            rules.push(Rule { place: place.clone(), key: section.path_of(key), chooses });
        };
        let mut selection = Selection::default();
        if let Some(names) = self.pattern(&section, "exclude_regex", Pattern::from_the_start) {
            rule(&names.place, "exclude_regex", Chooses::Names(names.value.clone()));
            selection.exclude_names = Some(names.value);
        }
        if let Some(items) = self.texts(&section, "items_to_include", Missing::Nothing) {
            let items: Vec<_> = items.iter().filter_map(|item| Some((&item.place, self.item(item)?))).collect();
            items.iter().for_each(|(place, key)| rule(place, "items_to_include", Chooses::Item(key.clone())));
            selection.items = Some(items.into_iter().map(|(_, key)| key).collect());
        }
        if publishes {
            if let Some(folders) = self.pattern(&section, "folder_exclude_regex", Pattern::anywhere) {
                rule(&folders.place, "folder_exclude_regex", Chooses::Folders(folders.value.clone()));
                selection.exclude_folders = Some(folders.value);
            }
            if let Some(folders) = self.texts(&section, "folder_path_to_include", Missing::Nothing) {
                let folders: Vec<_> =
                    folders.iter().filter_map(|path| Some((&path.place, self.folder(path)?))).collect();
                folders.iter().for_each(|(place, path)| {
                    rule(place, "folder_path_to_include", Chooses::Folder(path.clone()));
                });
                selection.folders = Some(FolderRule::Exactly(folders.into_iter().map(|(_, path)| path).collect()));
            }
            if selection.exclude_folders.is_some() && selection.folders.is_some() {
                let message = "`folder_exclude_regex` and `folder_path_to_include` cannot be used together";
                self.reader
                    .report(Diagnostic::error("contradiction", message).at(section.place()).remedy("keep one of them"));
            }
        }
        let excluded_shortcuts = match publishes {
            true => self.pattern(&section, "shortcut_exclude_regex", Pattern::from_the_start),
            false => None,
        };
        if let Some(shortcuts) = &excluded_shortcuts {
            rule(&shortcuts.place, "shortcut_exclude_regex", Chooses::Shortcuts(shortcuts.value.clone()));
        }
        section.finish();
        let skipped = skip.is_some_and(|skip| skip.value);
        if skipped {
            selection = Selection::nothing();
            rules.clear();
        }
        let excluded_shortcuts = excluded_shortcuts.map(|shortcuts| shortcuts.value);
        Operation { skipped, selection, excluded_shortcuts, rules }
    }

    fn features(&self, root: &MappingReader<'_, 'd>) -> Features {
        let names = self.texts(root, "features", Missing::Warning).unwrap_or_default();
        Features::of(self.reader, &names)
    }

    /// Constants are fabric-cicd's own: its addresses, retries and waits.
    fn constants(&self, root: &MappingReader<'_, 'd>) {
        let Some(constants) = root.optional_mapping("constants") else { return };
        for entry in constants.entries() {
            let path = constants.path_of(&entry.key.name);
            if self.values.choose(&entry.node, &path, Missing::Warning).is_none() {
                continue;
            }
            let remedy = match entry.key.name.as_str() {
                "DEFAULT_API_ROOT_URL" | "FABRIC_API_ROOT_URL" => "name the address with --endpoint or FABRIC_ENDPOINT",
                name if name.contains("RETRY") => "see --max-attempts, --timeout and FEATURE_USE_RETRY_LOGIC",
                name if name.contains("WORKERS") => "see --concurrency",
                _ => "remove it when only this tool reads the file",
            };
            self.reader.report(
                Diagnostic::warning(
                    "no-effect",
                    format!("`{path}` is about fabric-cicd itself and changes nothing here"),
                )
                .at(self.reader.place(entry.key.mark))
                .remedy(remedy),
            );
        }
    }

    fn text(&self, section: &MappingReader<'_, 'd>, key: &'static str, missing: Missing) -> Option<Located<String>> {
        let node = self.values.value(section, key, missing)?;
        let path = section.path_of(key);
        let text = self.reader.text(node, &path)?;
        if text.value.trim().is_empty() {
            self.reader.report(Diagnostic::error("empty-value", format!("`{path}` is empty")).at(text.place));
            return None;
        }
        Some(text)
    }

    fn texts(
        &self,
        section: &MappingReader<'_, 'd>,
        key: &'static str,
        missing: Missing,
    ) -> Option<Vec<Located<String>>> {
        let node = self.values.value(section, key, missing)?;
        let path = section.path_of(key);
        let nodes: &[Node] = self.reader.sequence(node, &path)?;
        if nodes.is_empty() && key != "features" {
            let place = self.reader.place(node.mark);
            self.reader
                .report(Diagnostic::error("empty-value", format!("`{path}` is empty")).at(place).remedy("remove it"));
        }
        let texts = nodes.iter().enumerate();
        Some(texts.filter_map(|(index, node)| self.reader.text(node, &format!("{path}[{index}]"))).collect())
    }

    fn pattern(
        &self,
        section: &MappingReader<'_, 'd>,
        key: &'static str,
        read: fn(&str) -> Result<Pattern, selection::PatternError>,
    ) -> Option<Located<Pattern>> {
        let text = self.text(section, key, Missing::Nothing)?;
        let pattern = read(&text.value);
        if let Err(error) = &pattern {
            let message = format!("`{}`: {error}", section.path_of(key));
            self.reader.report(Diagnostic::error("bad-pattern", message).at(text.place.clone()));
        }
        pattern.ok().map(|value| Located { value, place: text.place })
    }

    fn item(&self, text: &Located<String>) -> Option<crate::desired::ItemKey> {
        let key = selection::item(&text.value);
        if key.is_none() {
            let message = format!("{:?} is no item", text.value);
            self.reader
                .report(Diagnostic::error("bad-value", message).at(text.place.clone()).remedy("write `NAME.TYPE`"));
        }
        key
    }

    fn folder(&self, text: &Located<String>) -> Option<crate::desired::FolderPath> {
        let path = selection::folder(&text.value);
        if path.is_none() {
            let message = format!("{:?} is no folder", text.value);
            self.reader.report(
                Diagnostic::error("bad-value", message).at(text.place.clone()).remedy("write `/NAME` or `/NAME/NAME`"),
            );
        }
        path
    }

    fn path(&self, text: Located<String>, key: &str, what: &str, is_there: fn(&Path) -> bool) -> Option<PathBuf> {
        let path = self.folder.join(&text.value);
        if is_there(&path) {
            return Some(path);
        }
        self.reader.report(not_there(text.place, key, &path, what));
        None
    }
}
