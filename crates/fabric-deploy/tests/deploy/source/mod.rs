//! A folder in Git format becomes items, or findings.

mod findings;
mod folder;
mod properties;
mod references;
mod shortcuts;
mod types;

use std::path::{Path, PathBuf};

use fabric_deploy::content::{Attribute, Content, NameEncoding, Reference, WorkspaceRef};
use fabric_deploy::desired::{DesiredBody, DesiredItem, DesiredPart, ItemKey};
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::source::{LoadedItems, SourceRequest, load};

/// Ids of test items: `id(1)` is `11111111-…`.
pub(crate) fn id(number: u32) -> String {
    let digit = char::from_digit(number, 16).unwrap();
    let run = |length: usize| digit.to_string().repeat(length);
    format!("{}-{}-4{}-8{}-{}", run(8), run(4), run(3), run(3), run(12))
}

/// A source folder that goes away with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// An item with nothing but its `.platform`.
    pub(crate) fn item(&self, directory: &str, item_type: &str, name: &str, logical_id: &str) -> &Self {
        let platform = serde_json::json!({
            "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
            "metadata": { "type": item_type, "displayName": name },
            "config": { "version": "2.0", "logicalId": logical_id },
        });
        self.file(&format!("{directory}/.platform"), serde_json::to_string_pretty(&platform).unwrap())
    }

    /// A notebook with this text, in `<name>.Notebook`.
    pub(crate) fn notebook(&self, name: &str, logical_id: &str, text: impl AsRef<[u8]>) -> &Self {
        let directory = format!("{name}.Notebook");
        self.item(&directory, "Notebook", name, logical_id).file(&format!("{directory}/notebook-content.py"), text)
    }

    pub(crate) fn load(&self, environment: &str) -> (Option<LoadedItems>, Diagnostics) {
        self.load_with(environment, &|_| None)
    }

    pub(crate) fn load_with(
        &self,
        environment: &str,
        lookup_env: &dyn Fn(&str) -> Option<String>,
    ) -> (Option<LoadedItems>, Diagnostics) {
        load(&SourceRequest {
            root: self.root(),
            parameters: None.into(),
            environment,
            lookup_env,
            looked_up: None,
            named_by: None,
        })
    }

    /// The items; the test fails where a finding is an error.
    pub(crate) fn items(&self, environment: &str) -> LoadedItems {
        let (items, diagnostics) = self.load(environment);
        items.unwrap_or_else(|| panic!("{diagnostics}"))
    }

    /// Findings as `error code path:line`, the line left out where there is none.
    pub(crate) fn findings(&self, diagnostics: &Diagnostics) -> Vec<String> {
        let described = diagnostics.iter().map(|finding| {
            let severity =
                if finding.severity == fabric_deploy::diagnostic::Severity::Error { "error" } else { "warning" };
            let place = finding.place.as_ref().unwrap_or_else(|| panic!("no place: {finding}"));
            assert!(finding.remedy.as_ref().is_some_and(|remedy| !remedy.is_empty()) || finding.code.len() > 3);
            let path = place.file.strip_prefix(self.root()).unwrap_or(&place.file).display();
            let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{severity} {} {path}{line}", finding.code)
        });
        described.collect()
    }
}

pub(crate) fn item<'a>(items: &'a LoadedItems, item_type: &str, name: &str) -> &'a DesiredItem {
    items.items.get(&ItemKey::new(item_type, name)).unwrap_or_else(|| panic!("no {name}.{item_type}"))
}

pub(crate) fn parts(item: &DesiredItem) -> &[DesiredPart] {
    match &item.body {
        DesiredBody::Definition { parts, .. } => parts,
        DesiredBody::Shell { .. } => panic!("{} is a shell", item.key),
    }
}

/// The content of the notebook `name`, each reference written as `<…>`.
pub(crate) fn notebook_text(items: &LoadedItems, name: &str) -> String {
    text(&parts(item(items, "Notebook", name))[0].content)
}

/// Content with each reference written as `<…>`.
pub(crate) fn text(content: &Content) -> String {
    let resolved = content.resolve(|reference| Some(name_of(reference))).unwrap();
    String::from_utf8(resolved.into_owned()).unwrap()
}

fn name_of(reference: &Reference) -> String {
    let workspace = |workspace: &WorkspaceRef| match workspace {
        WorkspaceRef::Target => String::new(),
        WorkspaceRef::Named(name) => format!("{name}/"),
    };
    match reference {
        Reference::Secret(secret) => format!("<{} {:?}>", secret.name, secret.encoding),
        Reference::SparkPool { .. } => format!("<{reference}>"),
        Reference::WorkspaceId(place) => format!("<{}workspace>", workspace(place)),
        Reference::WorkspaceName { encoding: NameEncoding::Plain } => "<name>".to_owned(),
        Reference::WorkspaceName { encoding: NameEncoding::Url } => "<name, encoded>".to_owned(),
        Reference::WorkspaceName { encoding: NameEncoding::Json } => "<name, escaped>".to_owned(),
        Reference::Item { workspace: place, key, attribute: Attribute::Id } => format!("<{}{key}>", workspace(place)),
        Reference::Item { workspace: place, key, attribute } => format!("<{}{key} {attribute:?}>", workspace(place)),
    }
}

pub(crate) fn paths(item: &DesiredItem) -> Vec<&str> {
    parts(item).iter().map(|part| part.path.as_str()).collect()
}

/// A path below the folder, as messages show it.
pub(crate) fn below(folder: &Folder, path: &str) -> PathBuf {
    folder.root().join(path)
}
