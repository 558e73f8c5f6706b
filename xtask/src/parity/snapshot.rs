//! What is in a workspace of the emulator, with names in the place of ids.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::difference::Snapshot;

/// Fields of an item that say nothing about what was deployed: its ids, its moments, and what has an entry of its own.
const LEFT_OUT: [&str; 8] =
    ["id", "workspaceId", "visibleFrom", "readyFrom", "created", "updated", "definition", "publication"];

/// Every item of the workspace with its definition parts, and its folders.
///
/// # Errors
/// The document is not a tenant as the emulator describes it.
pub(super) fn of(world: &Value, workspace: &str) -> anyhow::Result<Snapshot> {
    let names = Names::of(world, workspace)?;
    let mut snapshot = Snapshot::new();
    for folder in rows(world, "folders")?.iter().filter(|folder| text(folder, "workspaceId") == workspace) {
        snapshot.insert(names.mask(text(folder, "id")), String::new());
    }
    for item in rows(world, "items")?.iter().filter(|item| text(item, "workspaceId") == workspace) {
        let name = label(item);
        let fields = item.as_object().context("an item is no object")?;
        let mut told: Map<String, Value> = fields
            .iter()
            .filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        told.insert("published".to_owned(), fields.contains_key("publication").into());
        snapshot.insert(name.clone(), names.mask(&Value::Object(told).to_string()));
        let parts = item.pointer("/definition/parts").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let content = STANDARD.decode(text(part, "payload")).context("a payload is not base64")?;
            let content = names.mask(&String::from_utf8_lossy(&content));
            snapshot.insert(format!("{name}, {}", text(part, "path")), content);
        }
    }
    Ok(snapshot)
}

/// Ids, as texts show them, with what stands in their place.
struct Names(Vec<(String, String)>);

impl Names {
    fn of(world: &Value, workspace: &str) -> anyhow::Result<Self> {
        let mut names = Vec::new();
        let mut add = |id: &str, name: String| {
            names.push((id.replace('-', ""), name.clone()));
            names.push((id.to_owned(), name));
        };
        for each in rows(world, "workspaces")? {
            let own = text(each, "id") == workspace;
            add(
                text(each, "id"),
                if own { "<workspace>".to_owned() } else { format!("<workspace {}>", text(each, "displayName")) },
            );
        }
        for item in rows(world, "items")? {
            add(text(item, "id"), format!("<{}>", label(item)));
        }
        let folders = rows(world, "folders")?;
        for folder in folders {
            add(text(folder, "id"), format!("folder {}", path_of(folder, folders)));
        }
        let own = rows(world, "workspaces")?.iter().find(|each| text(each, "id") == workspace);
        let name = own.map(|own| text(own, "displayName")).unwrap_or_default().to_owned();
        names.push((name.replace(' ', "%20"), "<name of the workspace>".to_owned()));
        names.push((name, "<name of the workspace>".to_owned()));
        Ok(Self(names))
    }

    fn mask(&self, content: &str) -> String {
        self.0.iter().fold(content.to_owned(), |content, (id, name)| content.replace(id.as_str(), name))
    }
}

fn path_of(folder: &Value, folders: &[Value]) -> String {
    let parent = folders
        .iter()
        .find(|other| !text(folder, "parentFolderId").is_empty() && other.get("id") == folder.get("parentFolderId"));
    let before = parent.map(|parent| path_of(parent, folders)).unwrap_or_default();
    format!("{before}/{}", text(folder, "displayName"))
}

fn label(item: &Value) -> String {
    format!("{} {}", text(item, "type"), text(item, "displayName"))
}

fn rows<'a>(world: &'a Value, section: &str) -> anyhow::Result<&'a Vec<Value>> {
    world.get(section).and_then(Value::as_array).with_context(|| format!("the tenant has no `{section}`"))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
