//! The emulator's whole world in a form in which two worlds are equal if nobody can tell them apart.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fabric_emulator::Emulator;
use serde_json::{Value, json};
use std::time::Duration;

/// Every workspace, folder, item and role, by where it is and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct World(BTreeMap<String, Value>);

/// Longer than any operation takes, so that nothing is still to come.
const LATER: Duration = Duration::from_secs(24 * 3_600);

impl World {
    /// The world as it is when all that was started has ended. Ids count only for what is named in `kept`: those that
    /// were there before, and that nobody had a reason to give another id.
    pub(super) fn of(emulator: &Emulator, kept: &Kept) -> Self {
        emulator.advance(LATER);
        Self::read(&emulator.world(), kept)
    }

    pub(super) fn read(document: &Value, kept: &Kept) -> Self {
        let names = Names::of(document);
        let mut seen = BTreeMap::new();
        let mut see = |key: String, id: &Value, mut value: Value| {
            if kept.0.contains(&key) {
                value["id"] = id.clone();
            }
            assert!(seen.insert(key.clone(), value).is_none(), "{key} is there twice");
        };
        for workspace in rows(document, "workspaces") {
            let key = names.text(&workspace["id"]);
            let roles: BTreeMap<&str, &Value> = rows(workspace, "roleAssignments")
                .iter()
                .map(|role| (role["principalId"].as_str().unwrap(), &role["role"]))
                .collect();
            let value = json!({
                "description": workspace["description"],
                "capacity": workspace["capacityId"],
                "roles": roles,
            });
            see(key, &workspace["id"], value);
        }
        for folder in rows(document, "folders") {
            see(names.text(&folder["id"]), &folder["id"], json!({}));
        }
        for item in rows(document, "items") {
            let parts: BTreeMap<&str, String> =
                rows(&item["definition"], "parts").iter().map(|part| names.part(part)).collect();
            let value = json!({
                "description": item["description"],
                "provisioning": item["provisioning"],
                "parts": parts,
                "payload": item["creationPayload"],
                "properties": item["properties"],
                "parent": item.get("parent").map(|parent| names.text(parent)),
                "shortcuts": names.shortcuts(item),
                "connections": item["connections"],
                "published": is_published(item),
            });
            see(names.text(&item["id"]), &item["id"], value);
        }
        Self(seen)
    }

    /// What differs from `other`, one line each.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let keys: std::collections::BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        keys.into_iter()
            .filter_map(|key| match (self.0.get(key), other.0.get(key)) {
                (Some(left), Some(right)) if left == right => None,
                (Some(left), Some(right)) => Some(format!("{key}: {left} instead of {right}")),
                (Some(_), None) => Some(format!("{key} should not be there")),
                (None, _) => Some(format!("{key} is missing")),
            })
            .collect()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }
}

/// Whose ids must stay.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept(std::collections::BTreeSet<String>);

impl Kept {
    /// All that is in `world`, except what begins as one of `renewed` does.
    pub(super) fn all_but(world: &World, renewed: &[&str]) -> Self {
        let kept = world.keys().filter(|key| !renewed.contains(&key.as_str()));
        Self(kept.cloned().collect())
    }
}

/// Whether what is staged in an environment is what is published.
fn is_published(item: &Value) -> Value {
    match (&item["type"], item["publication"]["started"].as_i64(), item["updated"].as_i64()) {
        (kind, Some(started), Some(updated)) if kind == "Environment" => json!(started >= updated),
        _ => Value::Null,
    }
}

fn rows<'a>(document: &'a Value, section: &str) -> &'a [Value] {
    document[section].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What every id is called.
struct Names(HashMap<String, String>);

impl Names {
    fn of(document: &Value) -> Self {
        let mut names = HashMap::new();
        let id = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for workspace in rows(document, "workspaces") {
            names.insert(id(&workspace["id"]), workspace["displayName"].as_str().unwrap().to_owned());
        }
        let folders: HashMap<String, &Value> =
            rows(document, "folders").iter().map(|folder| (id(&folder["id"]), folder)).collect();
        let path = |folder: Option<&Value>| {
            let mut path = String::new();
            let mut next = folder.map(id);
            while let Some(found) = next.and_then(|folder| folders.get(&folder)) {
                path = format!("/{}{path}", found["displayName"].as_str().unwrap());
                next = found.get("parentFolderId").map(id);
            }
            path
        };
        for folder in rows(document, "folders") {
            let workspace = names[&id(&folder["workspaceId"])].clone();
            names.insert(id(&folder["id"]), format!("{workspace}{}", path(Some(&folder["id"]))));
        }
        for item in rows(document, "items") {
            let workspace = names[&id(&item["workspaceId"])].clone();
            let name = format!("{}.{}", item["displayName"].as_str().unwrap(), item["type"].as_str().unwrap());
            names.insert(id(&item["id"]), format!("{workspace}{}/{name}", path(item.get("folderId"))));
        }
        Self(names)
    }

    fn text(&self, id: &Value) -> String {
        let id = id.as_str().unwrap_or_default();
        self.0.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// What each shortcut says, by its place: their order means nothing.
    fn shortcuts(&self, item: &Value) -> BTreeMap<String, String> {
        let read = rows(item, "shortcuts").iter().map(|shortcut| {
            let place = format!("{}/{}", shortcut["path"].as_str().unwrap(), shortcut["name"].as_str().unwrap());
            (place, self.named(shortcut["target"].to_string()))
        });
        read.collect()
    }

    fn named(&self, mut text: String) -> String {
        for (id, name) in &self.0 {
            if text.contains(id) {
                text = text.replace(id, name);
            }
        }
        text
    }

    fn part<'a>(&self, part: &'a Value) -> (&'a str, String) {
        let payload = STANDARD.decode(part["payload"].as_str().unwrap()).unwrap();
        (part["path"].as_str().unwrap(), self.named(String::from_utf8(payload).unwrap()))
    }
}
