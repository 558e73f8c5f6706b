//! What the emulator really holds, beside what was asked for and what was said.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fabric_deploy::plan::{Change, Plan};
use fabric_deploy::report::{Report, StepStatus};
use fabric_emulator::Emulator;
use serde_json::Value;

use super::product::{self, EMPTY_FOLDER, Item, Version, WORKSPACE};

/// The world of an emulator, definitions included.
pub(super) struct World(Value);

impl World {
    pub(super) fn of(emulator: &Emulator) -> Self {
        Self(emulator.world())
    }

    /// Whether it holds this version of the product, each thing once, and nothing else.
    pub(super) fn is_exactly(&self, version: Version) -> Result<(), String> {
        let mut wrong = Vec::new();
        let workspaces = rows(&self.0, "workspaces");
        if workspaces.len() != 1 || workspaces[0]["displayName"] != WORKSPACE {
            return Err(format!("{} workspaces", workspaces.len()));
        }
        let roles: BTreeMap<String, &str> = workspaces[0]["roleAssignments"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|role| role["principalId"] != fabric_emulator::ADMINISTRATOR.to_string())
            .map(|role| (text(role, "principalId").to_owned(), text(role, "role")))
            .collect();
        if roles != product::roles(version) {
            wrong.push(format!("roles {roles:?}"));
        }
        if workspaces[0]["description"] != format!("{version:?}") {
            wrong.push(format!("the workspace is described as {}", workspaces[0]["description"]));
        }
        let wanted = product::items(version);
        let folders: Vec<String> =
            rows(&self.0, "folders").iter().map(|folder| self.path(text(folder, "id"))).collect();
        let mut wanted_folders = BTreeSet::new();
        for path in wanted.iter().map(|item| item.folder).chain([EMPTY_FOLDER]).filter(|path| !path.is_empty()) {
            let segments: Vec<_> = path.split('/').collect();
            wanted_folders.extend((1..=segments.len()).map(|depth| segments[..depth].join("/")));
        }
        if folders.len() != wanted_folders.len() || folders.iter().any(|folder| !wanted_folders.contains(folder)) {
            wrong.push(format!("folders {folders:?}"));
        }
        let found = self.items();
        for item in &wanted {
            match found.get(&(item.item_type, item.name.as_str())).map(Vec::as_slice) {
                Some([only]) => {
                    wrong.extend(self.differs(item, only, &found).map(|how| format!("{}: {how}", item.name)));
                }
                other => wrong.push(format!("{}: there {} times", item.name, other.map_or(0, <[_]>::len))),
            }
        }
        let deployed: usize = found
            .iter()
            .filter(|((item_type, _), _)| *item_type != "SQLEndpoint")
            .map(|(_, copies)| copies.len())
            .sum();
        if deployed != wanted.len() {
            wrong.push(format!("{deployed} items instead of {}", wanted.len()));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n  ")) }
    }

    /// Whether the report says of every create what is true of it, and of nothing that it is still under way.
    pub(super) fn is_what_it_says(&self, report: &Report, plan: &Plan) -> Result<(), String> {
        let found = self.items();
        let mut wrong = Vec::new();
        for step in &plan.steps {
            let Change::CreateItem { key, .. } = &step.change else { continue };
            let Some(said) = report.steps.iter().find(|said| said.id == step.id) else {
                wrong.push(format!("{} is not in the report", step.id));
                continue;
            };
            let times = found.get(&(key.item_type.as_str(), key.name.as_str())).map_or(0, Vec::len);
            let unknown = said.error.as_ref().is_some_and(|error| error.outcome_unknown);
            let is_true = match said.status {
                StepStatus::Applied => times == 1,
                StepStatus::Failed if unknown => times <= 1,
                StepStatus::Failed | StepStatus::Skipped => times == 0,
                _ => false,
            };
            if !is_true {
                wrong.push(format!("{} is said to be {:?} and is there {times} times", step.id, said.status));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n  ")) }
    }

    /// The items by type and name.
    fn items(&self) -> BTreeMap<(&str, &str), Vec<&Value>> {
        let mut items: BTreeMap<_, Vec<&Value>> = BTreeMap::new();
        for item in rows(&self.0, "items") {
            items.entry((text(item, "type"), text(item, "displayName"))).or_default().push(item);
        }
        items
    }

    fn path(&self, folder: &str) -> String {
        let parents: HashMap<&str, (&str, Option<&str>)> = rows(&self.0, "folders")
            .iter()
            .map(|folder| (text(folder, "id"), (text(folder, "displayName"), folder["parentFolderId"].as_str())))
            .collect();
        let mut path = Vec::new();
        let mut next = Some(folder);
        while let Some((name, parent)) = next.and_then(|id| parents.get(id)) {
            path.insert(0, *name);
            next = *parent;
        }
        path.join("/")
    }

    fn differs(&self, item: &Item, found: &Value, all: &BTreeMap<(&str, &str), Vec<&Value>>) -> Option<String> {
        let folder = found["folderId"].as_str().map(|id| self.path(id)).unwrap_or_default();
        if folder != item.folder {
            return Some(format!("is in {folder:?}"));
        }
        if found["description"] != item.description {
            return Some(format!("is described as {}", found["description"]));
        }
        if item.item_type == "Lakehouse" {
            return None;
        }
        let parts: BTreeMap<&str, String> = found["definition"]["parts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|part| {
                (text(part, "path"), String::from_utf8(STANDARD.decode(text(part, "payload")).unwrap()).unwrap())
            })
            .filter(|(path, _)| *path != ".platform")
            .collect();
        if parts.keys().ne(item.parts.iter().map(|(path, _)| path)) {
            return Some(format!("has the parts {:?}", parts.keys()));
        }
        if item.verbatim {
            let other = item.parts.iter().find(|(path, text)| parts[path] != *text);
            return other.map(|(path, text)| format!("{path} is {:?} instead of {text:?}", parts[path]));
        }
        let whole: String = parts.values().cloned().collect();
        for (item_type, name) in &item.refers_to {
            let id = all.get(&(*item_type, name.as_str())).map(|copies| text(copies[0], "id")).unwrap_or_default();
            if id.is_empty() || !whole.contains(id) {
                return Some(format!("does not refer to {name}"));
            }
            if whole.contains(&product::logical_id(item_type, name)) {
                return Some(format!("has the logical id of {name}"));
            }
        }
        (!whole.contains(&item.edition)).then(|| format!("has not the content {}", item.edition))
    }
}

fn rows<'a>(world: &'a Value, section: &str) -> &'a [Value] {
    world[section].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
