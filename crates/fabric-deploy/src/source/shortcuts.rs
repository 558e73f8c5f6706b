//! The shortcuts of a lakehouse: its `shortcuts.metadata.json` becomes shortcuts that are deployed one by one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::part::Context;
use super::tree::{SourceFile, SourceItem};
use crate::content::{Reference, WorkspaceRef};
use crate::desired::{DesiredShortcut, ShortcutKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::parameter::token::Tokens;

const FILE: &str = "shortcuts.metadata.json";
/// What stands for the lakehouse itself and for its workspace.
const ZERO: &str = "00000000-0000-0000-0000-000000000000";

/// Whether this file of an item of this type describes shortcuts.
pub(super) fn is_file(item_type: &str, path: &str) -> bool {
    item_type == "Lakehouse" && path == FILE
}

/// The shortcuts that `file` describes; `None` where it cannot be read, which is reported.
pub(super) fn read(
    context: &Context<'_>,
    item: &SourceItem,
    file: &SourceFile,
    matched: &mut Vec<usize>,
    diagnostics: &mut Diagnostics,
) -> Option<BTreeMap<ShortcutKey, DesiredShortcut>> {
    let source = item.path.join(&file.path);
    // A file that is not text or not JSON was reported when it was read.
    let text = file.text()?;
    let (text, mut tokens) = context.rewrite(item, &file.path, &source, text, matched, diagnostics);
    let mut refuse = |code: &'static str, message: String, remedy: &str| {
        diagnostics.push(Diagnostic::error(code, message).at(Place::file(&source)).remedy(remedy));
    };
    if tokens.have_secrets() {
        let message = "a shortcut cannot hold a secret: its target is shown in plans and on record".to_owned();
        refuse("secret-not-here", message, "Leave the secret to the connection, and exclude this file by `file_path`.");
        return None;
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Some(BTreeMap::new());
    }
    let Some(listed) = serde_json::from_str::<Vec<Value>>(text).ok() else {
        refuse("shortcut-malformed", format!("{FILE} is not a list of shortcuts"), "Write a JSON array.");
        return None;
    };
    let mut shortcuts = BTreeMap::new();
    for (index, mut shortcut) in listed.into_iter().enumerate() {
        let text_of = |name: &str| shortcut.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = match (text_of("path"), text_of("name")) {
            (Some(path), Some(name)) => ShortcutKey::new(&path, name),
            _ => {
                let message = format!("the shortcut at index {index} has no `path` or no `name`");
                refuse("shortcut-malformed", message, "Name the folder that holds it, and the shortcut.");
                continue;
            }
        };
        let segments = key.path.split('/').chain([key.name.as_str()]);
        if key.name.contains('/') || segments.into_iter().any(|segment| matches!(segment, "" | "." | "..")) {
            refuse("shortcut-bad-path", format!("`{key}` is not a path"), "Write a path such as Files/landing.");
            continue;
        }
        let Some(target) = shortcut.get_mut("target").map(Value::take).filter(Value::is_object) else {
            refuse("shortcut-malformed", format!("the shortcut {key} has no `target`"), "Write what it points to.");
            continue;
        };
        let content = content(item, target, shortcut.get_mut("transform").map(Value::take), &mut tokens);
        let desired = DesiredShortcut { content: tokens.split(content), source: source.clone() };
        if shortcuts.insert(key.clone(), desired).is_some() {
            refuse("shortcut-duplicate", format!("the shortcut {key} is described twice"), "Remove one of the two.");
        }
    }
    Some(shortcuts)
}

/// What is sent and compared. An all-zero item is the lakehouse itself, a workspace that is all-zero or missing is its own.
fn content(item: &SourceItem, mut target: Value, transform: Option<Value>, tokens: &mut Tokens) -> String {
    if let Some(Value::Object(place)) = target.get_mut("oneLake") {
        if is_zero(place.get("itemId")) {
            let own = tokens.token(&Reference::item_id(item.platform.key.clone()));
            place.insert("itemId".to_owned(), Value::String(own));
        }
        if place.get("workspaceId").is_none_or(|id| is_zero(Some(id))) {
            let own = tokens.token(&Reference::WorkspaceId(WorkspaceRef::Target));
            place.insert("workspaceId".to_owned(), Value::String(own));
        }
    }
    let mut content = Map::new();
    content.insert("target".to_owned(), target);
    if let Some(transform) = transform.filter(|transform| !transform.is_null()) {
        content.insert("transform".to_owned(), transform);
    }
    Value::Object(content).to_string()
}

fn is_zero(id: Option<&Value>) -> bool {
    id.and_then(Value::as_str) == Some(ZERO)
}
